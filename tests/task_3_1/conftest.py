"""One engine for all: who builds an image of its name waits for the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from filelock import FileLock


@pytest.fixture
def engine() -> Iterator[None]:
    """The engine alone: `reproducibility-docker` is one name for everybody."""
    with FileLock("/tmp/mlsd-docker-engine.lock"):
        yield
