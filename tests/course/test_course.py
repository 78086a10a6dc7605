"""Courses are found and read; what is wrong with a call or a course is said with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checks.core.checker import load_checker
from checks.core.course import Course, load_course
from checks.core.errors import CourseError, UnknownNameError
from checks.core.task import load_task

STEP = '[steps.{0}]\ntitle = "T"\npoints = {1}\nneeds = {2}\nanchor = "a"\nhints = ["a", "b", "c"]\n'
TASK = 'title = "Tiny"\nminutes = 5\nlevel = "beginner"\ntools = ["git"]\n'
CHECKER = "from checks import step\n\n\n@step('one')\ndef test_one(work):\n    pass\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def task(folder: str, text: str = TASK + STEP.format("one", 1, "[]"), checker: str = CHECKER) -> Path:
        path = tmp_path / folder
        path.mkdir(parents=True)
        (path / "task.toml").write_text(text)
        (path / "test_task.py").write_text(checker)
        return path

    return task


def test_own_course_is_found(course: Course) -> None:
    assert course.id == "mlsd-workshop"
    assert course.task("1.1").folder == "1_model_versioning/task1_intro_to_dvc"
    assert [step.name for step in course.task("1.1").steps] == ["init", "track", "update", "tag", "remote", "restore"]
    assert course.stamp.checks.startswith("sha256:")


def test_tasks_are_found_in_the_order_of_their_numbers(write: Callable[..., Path], tmp_path: Path) -> None:
    for folder in ("10_late/task1_x", "2_early/task10_x", "2_early/task9_x", "1_first/task1_x"):
        write(folder)
    for stray in ("notes/task1_x", "1_first/other", ".hidden/task1_x", "1_first/task_x"):
        write(stray)
    assert [task.id for task in load_course(tmp_path).tasks] == ["1.1", "2.9", "2.10", "10.1"]


def test_folder_without_a_task_is_no_course(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="no task found; a course holds folders such as"):
        load_course(tmp_path)


def test_two_tasks_of_one_number_are_refused(write: Callable[..., Path], tmp_path: Path) -> None:
    write("1_a/task1_b")
    write("1_other/task01_c")
    with pytest.raises(CourseError, match=r"another folder is task 1\.1 already"):
        load_course(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["1.1", "1_model_versioning/task1_intro_to_dvc", "1_model_versioning/task1_intro_to_dvc/", "task1_intro_to_dvc"],
)
def test_task_by_its_names(course: Course, name: str) -> None:
    assert course.task(name).id == "1.1"
    assert course.task(str(course.path / course.task("1.1").folder)).id == "1.1"
    task, step = course.select(f"{name.rstrip('/')}/track")
    assert (task.id, step and step.name) == ("1.1", "track")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("1.11", "there is no task '1.11'. Did you mean 1.1"),
        ("1_model_versioning/task1_intro_dvc", "Did you mean 1_model_versioning/task1_intro_to_dvc"),
        ("1.1/trakc", "there is no step of task 1.1 'trakc'. Did you mean track"),
        ("1.1/xyzzy", "There are: init, track, update, tag, remote, restore."),
        ("nonsense", "there is no task 'nonsense'. There are: 1.1"),
    ],
)
def test_unknown_names_get_the_nearest(course: Course, name: str, hint: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        course.select(name)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "Invalid value"),
        (TASK, "the key 'steps' is missing"),
        (TASK.replace("minutes", "minuets") + STEP.format("one", 1, "[]"), "the key 'minutes' is missing"),
        (TASK.replace("5", '"five"') + STEP.format("one", 1, "[]"), "invalid literal for int"),
        (TASK + STEP.format("one", 1, "[]").replace("anchor", "ankle"), r"the key 'steps\.one\.anchor' is missing"),
        (TASK + STEP.format("one", '"much"', "[]"), "could not convert string to float"),
        (TASK + STEP.format("one", 1, '["two"]'), "step one needs two, which does not come before it"),
        (TASK + STEP.format("one", 1, '["one"]'), "step one needs one, which does not come before it"),
        (TASK + STEP.format("one", 1, '["two"]') + STEP.format("two", 1, "[]"), "does not come before it"),
        (TASK + '[data]\n"a.csv" = { first = 1 }\n' + STEP.format("one", 1, "[]"), "the key 'last' is missing"),
        (TASK + "steps = [1]\n", r"write \[steps\.NAME\]"),
        ("\udcff", "utf-8"),
    ],
)
def test_malformed_task_names_its_file_and_the_fact(write: Callable[..., Path], text: str, message: str) -> None:
    path = write("1_a/task1_b", "")
    (path / "task.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CourseError, match=message) as caught:
        load_task(path, path.parents[1])
    assert str(caught.value).startswith(f"{path / 'task.toml'}: ")


@pytest.mark.parametrize(
    ("checker", "message"),
    [
        ("", "do not agree on the steps: one"),
        (CHECKER + "\n\n@step('more')\ndef test_more(work):\n    pass\n", "do not agree on the steps: more"),
        (CHECKER.replace("'one'", "'oen'"), "do not agree on the steps: oen, one"),
        ("import nothing_of_this_name\n", "can't be loaded: ModuleNotFoundError"),
        ("def (:\n", "can't be loaded: SyntaxError"),
    ],
)
def test_checker_and_metadata_must_agree(write: Callable[..., Path], checker: str, message: str) -> None:
    path = write("1_a/task1_b", checker=checker)
    with pytest.raises(CourseError, match=message):
        load_checker(load_task(path, path.parents[1]))


def test_stamp_changes_with_a_checker_and_not_with_line_ends(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write("1_a/task1_b")
    before = load_course(tmp_path).stamp.checks
    (path / "test_task.py").write_bytes(CHECKER.replace("\n", "\r\n").encode())
    assert load_course(tmp_path).stamp.checks == before
    (path / "test_task.py").write_text(CHECKER + "# more\n")
    assert load_course(tmp_path).stamp.checks != before
