"""A local conda channel and a `conda` command for the tests."""

from __future__ import annotations


def start() -> dict[str, str]:
    """Build them where the machine has none; the variables by which they are found."""
    return {}


def stop() -> None:
    """Nothing runs on."""
