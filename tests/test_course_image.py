"""The course's own image: it follows what task 3.1 teaches, is really built, and `mlsd check` runs in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from checks.core.clone import Clone
from checks.core.course import Course
from checks.core.selection import Selection
from checks.core.task import Task
from checks.core.workspace import Script, Workspace
from checks.evidence.docker.dockerfile import parse_dockerfile
from checks.model import Outcome
from checks.rebuild.container import Container
from checks.rebuild.rebuilder import Rebuilder
from checks.selftest.build import missing_tool
from checks.submissions.check import check_submission
from tests.engines import base_image
from tests.task_modules import module_of

ROOT = Path(__file__).parents[1]
IMAGE = f"mlsd-course-test:{os.getpid()}"
ONLINE, PACKAGES = "mlsd-course-test-base", "mlsd-course-test-packages"
"""Images that stay in the engine, so that the next build of the same lock takes its packages from them."""
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


def docker(*arguments: str, data: bytes | None = None) -> str:
    """What the engine's client prints."""
    done = subprocess.run(["docker", *arguments], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode()


def test_it_follows_what_task_3_1_teaches(course: Course) -> None:
    recipe = module_of(course.task("3.1"), "dockerfile")
    dockerfile = parse_dockerfile((ROOT / "Dockerfile").read_bytes(), "Dockerfile")
    recipe.pinned_bases(dockerfile)
    recipe.dependencies_first(dockerfile, "pyproject.toml")
    recipe.working_directory(dockerfile)
    recipe.without_root(dockerfile)
    recipe.exec_form(dockerfile)


@pytest.fixture(scope="module")
def image(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The image, built by the real engine from what is committed and from the package registries."""
    if reason := missing_tool(course.task("3.1")):
        if os.environ.get("REQUIRE_ENGINES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    context = tmp_path_factory.mktemp("context") / "course"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(context)], check=True)
    # The base of the tests asks no registry. Here it is to ask those of this machine, as this machine does.
    base = tmp_path_factory.mktemp("base")
    (base / "bundle.crt").write_bytes(BUNDLE.read_bytes())
    shutil.copytree("/etc/apt", base / "apt")
    shutil.copytree("/usr/share/keyrings", base / "keyrings")
    (base / "Dockerfile").write_text(
        f"FROM {base_image.NAME}\nCOPY bundle.crt {BUNDLE}\nCOPY apt /etc/apt\nCOPY keyrings /usr/share/keyrings\n"
        f"ENV PIP_CERT={BUNDLE} PIP_CONFIG_FILE=/dev/null\n"
    )
    docker("build", "--quiet", "--tag", ONLINE, str(base))
    build = ("build", "--quiet", "--network", "host", "--build-arg", f"BASE={ONLINE}")
    packages, _, _ = (context / "Dockerfile").read_text().partition("\nCOPY . .\n")
    (base / "packages.Dockerfile").write_text(packages)
    docker(*build, "--file", str(base / "packages.Dockerfile"), "--tag", PACKAGES, str(context))
    docker(*build, "--tag", IMAGE, str(context))
    yield IMAGE
    docker("image", "rm", "--force", IMAGE)


def test_the_image_runs_without_root_and_tells_its_health(image: str) -> None:
    config = json.loads(docker("image", "inspect", image))[0]["Config"]
    assert config["User"] == "learner"
    assert config["Healthcheck"]["Test"] == ["CMD", "mlsd", "doctor"]
    assert docker("run", "--rm", "--network", "none", image, "id", "-un").strip() == "learner"
    assert "found" in docker("run", "--rm", "--network", "none", image, "mlsd", "doctor")


def test_mlsd_check_runs_in_it(image: str) -> None:
    command = ("run", "--rm", "--network", "none", image, "sh", "-c", "mlsd check --format json; test $? -eq 1")
    (row,) = json.loads(docker(*command))["submissions"]
    assert [task["task"] for task in row["tasks"]] == ["1.1", "1.2", "2.1", "2.2", "3.1", "3.2"]
    assert "error" not in {step["outcome"] for task in row["tasks"] for step in task["steps"]}


def test_work_is_made_again_in_a_container_of_it(
    image: str, course: Course, solution_of: Callable[[Task], Path]
) -> None:
    """With the DVC and the MLflow that are in it, as on a machine without bubblewrap."""
    rebuild = Rebuilder(Container(image))
    first, second = course.task("1.1"), course.task("2.1")
    report = check_submission(course, solution_of(first), [Selection(first)], rebuild)
    assert {step.outcome for step in report.steps} == {Outcome.PASSED}, report
    with closing(Workspace(Clone(solution_of(second)), second.folder, rebuild)) as work:
        made = work.rebuilt(Script("python track.py", data={"data/rentals.csv": 3}))
        assert made.exit_code == 0, made.output
        assert made.work.mlflow.runs
