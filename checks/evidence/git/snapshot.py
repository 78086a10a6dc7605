"""The files of one commit of a Git repository."""

from __future__ import annotations

from collections.abc import Iterator

from pygit2.enums import FileMode

from checks import limits
from checks.evidence.git.ignore import is_ignored
from checks.evidence.git.objects import PLAIN_FILES, Commit, Objects


class Snapshot:
    """The files of one commit. Paths are relative to the repository's root."""

    def __init__(self, objects: Objects, commit: Commit) -> None:
        self._objects = objects
        self.commit = commit

    def id(self, path: str) -> str | None:
        """The id of the object at `path` (a file's or a folder's), or None."""
        if not path:
            return self.commit.tree
        entry = self._objects.entry(self.commit.tree, path)
        return entry and entry[0]

    def is_file(self, path: str) -> bool:
        """Whether a plain file was committed at `path`: no folder, link or submodule."""
        entry = self._objects.entry(self.commit.tree, path)
        return entry is not None and entry[1] in PLAIN_FILES

    def is_executable(self, path: str) -> bool:
        """Whether a plain file was committed at `path` as one that can be executed."""
        entry = self._objects.entry(self.commit.tree, path)
        return entry is not None and entry[1] == FileMode.BLOB_EXECUTABLE

    def read(self, path: str, limit: int = limits.TEXT_BYTES) -> bytes | None:
        """The committed bytes of a plain file, or None where there is none. Raises Malformed beyond `limit` bytes."""
        entry = self._objects.entry(self.commit.tree, path)
        if entry is None or entry[1] not in PLAIN_FILES:
            return None
        return self._objects.blob(entry[0], limit)

    def names(self, folder: str) -> list[tuple[str, bool]]:
        """The names in a folder, and whether each is a folder itself; empty where there is no folder."""
        tree = self._objects.entry(self.commit.tree, folder) if folder else (self.commit.tree, FileMode.TREE)
        if tree is None or tree[1] != FileMode.TREE:
            return []
        return [(name, mode == FileMode.TREE) for name, (_, mode) in self._objects.listing(tree[0]).items()]

    def paths(self, below: str = "", ending: str = "") -> Iterator[str]:
        """The paths of the plain files below a folder whose names end in `ending`, in Git's order."""
        return (path for path, _blob in self.files(below, ending))

    def files(self, below: str = "", ending: str = "") -> Iterator[tuple[str, str]]:
        """The same, each with the id of its content."""
        root = self.id(below)
        if root is None:
            return
        start = f"{below}/" if below else ""
        for path, blob in self._objects.files(root, ending):
            yield start + path, blob

    def ignores(self, path: str) -> bool:
        """Whether the committed `.gitignore` files make Git ignore `path`."""
        return is_ignored(path, self.read)
