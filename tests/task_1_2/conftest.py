"""A Python that starts at once, for the scripts of task 1.2."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.at_hand import at_hand


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory, tools: str) -> Iterator[str]:
    """The folder with a `dvc` that starts at once, and a `python` beside it. Without `fork`, an empty one."""
    if not hasattr(os, "fork"):
        yield tools
        return
    folder = tmp_path_factory.mktemp("python")
    (folder / "dvc").symlink_to(Path(tools, "dvc"))
    with at_hand("python", folder / "python"):
        yield str(folder)
