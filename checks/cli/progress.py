"""Progress of long work on a terminal, or in the log of one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from checks.cli import places

T = TypeVar("T")


def with_progress(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """The items, with a bar on a terminal, and a line at every quarter elsewhere."""
    if places.colorful(sys.stderr):
        from rich.console import Console
        from rich.progress import track

        yield from track(items, description=what, total=total, console=Console(stderr=True))
        return
    for count, item in enumerate(items, start=1):
        if count * 4 // total > (count - 1) * 4 // total:
            places.note(f"{what}: {count} of {total}")
        yield item
