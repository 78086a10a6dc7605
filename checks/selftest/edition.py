"""The learners' edition: the course without its answers, as a Git repository of its own with one commit."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from checks.core.errors import CourseError
from checks.selftest.build import clone_course, run_git

if TYPE_CHECKING:
    from checks.core.course import Course

LEFT_OUT = {
    "*_*/task*_*/solution": "the reference solutions: answers",
    "*_*/task*_*/mistakes": "wrong answers, each made from a right one",
    "tests": "the project's own tests, which hold right and wrong answers",
    "benchmarks": "they measure the project, on solutions",
    ".ci": "the gate of the project",
    ".github": "workflows and forms for those who build the course",
    ".pre-commit-config.yaml": "it runs before commits to the course",
    "CONTRIBUTING.md": "for those who build the course",
    "CHANGELOG.md": "for those who build the course",
    "docs/architecture.md": "for those who build the course",
    "docs/authors.md": "for those who build the course",
    "docs/decisions": "for those who build the course",
    "docs/readers.md": "for those who build the course",
    "docs/coverage.md": "for those who build the course",
    "docs/instructors.md": "for those who grade",
    "docs/lms.md": "for those who grade",
}
"""Patterns of the paths that an edition leaves out, with reasons. Everything else that is committed is in it."""
CHAPTERS = ("For instructors", "For those who build on it")
"""Chapters of READMEs whose links lead to files that are left out."""


def make_edition(course: Course, into: Path) -> None:
    """Write the edition of the course's last commit into a new or empty folder. Raises CourseError, BuildError.

    Everybody who makes it from the same commit gets the same files and the same commit.
    """
    if not (course.path / ".git").exists():
        raise CourseError(f"{course.path} is no Git repository: an edition is made of its last commit")
    _lay_out(course, into)
    for readme in (into / "README.md", *into.glob("*_*/task*_*/README.md")):
        readme.write_text(without_chapters(readme.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    moment = run_git(["show", "--no-patch", "--format=%cI", "HEAD"], course.path).strip()
    run_git(["init", "--quiet", "--initial-branch", "main"], into)
    run_git(["add", "--all"], into)
    made = f"{course.title}\n\nThe learners' edition of version {course.version}."
    who = {"NAME": course.id, "EMAIL": "course@example.org", "DATE": moment}
    variables = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
    run_git(["commit", "--quiet", "--message", made], into, **variables)


def _lay_out(course: Course, into: Path) -> None:
    """The files of the last commit, without what is left out and without the history that holds it."""
    patterns = [f":(glob){pattern}{end}" for pattern in LEFT_OUT for end in ("", "/**")]
    with TemporaryDirectory(prefix="mlsd-edition-", ignore_cleanup_errors=True) as scratch:
        clone = Path(scratch, "clone")
        clone_course(course, clone)
        run_git(["rm", "-r", "--quiet", "--ignore-unmatch", "--", *patterns], clone)
        shutil.copytree(clone, into, symlinks=True, ignore=shutil.ignore_patterns(".git"), dirs_exist_ok=True)


def without_chapters(readme: str) -> str:
    """A README without the chapters for others, and without the links to them at its beginning."""
    for title in CHAPTERS:
        readme = re.sub(rf"^## {re.escape(title)}\s*$.*?(?=^## |\Z)", "", readme, flags=re.MULTILINE | re.DOTALL)
        anchor = title.lower().replace(" ", "-")
        readme = re.sub(rf"(?: · )?\[[^\]]*\]\(#{anchor}\)", "", readme)
    return readme.rstrip() + "\n"


def need_answers(course: Course) -> None:
    """See whether a course holds the solution of any task. Raises CourseError where it does not."""
    if not any((task.path / "solution").is_dir() for task in course.tasks):
        raise CourseError(
            f"no task in {course.path} has a folder solution/: this is the learners' edition. "
            "Solutions, their proof and the example class need the full repository"
        )
