"""A course of one small task, and classes that hand in one word each: quick to judge, and easy to break."""

from __future__ import annotations

from pathlib import Path

from checks.core.course import Course
from checks.core.selection import select
from checks.grading.cohort import Cohort, find_submissions
from checks.grading.job import Assignment
from checks.grading.journal import Journal
from checks.grading.keys import task_keys
from checks.grading.pool import LocalPool
from checks.model import SubmissionReport

TASK = "1_module/task1_task"
TASK_TOML = """title = "A task"
minutes = 1
level = "beginner"
tools = []

[steps.first]
title = "The file is there"
points = 2
hints = ["a", "b", "c"]
anchor = "first"

[steps.second]
title = "Behind it"
points = 1
needs = ["first"]
hints = ["a", "b", "c"]
anchor = "second"

[steps.third]
title = "By itself"
points = 1
hints = ["a", "b", "c"]
anchor = "third"
"""
CHECKER = f'''
import os, sys
from checks import expect, step

@step("first")
def test_first(work):
    word = work.files.read("{TASK}/word").decode()
    if word == "exit":
        os._exit(1)
    if word == "raise":
        raise RuntimeError("the checker is wrong")
    if word == "system exit":
        sys.exit(0)
    while word == "endless":
        pass
    if word == "stuck":
        sum(range(10**15))  # one call into C, which no exception can end
    expect.that(word == "good", looked_at="word", expected="good", found=word, fix="write good")

@step("second")
def test_second(work):
    pass

@step("third")
def test_third(work):
    pass
'''


def lay_out_course(folder: Path) -> Path:
    """A course of one task, whose checker does what a submission's word says."""
    (folder / TASK).mkdir(parents=True)
    (folder / TASK / "task.toml").write_text(TASK_TOML)
    (folder / TASK / "test_task.py").write_text(CHECKER)
    return folder


def hand_in(folder: Path, **words: str) -> Path:
    """A class: the name of each submission, and the word in it."""
    for name, word in words.items():
        (folder / name / TASK).mkdir(parents=True)
        (folder / name / TASK / "word").write_text(word)
    return folder


def judged(course: Course, submissions: Path, journal: Journal) -> dict[str, SubmissionReport]:
    """The rows of a class by name, judged by two processes."""
    assignment = Assignment(course, select(course, []))
    found = find_submissions(submissions)
    with LocalPool(assignment, 2) as pool:
        for _ in Cohort(assignment, task_keys(assignment), pool, journal).grade(found):
            pass
    return {path.name: journal.report(path.name) for path in found}
