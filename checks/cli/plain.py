"""Signs that a stream's encoding lacks, in plain letters: a terminal with an old code page."""

from __future__ import annotations

import codecs
import unicodedata
from typing import TextIO

_HANDLER = "mlsd-plain"
_SIGNS = {"✓": "+", "✗": "x", "·": ".", "…": "...", "─": "-", "│": "|", "→": "->"}


def allow(stream: TextIO) -> None:
    """Let the stream take any text. The outcome's word stands beside each sign, so that nothing is lost."""
    codecs.register_error(_HANDLER, _plain)
    reconfigure = getattr(stream, "reconfigure", None)  # a stream that was put in its place may lack it
    if reconfigure:
        reconfigure(errors=_HANDLER)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What is written for characters that can't be: a sign's plain form, a letter without its accent, or `?`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_letter, error.object[error.start : error.end])), error.end


def _letter(char: str) -> str:
    bare = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode("ascii")
    return _SIGNS.get(char) or bare or "?"
