"""One change of one artifact, taken back at the end, so that a single clone serves them all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory


@dataclass(frozen=True, slots=True)
class Mutation:
    """`artifact` is a path in the clone with `/`, or `tag NAME`, or `PATH:TABLE`. `change` says what is done to it."""

    artifact: str
    change: str
    applied: Callable[[], AbstractContextManager[None]]
    """The change holds inside this context, and is taken back at its end."""

    @property
    def name(self) -> str:
        """Both, as a survivor is listed."""
        return f"{self.artifact}: {self.change}"


@contextmanager
def replaced(path: Path, content: bytes | None) -> Iterator[None]:
    """Another content in place of a file's, or no file at all, in here.

    The file itself is moved out of the clone, where no check sees it, and back: its other names, as hard links, keep
    what they have.
    """
    with TemporaryDirectory(prefix="mlsd-kept-") as folder:
        kept = shutil.move(path, folder)
        try:
            if content is not None:
                path.write_bytes(content)
            yield
        finally:
            path.unlink(missing_ok=True)
            shutil.move(kept, path)
