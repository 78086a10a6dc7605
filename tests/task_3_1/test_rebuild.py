"""Images that are built again from a commit: an honest branch by another route, and work that would hurt the engine."""

from __future__ import annotations

import gc
import re
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checks.core.clone import Clone
from checks.core.selection import Selection
from checks.core.workspace import RebuiltImage, Workspace
from checks.expect import Failure, NotJudged, Unavailable
from checks.rebuild.limits import Limits
from checks.rebuild.rebuilder import Rebuilder
from checks.selftest.build import missing_tool
from checks.submissions.check import check_submission
from tests import golden
from tests.task_3_1.test_honest_routes import DOCKERFILES

Built = Callable[..., RebuiltImage]
BASE = "FROM python:3.11-slim-bookworm\nWORKDIR /app\n"
COMMAND = 'CMD ["sh", "-c", "{}"]\n'
FILL = "i=0; while true; do i=$((i+1)); head -c 20000000 /dev/zero > /app/f$i; done"
SMALL = Limits(wall_seconds=60, disk_bytes=100_000_000, output_bytes=100_000, tree_bytes=200_000_000)
WALL = replace(SMALL, wall_seconds=3)
IMAGE = replace(SMALL, image_bytes=100_000_000)

# What is built, its limits, and a phrase of what is said.
HOSTILE: dict[str, tuple[str, Limits, str]] = {
    "a command that never ends": (COMMAND.format("sleep 600"), WALL, "an end within 3 seconds"),
    "endless output": (COMMAND.format("yes"), SMALL, "an end within 97 KiB of output"),
    "a full disk": (COMMAND.format(FILL), SMALL, "an end within 95 MiB of files"),
    "huge results with holes": (
        COMMAND.format("mkdir output; for i in 1 2 3; do truncate -s 60M output/$i; done"), SMALL, "95 MiB of files"),
    "too much memory": (COMMAND.format("tail /dev/zero"), SMALL, "190 MiB of memory"),
    "a line with endless output": ("RUN yes\n", SMALL, "an end within 97 KiB of output"),
    "a line that fills the disk": (f"RUN {FILL}\n", IMAGE, "adds at most 95 MiB to its base"),
    "copies of copies": ("FROM python:3.11-slim-bookworm\n" + "".join(
        f"COPY --from=python:3.11-slim-bookworm /usr/local /x{number}\n" for number in range(3)
    ), IMAGE, "adds at most 95 MiB to its base"),
    "a failing line": ("RUN echo why; false\n", SMALL, "why"),
    "an index that has not this": ("RUN echo ERROR: No matching distribution; false\n", SMALL, "No matching"),
}  # fmt: skip


@pytest.fixture
def built(started_repository: Path, task, rebuilder: Rebuilder) -> Any:
    """Builds and runs the image of a Dockerfile in a repository of its own; afterwards nothing of it may be left."""
    if missing := missing_tool(task):
        pytest.skip(missing)
    before = left_in_the_engine()
    open_works = []

    def build(dockerfile: str, limits: Limits = SMALL) -> RebuiltImage:
        folder = started_repository / task.folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "Dockerfile").write_text(BASE + dockerfile)
        git(started_repository, "add", ".")
        git(started_repository, "commit", "--quiet", "--allow-empty", "--message", "An image")
        work = Workspace(Clone(started_repository), task.folder, Rebuilder(rebuilder.sandbox, limits))
        open_works.append(work)
        return work.rebuilt_image(data={"data/rentals.csv": 1}, output="output", runs=("output", "output-again"))

    yield build
    for work in open_works:
        work.close()
    gc.collect()  # a socket that was left open is told now, and by this test
    assert left_in_the_engine() - before == set()


@pytest.fixture
def started_repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "--quiet")
    (root / "learner.toml").write_text('id = "ada@example.org"\nname = "Ada"\n')
    return root


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True)


def left_in_the_engine() -> set[str]:
    """Everything named as rebuilds name it, and layers on top of each other that nobody uses."""
    found = set()
    for words in (
        ("ps", "--all", "--format", "{{.Names}}"), ("network", "ls", "--format", "{{.Name}}"),
        ("images", "--format", "{{.Repository}}"),
    ):  # fmt: skip
        done = subprocess.run(["docker", *words], capture_output=True, text=True, check=True)
        found |= {line for line in done.stdout.split() if line.startswith("mlsd-rebuild-")}
    return found


def marked(dockerfile: str) -> tuple[str, str]:
    """The Dockerfile with a label of its own in every stage, by which its layers are found among everybody's."""
    label = f"test={uuid.uuid4().hex}"
    return f"LABEL {label}\n" + re.sub("^(FROM .*)$", rf"\1\nLABEL {label}", dockerfile, flags=re.MULTILINE), label


def layers(label: str) -> set[str]:
    command = ["docker", "images", "--all", "--quiet", "--filter", f"label={label}"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(built: Built, engine, name: str) -> None:
    dockerfile, limits, phrase = HOSTILE[name]
    dockerfile, label = marked(dockerfile)
    with pytest.raises(Failure) as failure:
        built(dockerfile, limits)
    assert phrase in f"{failure.value.expected} {failure.value.found}"
    assert layers(label) == set()


def test_a_line_that_never_ends_is_nobodys_zero(built: Built, engine) -> None:
    """It has a network: what it waited for, nobody can tell."""
    dockerfile, label = marked("RUN sleep 600\n")
    with pytest.raises(NotJudged, match="took more than 3 seconds"):
        built(dockerfile, WALL)
    assert layers(label) == set()


def test_an_index_out_of_reach_is_nobodys_zero(built: Built) -> None:
    with pytest.raises(NotJudged, match="a package index was not reached"):
        built("RUN echo 'Retrying: NewConnectionError'; false\n")


def test_a_base_that_is_not_here(built: Built) -> None:
    with pytest.raises(Unavailable, match="only official ones are fetched"):
        built("FROM ghcr.io/ada/secret:1\n")


def test_only_plain_files_are_taken(built: Built) -> None:
    made = "mkdir -p output/d; ln -s /etc/passwd output/link; mkfifo output/pipe; cp data/rentals.csv output/d"
    rebuilt = built(
        "WORKDIR /tmp/inner\nRUN chmod 777 .\nUSER nobody\n"
        + COMMAND.format(f"{made}; id -u; ls /sys/class/net; exit 3")
    )
    files, at = rebuilt.work.files, rebuilt.work.path("output")
    assert files.names(at) == ["d"]
    assert files.hash(f"{at}/d/rentals.csv") == rebuilt.work.data(1)
    assert [(run.exit_code, run.output.split()) for run in rebuilt.runs] == [(3, ["65534", "lo"])] * 2
    assert (rebuilt.image.user, rebuilt.image.workdir) == ("nobody", "/tmp/inner")


def test_a_command_that_is_not_there(built: Built) -> None:
    assert {run.exit_code for run in built('CMD ["pythn"]\n').runs} == {127}


def test_a_branch_by_another_route(done, engine, rebuilder: Rebuilder, tmp_path: Path) -> None:
    """Two stages, another working directory, and nothing but the branch: a rebuild makes what a branch can't carry."""
    (done.folder / "Dockerfile").write_text(DOCKERFILES["two stages"].replace("/app", "/srv/forecast"))
    done.sh("git rm --quiet image.json image-history.json; git add .; git commit -qm 'Two stages'")
    bare = tmp_path / "branch.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", done.root, bare], check=True)
    before = left_in_the_engine()
    report = check_submission(done.course, bare, [Selection(done.task)], rebuilder)
    golden.hold(report)
    outcomes = {step.step.partition("/")[2]: str(step.outcome) for step in report.steps}
    assert outcomes == {
        "pins": "passed", "dockerfile": "passed", "ignore": "passed", "build": "passed", "run": "passed",
        "publish": "unavailable", "rebuild": "passed",
    }, report.steps  # fmt: skip
    assert left_in_the_engine() == before
