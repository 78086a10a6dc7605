"""A Git repository's commits, files, branches and tags, and which files it ignores: read without running Git.

`repository.Git` is the way in.
"""
