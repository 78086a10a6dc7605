"""The learners' edition: no answer is in it, every link leads somewhere, and a learner's whole path works."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checks.cli.main import main
from checks.core.course import Course
from checks.selftest.edition import LEFT_OUT, without_chapters
from checks.selftest.page import Page, link_faults

SHORT = 28
"""Lines that are shorter say nothing: `import json`, `END`, `exit 1`."""
TASK = "1_model_versioning/task1_intro_to_dvc"


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The edition of the last commit."""
    folder = tmp_path_factory.mktemp("release") / "edition"
    assert main(["release", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def clone(edition: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A learner's clone of it."""
    folder = tmp_path_factory.mktemp("learner") / "clone"
    subprocess.run(["git", "clone", "--quiet", edition, folder], check=True)
    return folder


@pytest.fixture
def mlsd(clone: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The clone's own `mlsd`, with the packages of this environment."""
    environment = os.environ | {"PYTHONPATH": str(clone)}
    program = [sys.executable, "-P", "-c", "from checks.cli.main import run; run()"]

    def call(*words: str, answers: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*program, *words], cwd=clone, env=environment, input=answers, capture_output=True, text=True, check=False
        )

    return call


def lines(path: Path) -> set[str]:
    """The lines of a text file that say something; none of another file."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return set()
    found = {line.strip() for line in text.splitlines() if len(line.strip()) >= SHORT}
    return {line for line in found if not line.startswith(("from ", "import "))}


def answers(course: Course) -> Iterator[tuple[Path, str]]:
    """Each line of a solution's or a mistake's script that neither starter, README nor hints show by design."""
    shown: set[str] = set()
    for task in course.tasks:
        for path in (task.path / "README.md", task.path / "task.toml", *(task.path / "starter").rglob("*")):
            shown |= lines(path) if path.is_file() else set()
    for task in course.tasks:
        for folder in ("solution", "mistakes"):
            for path in sorted((task.path / folder).rglob("*")):
                if path.is_file():
                    yield from ((path, line) for line in lines(path) - shown)


def test_no_answer_is_in_it(edition: Path, course: Course) -> None:
    held: set[str] = set()
    for path in edition.rglob("*"):
        if path.is_file() and ".git" not in path.relative_to(edition).parts:
            held |= lines(path)
    wanted = list(answers(course))
    assert len(wanted) > 500
    assert [(path.name, line) for path, line in wanted if line in held] == []


def test_nothing_that_is_left_out_is_in_it_or_in_its_history(edition: Path) -> None:
    for pattern in LEFT_OUT:
        assert list(edition.glob(pattern)) == []
    history = subprocess.run(["git", "log", "--oneline"], cwd=edition, check=True, capture_output=True, text=True)
    assert len(history.stdout.splitlines()) == 1
    state = subprocess.run(["git", "status", "--porcelain"], cwd=edition, check=True, capture_output=True)
    assert state.stdout == b""


def test_every_link_leads_somewhere(edition: Path) -> None:
    pages = [Page(path) for path in sorted(edition.rglob("*.md"))]
    assert len(pages) > 6
    assert [(page.path.name, fault) for page in pages for fault in link_faults(page, edition)] == []


def test_the_same_commit_gives_the_same_edition(edition: Path, tmp_path: Path) -> None:
    assert main(["release", str(tmp_path / "again")]) == 0
    ids = [
        subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True).stdout
        for folder in (edition, tmp_path / "again")
    ]
    assert ids[0] == ids[1]


def test_a_learner_s_whole_path(mlsd, clone: Path, course: Course) -> None:
    assert mlsd("start", "1.1", answers="ada@example.org\nAda Example\n").returncode == 0
    first = mlsd("check", "1.1")
    assert first.returncode == 1
    assert "score 0 / 10" in first.stdout
    assert "hint 1 of 3" in mlsd("hint", "1.1").stdout
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    typed = ["sh", "-euc", (course.task("1.1").path / "solution/solve.sh").read_text(encoding="utf-8")]
    subprocess.run(typed, cwd=clone / TASK, env=os.environ | {"PATH": path}, check=True, capture_output=True)
    assert "score 10 / 10" in mlsd("check", "1.1").stdout
    assert "All tasks: score 10 / 60" in mlsd("status").stdout
    assert "git tag data-v1.0.0" in mlsd("solve", "1.1/tag", "--show").stdout
    packed = mlsd("submit")
    assert packed.returncode == 0, packed.stderr
    assert mlsd("check", "1.1", "--in", packed.stdout.strip()).returncode == 0
    assert mlsd("doctor").returncode == 0
    assert mlsd("reset", "1.1", answers="y\n").returncode == 0


@pytest.mark.parametrize("words", [["selftest"], ["solve", "1.1", "--into", "x"], ["grade"], ["release", "x"]])
def test_what_needs_answers_says_so(mlsd, words: list[str]) -> None:
    call = mlsd(*words)
    assert call.returncode == 2
    assert "this is the learners' edition" in call.stderr
    assert len(call.stderr.splitlines()) == 1


@pytest.mark.parametrize("target", ["test", "lint", "bench", "engines"])
def test_make_says_so_too(clone: Path, target: str) -> None:
    call = subprocess.run(["make", "-o", "setup", target], cwd=clone, capture_output=True, text=True, check=False)
    assert call.returncode == 2
    assert f"make {target}: this is the learners' edition" in call.stderr


def test_make_check(clone: Path) -> None:
    """With the packages of this environment in place of those that the set-up would bring."""
    command = ["make", "-o", "setup", "check", f"BIN={Path(sys.executable).parent}"]
    environment = os.environ | {"PYTHONPATH": str(clone), "MAKEFLAGS": ""}
    call = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)
    assert call.returncode == 0, call.stderr
    assert "All tasks: score" in call.stdout


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    assert main(["release", str(tmp_path)]) == 2
    assert "is there already" in capsys.readouterr().err


def test_chapters_for_others_and_the_links_to_them() -> None:
    readme = "# A\n\n[B](#b) · [For instructors](#for-instructors) · [C](#c)\n\n## For instructors\n\nx\n\n## C\n\ny\n"
    assert without_chapters(readme) == "# A\n\n[B](#b) · [C](#c)\n\n## C\n\ny\n"
