"""The sandbox of this machine, shared by all tests that need one."""

from __future__ import annotations

import os

import pytest

from checks.rebuild.sandbox import Sandbox, SandboxUnavailable, find_sandbox


@pytest.fixture(scope="session")
def box() -> Sandbox:
    """Skips by name where none works, and fails where engines are required."""
    try:
        return find_sandbox()
    except SandboxUnavailable as unavailable:
        if os.environ.get("REQUIRE_ENGINES") == "1":
            raise
        pytest.skip(f"bubblewrap: {unavailable.reason}")
