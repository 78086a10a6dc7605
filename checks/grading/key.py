"""What a verdict depends on beside the submission: a task's checker, its words, and how it was asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from checks.core.course import OWN_COURSE

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.recipe import Rebuild
    from checks.core.selection import Selection

_OF_A_CHECK = ("*.py", "checking/**/*.py", "*.toml", "*.md", "starter/**/*")
"""What of a task's folder may change a verdict. Work that somebody does in it is not looked at."""


def task_keys(course: Course, selection: Sequence[Selection], rebuild: Rebuild | None) -> dict[str, str]:
    """For each task that is asked for, a hash that changes with everything that may change a verdict on it.

    That is this package's code, the task's own folder, the steps that are asked for, and the limits of a rebuild.
    """
    engine = _digest(OWN_COURSE, (OWN_COURSE / "checks").rglob("*.py"))
    keys = {}
    for chosen in selection:
        files = {path for pattern in _OF_A_CHECK for path in chosen.task.path.glob(pattern) if path.is_file()}
        asked = (course.id, sorted(chosen.steps or ()), str(rebuild) if rebuild else "")
        whole = f"{engine} {_digest(chosen.task.path, files)} {asked}"
        keys[chosen.task.id] = hashlib.blake2b(whole.encode(), digest_size=8).hexdigest()
    return keys


def _digest(root: Path, files: Iterable[Path]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(files):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()
