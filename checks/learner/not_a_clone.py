"""Why a folder can't be worked in as a clone."""

from __future__ import annotations


class NotAClone(Exception):  # noqa: N818 - a state of the folder, told to the learner in one line
    """The folder is no Git repository with a commit, or its branch can't be changed now. The message says why."""
