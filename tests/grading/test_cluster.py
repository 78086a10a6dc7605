"""A class graded by a real Dask cluster: a scheduler, and workers that are processes of their own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from checks.core.course import load_course
from checks.core.selection import select
from checks.grading import cluster
from checks.grading.job import Assignment
from tests.grading.small_class import TASK, hand_in
from tests.grading.test_resume import WORDS, call, grade, rows

SCRIPTS = Path(sys.executable).parent
QUIET = {"DASK_DISTRIBUTED__DASHBOARD__LINK": "", "DASK_DISTRIBUTED__ADMIN__LOG_LENGTH": "0"}
Start = Callable[..., subprocess.Popen[str]]


def _began(process: subprocess.Popen[str], sign: str) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(sign, line):
            return found[1]
    raise AssertionError(f"it ended before it said {sign!r}")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a program of Dask on loopback, and ends it afterwards with all its children."""
    with ExitStack() as stack:

        def run(program: str, *options: object, **variables: str) -> subprocess.Popen[str]:
            process = stack.enter_context(
                subprocess.Popen(
                    [str(SCRIPTS / "dask"), program, *map(str, options)],
                    stderr=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    text=True,
                    cwd=tmp_path,
                    env=os.environ | QUIET | variables,
                    start_new_session=True,
                )
            )
            stack.callback(_end, process)
            return process

        yield run


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def scheduler(start: Start) -> str:
    """The address of a scheduler."""
    process = start("scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--no-show")
    return _began(process, r"Scheduler at:\s+(tcp://\S+)")


@pytest.fixture
def worker(start: Start, scheduler: str, tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts a worker with one thread, as `dask worker ADDRESS` does, and waits until it is there."""

    def run(name: str, *options: str, **variables: str) -> subprocess.Popen[str]:
        place = tmp_path / "workers" / name
        process = start(
            "worker", scheduler, "--host", "127.0.0.1", "--nthreads", 1, "--name", name, "--no-dashboard",
            "--local-directory", place, *options, **variables,
        )  # fmt: skip
        _began(process, r"Registered to:\s+(tcp://\S+)")
        return process

    return run


def test_a_cluster_says_the_same(
    course_folder: Path, tmp_path: Path, scheduler: str, worker: Callable[..., Any]
) -> None:
    """By path, as the workers are on this machine, with an archive and one that ends its process among them."""
    hand_in(tmp_path / "class", **(WORDS | {"s007": "exit", "s011": "raise"}))
    shutil.make_archive(str(tmp_path / "class/s900"), "zip", tmp_path / "class/s001")
    for name in ("one", "two"):
        worker(name)
    here = subprocess.run(call(course_folder, tmp_path / "class", tmp_path / "here"), check=False, capture_output=True)
    there = _graded_by(scheduler, course_folder, tmp_path)
    assert (here.returncode, there.returncode) == (3, 3), there.stderr
    assert "Traceback" not in there.stderr
    assert rows(tmp_path / "out") == rows(tmp_path / "here")
    assert len(rows(tmp_path / "out")) == len(WORDS) + 1


def test_what_a_worker_does_not_see_is_sent(
    course_folder: Path, tmp_path: Path, scheduler: str, worker: Callable[..., Any]
) -> None:
    """What has changed this moment is nowhere else: it goes by content, links and all."""
    hand_in(tmp_path / "class", ada="good", bob="bad")
    word = tmp_path / "class/ada" / TASK / "word"
    word.rename(word.with_name("kept"))
    word.symlink_to("kept")
    worker("one")
    future = 4_000_000_000
    for path in (word.with_name("kept"), tmp_path / "class/bob" / TASK / "word"):
        os.utime(path, (future, future))
    grade(course_folder, tmp_path / "class", tmp_path / "out", "--scheduler", scheduler)
    assert [row["score"] for row in rows(tmp_path / "out")] == [4, 1]
    assert [row["submission"] for row in rows(tmp_path / "out")] == ["ada", "bob"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_what_a_lost_worker_had_is_judged_again(
    course_folder: Path, tmp_path: Path, scheduler: str, worker: Callable[..., Any]
) -> None:
    """One of two workers is killed with everything that it started, and its nanny too, so that it stays away."""
    checker = course_folder / TASK / "test_task.py"
    checker.write_text(checker.read_text().replace("word = ", "__import__('time').sleep(0.05)\n    word = ", 1))
    hand_in(tmp_path / "class", **WORDS)
    grade(course_folder, tmp_path / "class", tmp_path / "here")
    lost, _ = worker("lost"), worker("stays")
    with subprocess.Popen(
        call(course_folder, tmp_path / "class", tmp_path / "there", "--scheduler", scheduler),
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        journal = tmp_path / "there/results.jsonl"
        while not journal.exists() or journal.read_bytes().count(b"\n") < 10:
            assert run.poll() is None
        os.killpg(lost.pid, signal.SIGKILL)
        assert run.stderr is not None
        said = run.stderr.read()
    assert run.returncode == 0, said
    assert rows(tmp_path / "there") == rows(tmp_path / "here")


def test_other_checkers_are_refused(
    course_folder: Path, tmp_path: Path, scheduler: str, worker: Callable[..., Any]
) -> None:
    """A worker that was installed from another commit: what it says would not be what this machine says."""
    other = tmp_path / "other"
    shutil.copytree(Path(__file__).parents[2] / "checks", other / "checks")
    (other / "checks/expect.py").write_text((other / "checks/expect.py").read_text() + "\n# another version\n")
    worker("other", PYTHONPATH=str(other))
    hand_in(tmp_path / "class", ada="good")
    done = _graded_by(scheduler, course_folder, tmp_path)
    assert done.returncode == 2
    assert "has other checkers than this machine" in " ".join(done.stderr.split())
    assert not (tmp_path / "out/results.json").exists()


def test_nobody_at_the_address(
    course_folder: Path, tmp_path: Path, scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(tmp_path / "class", ada="good")
    done = _graded_by(scheduler, course_folder, tmp_path)
    assert done.returncode == 2
    assert "has no worker" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    course = load_course(course_folder)
    with pytest.raises(cluster.ClusterError, match="no scheduler answers at"):
        cluster.Cluster("tcp://127.0.0.1:9", Assignment(course, select(course, [])), {})


def _graded_by(scheduler: str, course_folder: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """What came of grading `class` in this folder into `out` there, with a cluster."""
    command = call(course_folder, folder / "class", folder / "out", "--scheduler", scheduler)
    return subprocess.run(command, capture_output=True, text=True, check=False)
