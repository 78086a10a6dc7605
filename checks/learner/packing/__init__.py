"""Packing a learner's work into one archive: what proves that it was done, and nothing else of the clone."""
