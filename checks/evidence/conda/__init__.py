"""Reading conda's files: environment files, locks, the records of an environment.

Formats: https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html and
https://conda.github.io/conda-lock/output/.
"""
