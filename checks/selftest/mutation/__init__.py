"""Mutations of evidence: a finished solution with one artifact changed, which some step must then refuse."""
