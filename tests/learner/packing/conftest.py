"""Handing in, and looking at what was handed in."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def members() -> Callable[[Path], dict[str, bytes]]:
    """The files of an archive by their path below its folder, hard links as what they stand for."""

    def read(archive: Path) -> dict[str, bytes]:
        found = {}
        with tarfile.open(archive) as tar:
            for info in tar:
                content = tar.extractfile(info)
                assert content is not None
                found[info.name.partition("/")[2]] = content.read()
        return found

    return read
