"""The references of a Git repository: branches, tags and HEAD, read from its files.

Formats: https://git-scm.com/docs/gitrepository-layout (`refs`, `packed-refs`, `HEAD`, `shallow`).
"""

from __future__ import annotations

import re
from functools import cached_property

from checks import limits
from checks.evidence.files import Files, Kind
from checks.expect import Malformed

_ID = re.compile(r"[0-9a-f]{40}\Z")
_SHA_256 = re.compile(r"[0-9a-f]{64}\Z")
_DEPTH = 8
_LOOSE_BYTES = 1024
SOLUTION = "solution/"
"""A learner's branch is `solution/<slug of the id>`."""


class References:
    """The references below a repository's folder."""

    def __init__(self, files: Files, folder: str) -> None:
        self._files = files
        self._folder = folder
        if files.is_folder(self._inside("reftable")):
            raise Malformed(self._inside("reftable"), "a reftable, where Git's default is files (git refs migrate)")

    def _inside(self, path: str) -> str:
        return f"{self._folder}/{path}" if self._folder else path

    def _text(self, path: str) -> str:
        if not self._files.is_file(self._inside(path)):
            return ""
        return self._files.read(self._inside(path)).decode("utf-8", "replace")

    @cached_property
    def all(self) -> dict[str, str]:
        """Each reference's full name and the id of the object that it names, sorted by name. HEAD is among them."""
        refs = self._files.kind(self._inside("refs"))
        if refs not in (Kind.FOLDER, Kind.MISSING):
            raise Malformed(self._inside("refs"), str(refs))
        found: dict[str, str] = {}
        for line in self._text("packed-refs").split("\n"):
            target, _, name = line.removesuffix("\r").partition(" ")
            if _ID.match(target) and name.startswith("refs/"):
                found[name] = target
        self._need_few(len(found))
        self._add_loose("refs", found, _DEPTH, 0)
        head = self._text("HEAD").strip()
        target = found.get(head.removeprefix("ref: ").strip(), "") if head.startswith("ref: ") else head
        if _ID.match(target):
            found["HEAD"] = target
        return dict(sorted(found.items()))

    def _add_loose(self, path: str, found: dict[str, str], depth: int, looked_at: int) -> int:
        for entry in self._files.entries(self._inside(path)):
            looked_at += 1
            self._need_few(max(looked_at, len(found)))
            name = f"{path}/{entry.name}"
            if entry.kind is Kind.FOLDER and depth:
                looked_at = self._add_loose(name, found, depth - 1, looked_at)
            elif entry.kind is Kind.FILE and entry.size <= _LOOSE_BYTES and not entry.name.endswith(".lock"):
                target = self._text(name).strip()
                if _SHA_256.match(target):
                    what = "an id of 64 digits: the repository was made with --object-format=sha256"
                    raise Malformed(self._inside(name), what)
                if _ID.match(target):
                    found[name] = target
        return looked_at

    def _need_few(self, count: int) -> None:
        if count > limits.TAGS:
            raise Malformed(self._inside("refs"), f"more than {limits.TAGS:,} branches and tags")

    def below(self, prefix: str) -> dict[str, str]:
        """The references whose full name starts with `prefix`, by the rest of their name."""
        return {name.removeprefix(prefix): target for name, target in self.all.items() if name.startswith(prefix)}

    @cached_property
    def head(self) -> str | None:
        """The full name of the branch that HEAD is on, or None where it is detached."""
        head = self._text("HEAD").strip()
        return head.removeprefix("ref: ").strip() if head.startswith("ref: ") else None

    def branch(self) -> str:
        """The full name of the branch that holds the learner's work.

        HEAD's, where it is a solution branch; else the only solution branch there is, local ones first;
        else HEAD's, whatever it is (`HEAD` where it is detached).
        """
        if self.head and self.head.startswith(f"refs/heads/{SOLUTION}"):
            return self.head
        for pattern in (rf"refs/heads/{SOLUTION}", rf"refs/remotes/[^/]+/{SOLUTION}"):
            candidates = [name for name in self.all if re.match(pattern, name)]
            if len(candidates) == 1:
                return candidates[0]
        return self.head or "HEAD"

    def shallow(self) -> frozenset[str]:
        """The commits at which a shallow clone's history was cut."""
        return frozenset(filter(_ID.match, self._text("shallow").split()))
