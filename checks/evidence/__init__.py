"""Readers of what the learner's tools left behind. They read and never execute; each noun has its own file.

A reader answers with values, or raises `checks.expect.Failure` where a file that it was asked for can't be
what the tool would have written. No reader imports another, but all may read through `files`.
"""
