"""The artifacts of a run or a model: files below one folder, of the submission or of a tracking server."""

from __future__ import annotations

import posixpath
from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import PurePosixPath

from checks import limits
from checks.evidence.files import FileHash, Files, Kind
from checks.expect import Malformed


class Artifacts(ABC):
    """Files by their paths below `folder`, with `/`. Each call raises Malformed where there are more than we list."""

    folder: str
    """The place of the files, as it is shown."""

    def paths(self) -> list[str]:
        """All files, sorted; none where there is no folder."""
        return sorted(self._sizes)

    def is_file(self, path: str) -> bool:
        """Whether a file is at `path`."""
        return path in self._sizes

    def size(self, path: str) -> int:
        """The size of a file, in bytes. Raises Malformed where there is none."""
        if path not in self._sizes:
            raise Malformed(f"{self.folder}/{path[:200]}", "no file")
        return self._sizes[path]

    def read(self, path: str, limit: int = limits.TEXT_BYTES) -> bytes:
        """The bytes of a file. Raises Malformed where there is none, or where it is longer than `limit`."""
        size = self.size(path)
        if size > limit:
            raise Malformed(f"{self.folder}/{path}", f"{size:,} bytes, where at most {limit:,} bytes are read")
        return self._read(path, limit)

    def hash(self, path: str) -> FileHash:
        """The MD5 and size of a file. Raises Malformed like `read`."""
        return FileHash.of(self.read(path, limits.HASHED_BYTES))

    @cached_property
    def _sizes(self) -> dict[str, int]:
        """The size of each file by its path."""
        found: dict[str, int] = {}
        waiting = [("", 0)]
        seen = 0
        while waiting:
            folder, depth = waiting.pop()
            for name, size in self._list(folder):
                seen += 1
                if seen > limits.MLFLOW_ARTIFACTS or depth > limits.MLFLOW_DEPTH:
                    most = f"{limits.MLFLOW_ARTIFACTS:,} files, or in folders more than {limits.MLFLOW_DEPTH} deep"
                    raise Malformed(f"the artifacts in {self.folder}", f"more than {most}")
                path = posixpath.join(folder, name)
                if size is None:
                    waiting.append((path, depth + 1))
                else:
                    found[path] = size
        return found

    @abstractmethod
    def _list(self, folder: str) -> list[tuple[str, int | None]]:
        """The names in a folder below `self.folder`, each with a file's size; None for a folder."""

    @abstractmethod
    def _read(self, path: str, limit: int) -> bytes:
        """The bytes of a file that was listed."""


class FolderArtifacts(Artifacts):
    """Artifacts below a folder of the submission. A link among them counts where it leads to a file inside."""

    def __init__(self, files: Files, folder: str) -> None:
        self._files, self.folder = files, folder

    def below(self, path: str) -> FolderArtifacts:
        """The artifacts in one of the folders; `path` is inside."""
        return FolderArtifacts(self._files, posixpath.join(self.folder, path))

    def _list(self, folder: str) -> list[tuple[str, int | None]]:
        at = posixpath.join(self.folder, folder)
        found: list[tuple[str, int | None]] = []
        for entry in self._files.entries(at):
            path = posixpath.join(at, entry.name)
            if entry.kind is Kind.FOLDER:
                found.append((entry.name, None))
            elif entry.kind is Kind.FILE:
                found.append((entry.name, entry.size))
            elif entry.kind is Kind.LINK and self._files.is_file(path):
                found.append((entry.name, self._files.size(path)))
        return found

    def _read(self, path: str, limit: int) -> bytes:
        return self._files.read(posixpath.join(self.folder, path), limit)


class NoArtifacts(Artifacts):
    """The artifacts of an address that leads nowhere in the submission."""

    def __init__(self, address: str) -> None:
        self.folder = address[:200]

    def _list(self, folder: str) -> list[tuple[str, int | None]]:  # noqa: ARG002 - as in Artifacts
        return []

    def _read(self, path: str, limit: int) -> bytes:
        raise NotImplementedError  # no file was listed


def is_inside(path: str) -> bool:
    """Whether a path stays below the folder that it is relative to."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\0" not in path
