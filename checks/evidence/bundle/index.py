"""The index of a Git pack (`.idx`, version 2), worked out from the pack alone: the id of every object in it.

Format: https://git-scm.com/docs/gitformat-pack#_version_2_pack_idx_files_support_packs_larger_than_4_gib_and.
"""

from __future__ import annotations

import hashlib
import itertools
import struct
from collections import defaultdict
from dataclasses import dataclass

from checks import limits
from checks.evidence.bundle.delta import apply_delta, sizes
from checks.evidence.bundle.errors import BundleError, IncompleteBundleError, LargeBundleError
from checks.evidence.bundle.pack import Entry, Pack

_MAGIC = b"\xfftOc" + struct.pack(">I", 2)


@dataclass(frozen=True, slots=True)
class _Whole:
    """An object whose bytes are known, on which others build."""

    at: int
    id: bytes
    kind: bytes
    content: bytes


class _Index:
    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._steps = limits.PACK_DELTA_STEPS
        self._checks: dict[int, int] = {}
        self._ids: dict[bytes, int] = {}
        self._behind: defaultdict[int | bytes, list[Entry]] = defaultdict(list)
        """The entries that build on one that is at a place, or that has an id."""

    def make(self) -> bytes:
        whole: list[tuple[Entry, bytes]] = []
        for entry, content, check in self._pack.entries():
            self._checks[entry.at] = check
            if entry.kind is not None:
                whole.append((entry, self._note(entry.at, entry.kind, content)))
            elif entry.base is not None:
                self._behind[entry.base].append(entry)
        for entry, name in whole:
            if entry.kind is not None and (entry.at in self._behind or name in self._behind):
                self._build_on(_Whole(entry.at, name, entry.kind, self._pack.stored(entry)))
        if self._behind:
            raise IncompleteBundleError("its pack holds differences from objects that are not in it")
        return self._written()

    def _note(self, at: int, kind: bytes, content: bytes) -> bytes:
        digest = hashlib.sha1(b"%s %d\0" % (kind, len(content)), usedforsecurity=False)
        digest.update(content)
        if self._ids.setdefault(digest.digest(), at) != at:
            raise BundleError(f"its pack holds object {digest.hexdigest()} twice")
        return digest.digest()

    def _build_on(self, first: _Whole) -> None:
        """Work out everything that builds on an object, and what builds on that."""
        waiting = [first]
        held = len(first.content)
        while waiting:
            base = waiting.pop()
            for entry in self._behind.pop(base.at, []) + self._behind.pop(base.id, []):
                delta = self._pack.stored(entry)
                self._pack.spend(sizes(delta)[1])
                content, self._steps = apply_delta(base.content, delta, self._steps)
                name = self._note(entry.at, base.kind, content)
                if entry.at in self._behind or name in self._behind:
                    waiting.append(_Whole(entry.at, name, base.kind, content))
                    held += len(content)
                    if held > limits.PACK_HELD_BYTES:
                        raise LargeBundleError("its objects build on each other more than honest work's do")
            held -= len(base.content)

    def _written(self) -> bytes:
        found = sorted(self._ids.items())
        firsts = [0] * 256
        for name, _at in found:
            firsts[name[0]] += 1
        index = b"".join(
            (
                _MAGIC,
                struct.pack(">256I", *itertools.accumulate(firsts)),
                b"".join(name for name, _at in found),
                struct.pack(f">{len(found)}I", *(self._checks[at] for _name, at in found)),
                struct.pack(f">{len(found)}I", *(at for _name, at in found)),
                self._pack.checksum,
            )
        )
        return index + hashlib.sha1(index, usedforsecurity=False).digest()


def index_of(pack: bytes) -> bytes:
    """The index of a pack of at most 2 GiB. Raises BundleError where the pack is damaged, incomplete or a bomb."""
    return _Index(Pack(pack)).make()
