"""An image's history, as builders write it, held against the instructions of a Dockerfile.

The older builder writes `/bin/sh -c #(nop)  USER ada` and `/bin/sh -c pip install ...`, BuildKit `USER ada` and
`RUN /bin/sh -c pip install ... # buildkit`. Sources: `dispatchers.go` of
https://github.com/moby/moby/tree/v20.10.24/builder/dockerfile and `convert.go` of
https://github.com/moby/buildkit/tree/master/frontend/dockerfile/dockerfile2llb.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.evidence.docker.image import Layer
from checks.evidence.docker.lines import KEYWORDS, Instruction

_NOT_RUN = re.compile(r"(?:\|\d+ .*)?/bin/sh -c #\(nop\)\s+([A-Z]+)(?:\s+(.*))?\Z", re.DOTALL)
_BUILDKIT = re.compile(rf"({'|'.join(sorted(KEYWORDS - {'FROM'}))})\s(.*)\Z", re.DOTALL)
_BUILDKIT_MARK = " # buildkit"
_OPTIONS_ENTRIES = 2
"""Entries that `docker build --label` adds at the end."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first instruction that the history does not show, and the entry in its place; None where there is none."""

    instruction: Instruction
    found: str | None


def difference(instructions: tuple[Instruction, ...], history: tuple[Layer, ...]) -> Difference | None:
    """How the end of the history differs from the instructions, or None where it is their work.

    What comes before is the base image's. Labels that the command line added may follow.
    """
    entries = [_entry(layer.created_by) for layer in history]
    best: tuple[int, Difference | None] = -1, None
    for extra in range(_OPTIONS_ENTRIES + 1):
        end = len(entries) - extra
        if extra and (end < 0 or entries[end][0] != "LABEL"):
            break
        tail = entries[max(0, end - len(instructions)) : end]
        agreeing, found = _compared(instructions, tail)
        if found is None:
            return None
        if agreeing > best[0]:
            best = agreeing, found
    return _added(instructions, entries) or best[1]


def _added(instructions: tuple[Instruction, ...], entries: list[tuple[str, str]]) -> Difference | None:
    """The difference where something else was put on top of the instructions' work: `docker commit` saves a container so."""
    for extra in range(1, _OPTIONS_ENTRIES + 2):
        end = len(entries) - extra
        if end >= len(instructions) and _compared(instructions, entries[end - len(instructions) : end])[1] is None:
            return Difference(instructions[-1], f"that, and after it {' '.join(entries[-1])}")
    return None


def _compared(instructions: tuple[Instruction, ...], tail: list[tuple[str, str]]) -> tuple[int, Difference | None]:
    """The number of entries that agree, and the first, from the oldest on, that does not."""
    padded: list[tuple[str, str] | None] = [None] * (len(instructions) - len(tail)) + list(tail)
    pairs = list(zip(instructions, padded, strict=True))
    wrong = [(instruction, entry) for instruction, entry in pairs if entry is None or not _agree(instruction, entry)]
    if not wrong:
        return len(pairs), None
    instruction, entry = wrong[0]
    return len(pairs) - len(wrong), Difference(instruction, " ".join(entry).strip() if entry else None)


def _entry(created_by: str) -> tuple[str, str]:
    """The keyword of an entry and what follows it."""
    text = created_by.removesuffix(_BUILDKIT_MARK)
    if found := _NOT_RUN.match(text) or _BUILDKIT.match(text):
        return found[1], found[2] or ""
    return "RUN", text


def _agree(instruction: Instruction, entry: tuple[str, str]) -> bool:
    keyword, text = entry
    if keyword != instruction.keyword:
        return False
    if instruction.heredoc or "$" in instruction.text:
        # BuildKit writes here-documents whole and variables' values; what they mean the configuration shows.
        return instruction.keyword != "RUN" or instruction.heredoc or _ends_with(text, instruction)
    if keyword == "RUN":
        return _ends_with(text, instruction)
    if keyword in ("COPY", "ADD"):
        words = text.split()
        # The older builder names contents by their hash: `file:1f3... in . `.
        return " in " in f"{text} " or set(instruction.words) <= set(words)
    return True


def _ends_with(text: str, instruction: Instruction) -> bool:
    return " ".join(text.split()).endswith(" ".join(" ".join(instruction.words).split()))
