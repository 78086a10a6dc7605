"""File names for what is written a submission, safe on Linux, macOS and Windows whatever the submission is called."""

from __future__ import annotations

import hashlib
import itertools
import unicodedata
from collections.abc import Iterable

SUFFIX = ".md"
MAX_BYTES = 120
"""The longest file name, in bytes of UTF-8, its ending included."""
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{device}{digit}" for device in ("com", "lpt") for digit in "0123456789¹²³"}
)
"""Names of devices on Windows, with any ending:
https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions"""


def file_names(submissions: Iterable[str]) -> list[str]:
    """The feedback file's name for each submission, in order. The gradebook links to the same names."""
    taken: set[str] = set()
    return [file_name(submission, taken) for submission in submissions]


def file_name(submission_name: str, taken: set[str], suffix: str = SUFFIX) -> str:
    """A safe name for a submission's file, its feedback's by default, unlike every name in `taken`. It is added to them.

    An ordinary name stays as it is (`ada.tar.gz.md`). One that had to be changed gets a few digits of its hash, so
    that it does not depend on the other submissions. Names that differ only in case count as the same.
    """
    stem = _safe(submission_name)
    digest = hashlib.sha256(submission_name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    changed = stem != submission_name or len((stem + suffix).encode()) > MAX_BYTES
    endings = itertools.chain(
        [] if changed else [""], [f"-{digest}"], (f"-{digest}-{count}" for count in itertools.count(2))
    )
    candidates = (_with(stem, ending + suffix) for ending in endings)
    candidate = next(name for name in candidates if taken.isdisjoint({name, _key(name)}))
    taken.update({candidate, _key(candidate)})
    return candidate


def _safe(name: str) -> str:
    """The name with everything but letters, marks, digits, spaces and `.-_@+` as `_`, and with plain ends."""
    plain = "".join(char if _allowed(char) else "_" for char in unicodedata.normalize("NFC", name))
    plain = plain.strip(". ").lstrip("-+@. ") or "submission"
    return f"_{plain}" if plain.partition(".")[0].strip().casefold() in _RESERVED else plain


def _allowed(char: str) -> bool:
    """Whether a file name may hold the character."""
    return char in " .-_@+" or unicodedata.category(char)[0] in "LMN"


def _with(stem: str, ending: str) -> str:
    """The stem, cut where it must be, with the ending."""
    room = MAX_BYTES - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + ending


def _key(name: str) -> str:
    """What two names have in common that a file system may take for the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
