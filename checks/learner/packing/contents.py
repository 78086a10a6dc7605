"""The files of a clone that are handed in, and what the learner should know about them."""

from __future__ import annotations

import posixpath
from enum import StrEnum

from checks import limits
from checks.evidence.files import Entry, Files, Kind

_NEVER = frozenset({".git", "config.local", "__pycache__"})
"""Git's own folder (a bundle goes in its place), DVC's file for secrets, and what Python makes again."""


class Group(StrEnum):
    """The reason for which a file is handed in."""

    COMMITTED = "committed files, as they are on your disk"
    DVC = "DVC: the data that your commits name, in cache and remote"
    MLFLOW = "MLflow: stores and artifacts"
    CONDA = "Conda: what is installed in your environments"
    ASKED = "what your runs wrote, and what else the task asks for"


class Contents:
    """Paths of the clone that go into the archive, each in the group that came first; notes for the learner."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.groups: dict[str, Group] = {}
        self.notes: list[str] = []

    def add(self, path: str, group: Group) -> bool:
        """Hand a file in, where it is there; whether it was."""
        path = posixpath.normpath(path)
        if _NEVER.intersection(path.split("/")) or not self.files.is_file(path):
            return False
        if any(ord(character) < 0x20 or character == "\\" or 0xD800 <= ord(character) < 0xE000 for character in path):
            self.note(f"left out, as graders refuse such a name: {path!r}")
            return False
        self.groups.setdefault(path, group)
        return True

    def add_folder(self, folder: str, group: Group) -> None:
        """Hand in every file in a folder, where there is one."""
        waiting = [(folder, entry) for entry in self.files.entries(folder)]
        while waiting:
            at, entry = waiting.pop()
            path = posixpath.join(at, entry.name)
            if entry.kind is Kind.FOLDER and path.count("/") < limits.ARCHIVE_DEPTH - 1:
                waiting += [(path, inner) for inner in self._inside(path)]
            elif entry.kind is not Kind.FOLDER:
                self.add(path, group)

    def add_all(self, path: str, group: Group) -> bool:
        """Hand in the file at a path, or every file in the folder there; whether there is such a file or folder."""
        if self.add(path, group):
            return True
        self.add_folder(path, group)
        return self.files.is_folder(path)

    def note(self, text: str) -> None:
        """Tell the learner something, once."""
        if text not in self.notes:
            self.notes.append(text)

    def _inside(self, folder: str) -> list[Entry]:
        return [] if posixpath.basename(folder) in _NEVER else self.files.entries(folder)
