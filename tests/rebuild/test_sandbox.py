"""What every sandbox promises: what goes in, what comes out, and what is refused; and the same recipe without one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from checks.rebuild.limits import MIB, Limits
from checks.rebuild.sandbox import Command, Sandbox, SandboxError
from checks.rebuild.tree import TooLarge
from checks.rebuild.unconfined import Unconfined
from tests.rebuild.place import PATIENCE, SHORT, SMALL, Place, living

ROOT = Path(__file__).parents[2]


def test_interpreter_inside_is_ours_and_may_lie_behind_a_link(
    box: Sandbox, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "venv"
    link.symlink_to(sys.prefix)
    monkeypatch.setattr(sys, "prefix", str(link))
    code = "import sys, pytest; print(sys.version); print(sys.prefix)"
    run = box.run(Command([str(link / "bin/python"), "-c", code], work=work))
    assert run.output.decode() == f"{sys.version}\n{link}\n"


def test_files_go_in_and_results_come_out(place: Place, work: Path, out: Path, tmp_path: Path) -> None:
    (work / "task").mkdir()
    (work / "task" / "in.txt").write_text("in")
    (work / "task" / "run.sh").write_text("#!/bin/sh\n")
    (work / "task" / "run.sh").chmod(0o755)
    (work / ".storage").symlink_to("/etc")
    (tmp_path / "remote" / "deep").mkdir(parents=True, mode=0o755)
    (tmp_path / "remote" / "deep" / "object").write_text("object")
    script = (
        "mkdir -p made/deep; cat in.txt in.txt > made/deep/two; ln made/deep/two made/again; echo changed > in.txt;"
        " ./run.sh && pwd; cat ../.storage/deep/object; echo $SEED; kill -TERM $$"
    )
    run = place.sandbox.run(
        Command(
            ["sh", "-c", script],
            work=work,
            cwd="task",
            read_only={tmp_path / "remote": ".storage"},
            results=["task/made", "task/none"],
            out=out,
            variables={"SEED": "7"},
        )
    )
    assert (run.exit_code, run.ended, run.output) == (128 + 15, "exited", b"/rebuild/task\nobject7\n")
    made = {path.relative_to(out).as_posix(): path.read_text() for path in out.rglob("*") if path.is_file()}
    assert made == {"task/made/deep/two": "inin", "task/made/again": "inin"}
    assert (work / "task" / "in.txt").read_text() == "in"


def test_results_follow_no_link(place: Place, work: Path, out: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "file").write_text("secret")
    script = (
        f"ln -s {secret}/file link; ln -s {secret} above; ln -s /etc etc;"
        f" mkdir dir; ln -s {secret}/file dir/link; mkfifo dir/pipe pipe;"
        " echo real > dir/real; chmod 000 dir/real; echo x > shut; chmod 000 shut; ln dir/real hard"
    )
    names = ["link", "above/file", "etc/passwd", "dir", "pipe", "hard", "missing/file", "dir/real/below"]
    run = place.sandbox.run(Command(["sh", "-c", script], work=work, results=names, out=out, limits=SMALL))
    assert run.ended == "exited"
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if not path.is_dir() or path.is_symlink()}
    assert files <= {"dir/real", "hard"}


def test_results_past_the_limits_are_not_taken(place: Place, work: Path, out: Path) -> None:
    script = "for n in $(seq 10); do truncate -s 4M $n; done"
    run = place.sandbox.run(Command(["sh", "-c", script], work=work, results=["."], out=out, limits=SMALL))
    assert run.ended == "results"


def test_results_too_deep_are_not_taken(box: Sandbox, work: Path, out: Path) -> None:
    script = "d=d; for n in $(seq 80); do mkdir -p $d; d=$d/d; done"
    run = box.run(Command(["sh", "-c", script], work=work, results=["."], out=out, limits=SMALL))
    assert run.ended == "results"


def test_a_link_in_the_work_folder_moves_no_mount(place: Place, work: Path, tmp_path: Path) -> None:
    (tmp_path / "remote").mkdir(mode=0o755)
    (work / "above").symlink_to("/etc")
    with pytest.raises(SandboxError, match="above"):
        place.sandbox.run(Command(["true"], work=work, read_only={tmp_path / "remote": "above/x"}))


@pytest.mark.parametrize("outside", ["/etc", "../x", "a/../../x"])
def test_places_outside_are_refused(place: Place, work: Path, tmp_path: Path, outside: str) -> None:
    with pytest.raises(ValueError, match="not a path below"):
        place.sandbox.run(Command(["true"], work=work, read_only={tmp_path: outside}))
    with pytest.raises(ValueError, match="not a path below"):
        place.sandbox.run(Command(["true"], work=work, cwd=outside))


def test_our_own_failures_are_errors(place: Place, work: Path, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="none"):
        place.sandbox.run(Command(["true"], work=work, cwd="none"))
    with pytest.raises(SandboxError, match="missing"):
        place.sandbox.run(Command(["true"], work=work, read_only={tmp_path / "missing": "missing"}))
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(SandboxError, match="link"):
        place.sandbox.run(Command(["true"], work=work, read_only={tmp_path / "link": "linked"}))


def test_a_command_that_is_not_there_is_our_error(box: Sandbox, work: Path) -> None:
    with pytest.raises(SandboxError, match="No such file"):
        box.run(Command(["no-such-command"], work=work))


@pytest.mark.skipif(os.getuid() != 0, reason="only root's files can be unreadable for the sandbox's user")
def test_a_source_that_the_user_inside_cannot_read_is_our_error(box: Sandbox, work: Path, tmp_path: Path) -> None:
    (tmp_path / "remote").mkdir(mode=0o755)
    (tmp_path / "remote" / "object").touch(mode=0o600)
    with pytest.raises(SandboxError, match=r"cannot read .*object: chmod"):
        box.run(Command(["true"], work=work, read_only={tmp_path / "remote": ".storage"}))


@pytest.mark.parametrize("limits", [Limits(disk_bytes=MIB), Limits(disk_files=3)], ids=["bytes", "files"])
def test_work_past_the_limits_is_said_so(place: Place, work: Path, limits: Limits) -> None:
    for number in range(4):
        (work / str(number)).write_bytes(bytes(300_000))
    with pytest.raises(TooLarge):
        place.sandbox.run(Command(["true"], work=work, limits=limits))


def test_work_with_a_strict_umask(box: Sandbox, work: Path) -> None:
    before = os.umask(0o077)
    try:
        (work / "file").write_text("ours")
        run = box.run(Command(["sh", "-c", "cat file; umask"], work=work))
    finally:
        os.umask(before)
    assert run.output == b"ours0022\n"


def test_sandbox_dies_with_its_grader(box: Sandbox, work: Path) -> None:
    marker = uuid.uuid4().hex
    script = (
        "import sys; from pathlib import Path; from checks.rebuild.sandbox import Command\n"
        "from checks.rebuild.find import find_sandbox\n"
        f"command = [sys.executable, '-Sc', 'import time; time.sleep(600)', {marker!r}]\n"
        f"find_sandbox().run(Command(command, work=Path({str(work)!r})))"
    )
    grader = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    try:
        deadline = time.monotonic() + PATIENCE
        while len(living(marker)) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(living(marker)) >= 3
    finally:
        grader.kill()
        grader.wait()
    deadline = time.monotonic() + 30
    while living(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not living(marker)


def test_unconfined_runs_the_same_recipe(
    work: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANVAS_TOKEN", "hunter2")
    (tmp_path / "remote").mkdir()
    (tmp_path / "remote" / "object").write_text("object")
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
