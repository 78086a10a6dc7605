"""The artifacts of a finished clone, and every change of each: of commits and tags, of files that tools left, of stores."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from checks.selftest.mutation.content import changes
from checks.selftest.mutation.history import History
from checks.selftest.mutation.mutation import Mutation, replaced
from checks.selftest.mutation.store import rows_changed

if TYPE_CHECKING:
    from checks.core.task import Task

_NO_EVIDENCE = {"starter", "solution", "mistakes", "__pycache__", ".git", "tmp"}
_STORE = "mlflow.db"
_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
"""Of a run or a logged model: another one each time."""
_RECORDS = "conda-meta"


def mutations(solved: Path, task: Task) -> Iterator[Mutation]:
    """Every change of what a finished clone holds of a task."""
    history = History(solved, task.folder)
    yield from history.mutations()
    for copies in _left_by_tools(solved, task, history.course_files() | history.files()):
        name = _ID.sub("*", copies[0].relative_to(solved).as_posix())
        together: dict[str, list[tuple[Path, bytes | None]]] = {}
        for path in copies:
            for what, changed in changes(copies[0].as_posix(), path.read_bytes()):
                together.setdefault(what, []).append((path, changed))
        for what, contents in together.items():
            yield Mutation(name, what, partial(_all_replaced, contents))
        if copies[0].name == _STORE:
            for table, (what, changed) in rows_changed(copies[0]):
                yield Mutation(f"{name}:{table}", what, partial(_all_replaced, [(copies[0], changed)]))


@contextmanager
def _all_replaced(contents: Sequence[tuple[Path, bytes | None]]) -> Iterator[None]:
    with ExitStack() as stack:
        for path, content in contents:
            stack.enter_context(replaced(path, content))
        yield


def _left_by_tools(solved: Path, task: Task, committed: frozenset[str]) -> list[list[Path]]:
    """What lies in the task's folder and in the storage without being committed, what is changed together in one list.

    DVC keeps what it tracks in the working folder, in its cache and in the remote, and any of them serves: copies of
    one content go together. MLflow's files that differ by the id of run or model alone do too. Of a conda environment,
    its records are evidence, and what it installed is not.
    """
    found: dict[str, list[Path]] = {}
    for top in (solved / task.folder, solved / ".storage"):
        for folder, names, files in os.walk(top):
            environment = _RECORDS in names
            names[:] = [_RECORDS] if environment else sorted(set(names) - _NO_EVIDENCE)
            for path in () if environment else (Path(folder, name) for name in sorted(files)):
                name = path.relative_to(solved).as_posix()
                if name not in committed and not path.is_symlink():
                    like = _ID.sub("*", name)
                    key = like if like != name else hashlib.sha256(path.read_bytes()).hexdigest()
                    found.setdefault(key, []).append(path)
    return sorted(found.values())
