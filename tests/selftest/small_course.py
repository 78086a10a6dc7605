"""A small course of one task with two steps, whole or with one thing broken, and its proof."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from checks.core.course import load_course
from checks.selftest.prove import prove
from checks.selftest.readme import HEADINGS

METADATA = """
title = "Two files"
minutes = 5
level = "beginner"
tools = ["git"]

[steps.one]
title = "The first file"
points = 1
anchor = "1-make-the-first"
hints = ["Where?", "What?", "touch one"]

[steps.two]
title = "The second file"
points = 2
needs = ["one"]
anchor = "2-make-the-second"
hints = ["Where?", "What?", "touch two"]
"""
CHECKER = '''
from checks import expect, step


def _file(work, name):
    there = work.snapshot.is_file(work.path(name))
    expect.that(there, looked_at=name, expected="a committed file", found="nothing of the kind", fix=f"touch {name}")


@step("one")
def test_one(work):
    """A file."""
    _file(work, "one")


@step("two")
def test_two(work):
    """Another file."""
    _file(work, "two")
'''
SOLUTION = "touch one two\ngit add one two\ngit commit -q -m Done\n"
MISTAKE = 'title = "Forgotten"\nstep = "two"\nphrase = "nothing of the kind"\n'
SET_UP = "\n```sh\ncd 1_small/task1_two\n```\n"
STEP = """### {number}. Make the {title}
<!-- step: {name} -->

```sh
touch {name}
git add {name}
git commit -m "Add {name}"
```

You should see, among other lines:

```text
 create mode 100644 1_small/task1_two/{name}
```

"""
STEPS = "\n" + STEP.format(number=1, title="first", name="one") + STEP.format(number=2, title="second", name="two")
LOG = """
From the root of the clone:

```sh
git log --oneline
```

```text
... Add two
```
"""
HEAD = """# Two files

| Time | Level | Needs | Tools | Points |
|---|---|---|---|---|
| 5 minutes | beginner | a terminal | Git | 3 points |
"""
CHAPTERS = {"Set up": SET_UP, "Steps": STEPS, "Check your work": LOG}
README = HEAD + "".join(f"\n## {title}\n{CHAPTERS.get(title, '')}" for title in HEADINGS)
SURVIVORS = """
[[survivor]]
artifact = "*/hello.txt"
changes = ["*"]
reason = "It only says hello."
"""
COUNT = re.compile(r"\d+(?= changes)")
STARTER, SOLVED = "the starter scores 0", "the solution passes every step"
AGAIN = "the solution passes every step when it is made again"
ABSENT, FORGOTTEN = "mistake absent fails one", "mistake forgotten fails two"
EVIDENCE = "the changes of the evidence: each is refused, or explained"
METADATA_FAULT = "README and metadata agree"
WRITTEN = "everything is written"
FOLLOWED = "the README, followed word for word, passes every step"


def write(root: Path, **edits: str) -> None:
    """Write the course, with these files in place of the right ones."""
    files = {
        "task_toml": ("task.toml", METADATA),
        "checker": ("test_task.py", CHECKER),
        "readme": ("README.md", README),
        "solution": ("solution/solve.sh", SOLUTION),
        "starter": ("starter/hello.txt", "hello\n"),
        "mistake": ("mistakes/forgotten/mistake.toml", MISTAKE),
        "absent": ("mistakes/absent/mistake.toml", MISTAKE.replace("two", "one").replace("Forgotten", "Absent")),
        "remove": ("mistakes/absent/make.sh", "git rm -q one\ngit commit -q -m Oh\n"),
        "make": ("mistakes/forgotten/make.sh", "git rm -q two\ngit commit -q -m Oh\n"),
        "survivors": ("mistakes/survivors.toml", SURVIVORS),
    }
    assert set(edits) <= set(files)
    folder = root / "1_small/task1_two"
    for key, (path, text) in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(edits.get(key, text), encoding="utf-8")


def proved(folder: Path, **edits: str) -> dict[str, str | None]:
    """Write the course below `folder` and prove it: each proof with its fault."""
    root = folder / "course"
    write(root, **edits)
    course = load_course(root)
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    found: dict[str, str | None] = {}
    for proof in prove(course, course.task("1.1"), scratch):
        assert proof.name.startswith("1.1 ")
        name = COUNT.sub("the", proof.name.removeprefix("1.1 "))
        found[name] = "\n".join(filter(None, (found.get(name), proof.fault))) or None
    return found
