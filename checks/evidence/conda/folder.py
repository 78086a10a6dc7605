"""The files of conda in one task folder: the environment file, its locks, its environments."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from checks import limits
from checks.evidence.conda.environment import Environment, parse_environment
from checks.evidence.conda.lock import Lock, is_explicit, parse_explicit, parse_lock
from checks.evidence.conda.prefix import Prefix, find_prefixes, read_prefix
from checks.evidence.files import Files

if TYPE_CHECKING:
    from checks.evidence import Place, Snapshot

ENVIRONMENT = "environment.yml"
_ENVIRONMENTS = (ENVIRONMENT, "environment.yaml")
_LOCKS = ("conda-lock.yml", "conda-lock.yaml")
_LISTS = (".txt", ".lock")
_FOLDERS_DEEP = 1
"""Locks may be in a folder of their own, such as `locks/`."""


def read(place: Place) -> Conda:
    """The conda files of a task folder."""
    return Conda(place.files, place.folder)


class Conda:
    """The conda files of a task folder. Paths are relative to the submission's root."""

    def __init__(self, files: Files, folder: str) -> None:
        self._files = files
        self.folder = folder
        self._locks: dict[str, tuple[Lock, ...]] = {}

    def environment_path(self, snapshot: Snapshot) -> str | None:
        """The path of the committed environment file, or None."""
        paths = [posixpath.join(self.folder, name) for name in _ENVIRONMENTS]
        return next((path for path in paths if snapshot.is_file(path)), None)

    def environment(self, snapshot: Snapshot) -> Environment | None:
        """The committed environment file, or None. Raises Malformed where it is malformed."""
        path = self.environment_path(snapshot)
        data = snapshot.read(path) if path else None
        return None if path is None or data is None else parse_environment(data, posixpath.relpath(path, self.folder))

    def locks(self, snapshot: Snapshot) -> tuple[Lock, ...]:
        """The committed locks: a lock file of conda-lock where there is one, or else the `@EXPLICIT` lists.

        Raises Malformed where one is malformed, Unavailable where one is of a newer format.
        """
        tree = snapshot.id(self.folder) or ""
        if tree not in self._locks:
            self._locks[tree] = self._parsed(snapshot)
        return self._locks[tree]

    def _parsed(self, snapshot: Snapshot) -> tuple[Lock, ...]:
        start = f"{self.folder}/"
        every = snapshot.paths(self.folder)
        paths = sorted(path for path in every if path.removeprefix(start).count("/") <= _FOLDERS_DEEP)

        def files(endings: tuple[str, ...]) -> Iterator[tuple[bytes, str]]:
            for path in paths:
                if path.endswith(endings):
                    data = snapshot.read(path, limits.CONDA_LOCK_BYTES) or b""
                    yield data, posixpath.relpath(path, self.folder)

        locks = tuple(parse_lock(*file) for file in files(_LOCKS))
        return locks or tuple(parse_explicit(*file) for file in files(_LISTS) if is_explicit(file[0]))

    def prefix_paths(self) -> list[str]:
        """The folders of the environments in the task folder."""
        return find_prefixes(self._files, self.folder)

    def prefixes(self) -> tuple[Prefix, ...]:
        """These environments. Raises Malformed where a record in one is malformed."""
        return tuple(read_prefix(self._files, path) for path in self.prefix_paths())
