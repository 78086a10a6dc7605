"""What DVC left behind: configuration, pointers, folder listings, objects. Read without DVC.

Formats: https://doc.dvc.org/user-guide/project-structure
"""
