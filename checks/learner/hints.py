"""The hints that a learner has seen: `.mlsd/hints.json` in the clone, ignored by Git."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

MEMORY = Path(".mlsd/hints.json")


def next_hint(clone: Path, step: str, hints: Sequence[str]) -> tuple[int, str]:
    """The next hint of a step that was not shown yet, with its level from 1; the last one again where all were."""
    seen = _read(clone / MEMORY)
    level = min(seen.get(step, 0) + 1, len(hints))
    seen[step] = level
    _write(clone / MEMORY, seen)
    return level, hints[level - 1]


def hints_shown(clone: Path, step: str) -> int:
    """The number of hints of a step that were shown."""
    return _read(clone / MEMORY).get(step, 0)


def _read(where: Path) -> dict[str, int]:
    try:
        document = json.loads(where.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # nothing remembered: start again at the first hint
        return {}
    items = document.items() if isinstance(document, dict) else ()
    return {step: level for step, level in items if type(level) is int and level >= 0}


def _write(where: Path, seen: dict[str, int]) -> None:
    where.parent.mkdir(parents=True, exist_ok=True)
    unfinished = where.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(seen, indent=2) + "\n", encoding="utf-8")
    os.replace(unfinished, where)
