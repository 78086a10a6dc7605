"""The process that keeps one sandbox: it makes private mounts, starts bubblewrap, watches it and ends it.

It is a program of its own, because a process with threads cannot enter new namespaces. Starting Python is most of what
a sandbox costs, so it imports little, nothing of ours from outside this folder, and not even `json`, `socket` or
`subprocess`, which would take more than all the rest.
"""
