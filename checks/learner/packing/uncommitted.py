"""What of the learner's work is in no commit yet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pygit2
from pygit2.enums import FileStatus

from checks.core.learner import LEARNER_FILE

_NOTHING = FileStatus.CURRENT | FileStatus.IGNORED


def uncommitted(clone: Path, folders: Sequence[str]) -> list[str]:
    """The paths in these folders that `git status` would name, and `learner.toml`, sorted."""
    status = pygit2.Repository(str(clone)).status(untracked_files="all", ignored=False)
    inside = (*(f"{folder}/" for folder in folders), LEARNER_FILE)
    return sorted(path for path, flags in status.items() if path.startswith(inside) and flags & ~_NOTHING)
