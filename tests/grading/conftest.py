"""Hostile grounds, the corpus, and whether this machine notes when a file is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.grading import hostile_documents, hostile_files, hostile_git, hostile_tools  # noqa: F401 - they register
from tests.grading.ground import ATTACKS, forget_reading, read_files


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for an `attack` is run for each."""
    if "attack" in metafunc.fixturenames:
        metafunc.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))


@pytest.fixture(scope="session")
def reading_shows(tmp_path_factory: pytest.TempPathFactory) -> bool:
    """Whether the file system notes the time of reading: without it, one proof less is made."""
    folder: Path = tmp_path_factory.mktemp("atime")
    (folder / "file").write_bytes(b"x")
    forget_reading(folder)
    (folder / "file").read_bytes()
    return read_files(folder) == ["file"]
