"""A new task's folder, with everything in its place and everything still to write."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from checks.core.errors import CourseError
from checks.selftest.readme import HEADINGS

if TYPE_CHECKING:
    from checks.core.course import Course

_ID = re.compile(r"(?P<module>[1-9]\d?)\.(?P<task>[1-9]\d?)")
LONGEST_TITLE = 60
"""Characters of a title: it names a folder, and Windows takes 260 characters of a whole path."""
_FILES = {
    "task.toml": "task.toml.j2",
    "README.md": "README.md.j2",
    "test_task.py": "test_task.py.j2",
    "starter/README-starter.md": "starter.md.j2",
    "solution/solve.sh": "solve.sh.j2",
    "mistakes/something_forgotten/mistake.toml": "mistake.toml.j2",
    "mistakes/something_forgotten/make.sh": "make.sh.j2",
}
_ABOUT = {
    "Why this matters": "the story: what goes wrong without this?",
    "What you will learn": "three to five lines: You ...",
    "The idea in one picture": "a picture from images/, with an alternative text that tells it in sentences",
    "Before you start": "which tools and which tasks come first",
    "Troubleshooting": "real error messages, and what to do",
    "Under the hood": "what the tools did, for the curious",
    "Challenge": "more, not graded",
    "Knowledge check": "questions with folded answers",
    "In production": "how it is done at work",
    "Further reading": "links to the tools' own documentation",
    "For instructors": "points, what each step looks at, known mistakes",
}


def write_task(course: Course, number: str, title: str) -> Path:
    """Write the folder of a task with this id, such as `1.3`, and this title; where it is. Raises CourseError."""
    match = _ID.fullmatch(number)
    if match is None:
        raise CourseError(f"{number!r} is no task's number: write module and task, such as 1.3")
    words = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    if not words or not title.isprintable():
        raise CourseError(f"{title!r} is no title: write it in words, as the folder is named after them")
    if len(title) > LONGEST_TITLE:
        raise CourseError(f"the title has {len(title)} characters: take at most {LONGEST_TITLE}, as it names a folder")
    if number in {task.id for task in course.tasks}:
        raise CourseError(f"there is a task {number} already: {course.task(number).folder}")
    modules = [folder for folder in sorted(course.path.glob(f"{match['module']}_*")) if folder.is_dir()]
    if not modules:
        have = ", ".join(sorted({task.folder.partition("/")[0] for task in course.tasks}))
        raise CourseError(f"there is no module {match['module']}; the modules are {have}")
    folder = modules[0] / f"task{match['task']}_{words}"
    if folder.exists():
        raise CourseError(f"{folder} is there already")
    environment = Environment(  # noqa: S701 - it writes Markdown, TOML and Python, no HTML
        loader=FileSystemLoader(Path(__file__).with_name("scaffold")),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    known = {
        "id": number,
        "title": title,
        "folder": folder.relative_to(course.path).as_posix(),
        "headings": [(heading, _ABOUT.get(heading, "")) for heading in HEADINGS],
    }
    for path, template in _FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        text = environment.get_template(template).render(known)
        (folder / path).write_text(text, encoding="utf-8", newline="\n")
    return folder
