"""The files of one commit of a Git repository."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from checks import limits
from checks.evidence.git.ignore import is_ignored
from checks.evidence.git.listing import EXECUTABLE, PLAIN_FILES
from checks.evidence.git.objects import TooManyFilesError
from checks.expect import Failure

if TYPE_CHECKING:
    from checks.evidence.git.commit import Commit
    from checks.evidence.git.repository import Git


class Snapshot:
    """The files of one commit. Paths are relative to the repository's root."""

    def __init__(self, git: Git, commit: Commit) -> None:
        self._git = git
        self.commit = commit

    def id(self, path: str) -> str | None:
        """The id of the object at `path` (a file's or a folder's), or None."""
        entry = self._git.entry(self.commit.tree, path) if path else (self.commit.tree, 0)
        return entry[0] if entry else None

    def is_file(self, path: str) -> bool:
        """Whether a plain file was committed at `path`: no folder, link or submodule."""
        entry = self._git.entry(self.commit.tree, path)
        return entry is not None and entry[1] in PLAIN_FILES

    def is_executable(self, path: str) -> bool:
        """Whether a plain file was committed at `path` as one that can be executed."""
        entry = self._git.entry(self.commit.tree, path)
        return entry is not None and entry[1] == EXECUTABLE

    def read(self, path: str, limit: int = limits.TEXT_BYTES) -> bytes | None:
        """The committed bytes of a plain file, or None where there is none. Raises Failure beyond `limit` bytes."""
        entry = self._git.entry(self.commit.tree, path)
        if entry is None or entry[1] not in PLAIN_FILES:
            return None
        return self._git.blob(entry[0], limit)

    def paths(self, below: str = "", ending: str = "") -> Iterator[str]:
        """The paths of the plain files below a folder whose names end in `ending`, in Git's order."""
        return (path for path, _blob in self.files(below, ending))

    def files(self, below: str = "", ending: str = "") -> Iterator[tuple[str, str]]:
        """The same, each with the id of its content."""
        root = self.id(below)
        if root is None:
            return
        start = f"{below}/" if below else ""
        try:
            for path, blob in self._git.files(root, ending):
                yield start + path, blob
        except TooManyFilesError:
            raise Failure(
                looked_at=f"commit {self.commit.short}: {below or '.'}",
                expected=f"at most {limits.TREE_ENTRIES:,} files",
                found="more",
                fix="keep data and environments out of Git: .gitignore",
            ) from None

    def ignores(self, path: str) -> bool:
        """Whether the committed `.gitignore` files make Git ignore `path`."""
        return is_ignored(path, self.read)
