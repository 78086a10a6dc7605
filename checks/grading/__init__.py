"""Judging a class: a pool of processes or a cluster, the journal of results, the roster, late work, the gradebook."""
