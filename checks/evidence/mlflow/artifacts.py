"""The artifacts of a run or a model: files below one folder of the submission."""

from __future__ import annotations

import posixpath
from functools import cached_property
from pathlib import PurePosixPath
from typing import Protocol

from checks import limits
from checks.evidence.files import FileHash, Files, Kind
from checks.expect import Failure


class Artifacts(Protocol):
    """Where artifacts are, and what they are. Paths are relative to `folder`, with `/`."""

    folder: str
    """Where they are, as one shows it."""

    def paths(self) -> list[str]:
        """All files, sorted; none where there is no folder. Raises Failure beyond the limit."""
        ...

    def is_file(self, path: str) -> bool:
        """Whether a file is at `path`."""
        ...

    def size(self, path: str) -> int:
        """The size of a file, in bytes. Raises Failure where there is no file."""
        ...

    def read(self, path: str, limit: int = limits.TEXT_BYTES) -> bytes:
        """The bytes of a file. Raises Failure where there is none, or where it is longer than `limit`."""
        ...

    def hash(self, path: str) -> FileHash:
        """The MD5 and size of a file. Raises Failure like `read`."""
        ...


class FolderArtifacts:
    """Artifacts below a folder of the submission. A link among them counts where it leads to a file inside."""

    def __init__(self, files: Files, folder: str) -> None:
        self._files = files
        self.folder = folder

    def paths(self) -> list[str]:
        """All files, sorted."""
        return list(self._paths)

    @cached_property
    def _paths(self) -> list[str]:
        found: list[str] = []
        waiting = [(self.folder, 0)]
        seen = 0
        while waiting:
            folder, depth = waiting.pop()
            for entry in self._files.entries(folder):
                seen += 1
                if seen > limits.MLFLOW_ARTIFACTS or depth > limits.MLFLOW_DEPTH:
                    raise too_many(self.folder)
                path = posixpath.join(folder, entry.name)
                if entry.kind is Kind.FOLDER:
                    waiting.append((path, depth + 1))
                elif entry.kind is Kind.FILE or (entry.kind is Kind.LINK and self._files.is_file(path)):
                    found.append(posixpath.relpath(path, self.folder))
        return sorted(found)

    def is_file(self, path: str) -> bool:
        """Whether a file is at `path`."""
        return is_inside(path) and self._files.is_file(posixpath.join(self.folder, path))

    def size(self, path: str) -> int:
        """The size of a file, in bytes."""
        return self._files.size(self._at(path))

    def read(self, path: str, limit: int = limits.TEXT_BYTES) -> bytes:
        """The bytes of a file."""
        return self._files.read(self._at(path), limit)

    def hash(self, path: str) -> FileHash:
        """The MD5 and size of a file."""
        return self._files.hash(self._at(path))

    def _at(self, path: str) -> str:
        return posixpath.join(self.folder, need_inside(path, self.folder))

    def below(self, path: str) -> FolderArtifacts:
        """The artifacts in one of the folders."""
        return FolderArtifacts(self._files, self._at(path))


class NoArtifacts:
    """The artifacts of an address that leads nowhere in the submission."""

    def __init__(self, address: str) -> None:
        self.folder = address[:200]

    def paths(self) -> list[str]:
        """No files."""
        return []

    def is_file(self, path: str) -> bool:  # noqa: ARG002 - as in Artifacts
        """Never."""
        return False

    def size(self, path: str) -> int:
        """Always a Failure."""
        raise self._failure(path)

    def read(self, path: str, limit: int = limits.TEXT_BYTES) -> bytes:  # noqa: ARG002 - as in Artifacts
        """Always a Failure."""
        raise self._failure(path)

    def hash(self, path: str) -> FileHash:
        """Always a Failure."""
        raise self._failure(path)

    def _failure(self, path: str) -> Failure:
        return Failure(
            looked_at=f"the artifact {path[:200]} at {self.folder}",
            expected="a file below the task folder",
            found="an address that leads elsewhere",
            fix="(run it again with the store and mlruns in the task folder)",
        )


def is_inside(path: str) -> bool:
    """Whether a path stays below the folder that it is relative to."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\0" not in path


def need_inside(path: str, folder: str) -> str:
    """The path. Raises Failure where it leads out of the folder."""
    if is_inside(path):
        return path
    raise Failure(
        looked_at=f"the artifacts in {folder}",
        expected="a path below it",
        found=path[:200] or "no path",
        fix="(run it again: the tools write such paths themselves)",
    )


def too_many(folder: str) -> Failure:
    """What a step says of a folder of artifacts that has no end."""
    return Failure(
        looked_at=f"the artifacts in {folder}",
        expected=f"at most {limits.MLFLOW_ARTIFACTS:,} files, in folders at most {limits.MLFLOW_DEPTH} deep",
        found="more",
        fix="(log what describes the model, and leave data out)",
    )
