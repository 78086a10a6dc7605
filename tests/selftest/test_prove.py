"""The proof finds the faults of a broken course."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from checks.core.course import load_course
from checks.core.errors import CourseError, UnknownNameError
from checks.selftest.build import BuildError, solve
from checks.selftest.mistake import find_mistake, load_mistakes
from checks.selftest.page import anchor
from checks.selftest.prove import prove_all
from tests.selftest.small_course import (
    ABSENT,
    AGAIN,
    CHECKER,
    COUNT,
    EVIDENCE,
    FOLLOWED,
    FORGOTTEN,
    METADATA,
    METADATA_FAULT,
    MISTAKE,
    SOLVED,
    STARTER,
    WRITTEN,
    proved,
)

Proofs = Callable[..., dict[str, str | None]]


@pytest.fixture
def proofs(tmp_path: Path) -> Proofs:
    """Prove the small course with these files in place of the right ones."""
    return partial(proved, tmp_path)


@pytest.mark.usefixtures("rebuilder")
def test_sound_course_is_proved(proofs: Proofs) -> None:
    assert proofs() == dict.fromkeys(
        (METADATA_FAULT, WRITTEN, STARTER, SOLVED, AGAIN, EVIDENCE, ABSENT, FORGOTTEN, FOLLOWED)
    )


@pytest.mark.usefixtures("rebuilder")
def test_tasks_side_by_side_give_all_their_proofs_and_their_errors(
    proofs: Proofs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = proofs()
    root = tmp_path / "course"
    shutil.copytree(root / "1_small/task1_two", root / "1_small/task2_two")
    readme = root / "1_small/task2_two/README.md"
    readme.write_text(readme.read_text().replace("task1_two", "task2_two"))
    course = load_course(root)
    monkeypatch.setattr("checks.selftest.prove.builders", lambda task: 1 if task.id == "1.2" else 2)
    (tmp_path / "both").mkdir()
    both = prove_all(course, course.tasks, tmp_path / "both")
    found = {COUNT.sub("the", proof.name): proof.fault for proof in both}
    assert found == {f"{number} {name}": fault for number in ("1.1", "1.2") for name, fault in alone.items()}
    with pytest.raises(FileExistsError):
        list(prove_all(course, course.tasks, tmp_path / "both"))


@pytest.mark.usefixtures("rebuilder")
def test_mistake_that_only_a_rebuild_tells(proofs: Proofs) -> None:
    checker = (
        CHECKER.replace(
            "from checks import expect, step",
            "from checks import expect, step\nfrom checks.core.workspace import Script",
        )
        + """    if work.rebuild:
        made = work.rebuilt(Script("sh make.sh"))
        expect.that(work.snapshot.read(work.path("two")) == made.work.files.read(made.work.path("two")),
                    looked_at="two", expected="what make.sh writes", found="nothing of the kind", fix="sh make.sh")
"""
    )
    edits = {
        "checker": checker,
        "solution": "echo 'echo 2 > two' > make.sh\nsh make.sh\ntouch one\ngit add .\ngit commit -q -m Done\n",
        "make": "echo 3 > two\ngit commit -q -a -m Typed\n",
    }
    found = proofs(**edits, mistake=f"{MISTAKE}rebuild = true\n")
    assert "make.sh: dropped" in (found.pop(EVIDENCE) or "")  # only a rebuild needs it
    assert found == dict.fromkeys((METADATA_FAULT, WRITTEN, STARTER, SOLVED, AGAIN, ABSENT, FORGOTTEN, FOLLOWED))
    assert proofs(**edits)[FORGOTTEN] == "expected only 1.1/two to fail; failed: nothing"


def test_checker_that_breaks_on_changed_evidence(proofs: Proofs) -> None:
    fragile = CHECKER + '    assert work.snapshot.read(work.path("one")).startswith(b"some")\n'
    found = proofs(
        checker=fragile, solution="echo some words > one\ntouch two\ngit add one two\ngit commit -q -m Done\n"
    )
    assert (found[EVIDENCE] or "").startswith("broke a check: 1_small/task1_two/one: emptied (1.1/two: ")


def test_mistake_that_fails_more_than_its_step(proofs: Proofs) -> None:
    apart = METADATA.replace('needs = ["one"]\n', "")
    found = proofs(task_toml=apart, make="git rm -q one two\ngit commit -q -m Oh\n")
    assert (found[FORGOTTEN] or "").startswith("expected only 1.1/two to fail; failed: 1.1/one")


def test_mistake_behind_which_a_step_is_not_judged(proofs: Proofs) -> None:
    broken = CHECKER.replace('"""A file."""', 'if not work.snapshot.is_file(work.path("two")): 1 / 0')
    found = proofs(task_toml=METADATA.replace('needs = ["one"]\n', ""), checker=broken)
    assert "beside 1.1/two: 1.1/one error: the checker itself broke" in (found[FORGOTTEN] or "")
    assert "1.1/one error" in (found[STARTER] or "")
    assert found[SOLVED] is None


def test_anchor_is_github_s() -> None:
    assert anchor("2. Track the first month") == "2-track-the-first-month"
    assert anchor(" What's `dvc.lock`, and why? ") == "whats-dvclock-and-why"
    assert anchor("Über-Größe_1") == "über-größe_1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = 'x'\nstep = 'two'\n", "the key 'phrase' is missing"),
        ("title = \n", "Invalid"),
        (MISTAKE + 'base = "moon"\n', "no base 'moon'"),
    ],
)
def test_malformed_mistake_is_named(proofs: Proofs, text: str, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        proofs(mistake=text)


def test_mistake_by_its_name_and_a_script_that_fails(proofs: Proofs, tmp_path: Path) -> None:
    proofs(solution="echo why >&2; exit 3\n")
    course = load_course(tmp_path / "course")
    task = course.task("1.1")
    assert [mistake.name for mistake in load_mistakes(task)] == ["absent", "forgotten"]
    assert find_mistake(task, "forgotten").title == "Forgotten"
    with pytest.raises(UnknownNameError, match="Did you mean forgotten"):
        find_mistake(task, "forgoten")
    with pytest.raises(BuildError, match=r"ended with 3(.|\n)*why"):
        solve(course, [task], tmp_path / "clone")
