"""Make a learner's work again from its commit, inside a sandbox."""
