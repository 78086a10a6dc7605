"""The learner's own clone: laying out tasks, putting them back, hints. The only code that writes into it."""
