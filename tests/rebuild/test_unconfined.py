"""Without a sandbox: the same recipe, for one's own work."""

from __future__ import annotations

import time
import uuid
from pathlib import Path

import pytest

from checks.rebuild.sandbox import Command, SandboxError
from checks.rebuild.unconfined import Unconfined
from tests.rebuild.place import PATIENCE, SHORT, living


def test_unconfined_runs_the_same_recipe(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANVAS_TOKEN", "hunter2")
    (tmp_path / "remote").mkdir()
    (tmp_path / "remote" / "object").write_text("object")
    out = tmp_path / "out"
    out.mkdir()
    run = Unconfined().run(
        Command(
            ["sh", "-c", "env; cat .storage/object > copy; rm .storage/object; exit 3"],
            work=work,
            read_only={tmp_path / "remote": ".storage"},
            results=["copy"],
            out=out,
        )
    )
    assert (run.exit_code, run.ended) == (3, "exited")
    assert b"hunter2" not in run.output
    assert [path.name for path in out.iterdir()] == ["copy"]
    assert (tmp_path / "remote" / "object").exists()


def test_unconfined_ends_too(work: Path) -> None:
    marker = uuid.uuid4().hex
    began = time.monotonic()
    run = Unconfined().run(Command(["sh", "-c", "trap '' TERM; sleep 600", marker], work=work, limits=SHORT))
    assert (run.ended, run.exit_code) == ("timeout", None)
    assert time.monotonic() - began < SHORT.wall_seconds + PATIENCE
    assert not living(marker)
    with pytest.raises(SandboxError, match="did not start"):
        Unconfined().run(Command(["no-such-command"], work=work))
