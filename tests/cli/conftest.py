"""Calling `mlsd` as its users do, in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from checks.cli.main import main


@dataclass(frozen=True)
class Call:
    """What one call gave: its exit code, its report, and what it said beside."""

    code: int
    out: str
    err: str


@pytest.fixture
def mlsd(capsys: pytest.CaptureFixture[str]) -> Callable[..., Call]:
    """The program."""

    def call(*words: object) -> Call:
        capsys.readouterr()
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return Call(code, said.out, said.err)

    return call
