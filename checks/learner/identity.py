"""Who the learner is, in the working tree: `learner.toml` is written once, by `mlsd start`."""

from __future__ import annotations

from pathlib import Path

from checks.core.learner import LEARNER_FILE, format_learner, parse_learner
from checks.model import Identity


def read_identity(clone: Path) -> Identity | None:
    """The learner of a clone, or None where nobody started yet. Raises Failure where the file is malformed."""
    where = clone / LEARNER_FILE
    return parse_learner(where.read_bytes()) if where.is_file() else None


def keep_identity(clone: Path, learner: Identity) -> None:
    """Write `learner.toml` at the clone's root, unless it is there."""
    where = clone / LEARNER_FILE
    if not where.exists():
        where.write_bytes(format_learner(learner).encode())
