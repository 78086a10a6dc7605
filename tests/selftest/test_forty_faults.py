"""Forty things broken on purpose, one at a time, in a small course: the proof names each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.core.errors import CourseError
from tests.selftest.small_course import (
    CHECKER,
    FOLLOWED,
    METADATA,
    MISTAKE,
    README,
    SOLUTION,
    STEP,
    SURVIVORS,
    proved,
)

TABLE = "| 5 minutes | beginner | a terminal | Git | 3 points |"
CHAPTER = "\n## Why this matters\n"
FIRST = "```sh\ntouch one"
"""Where the first step begins to type."""
SERVER = """
`server.py`:

```python
import http.server
import sys

http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), http.server.SimpleHTTPRequestHandler).serve_forever()
```

```shell
python server.py --port 5001
```

```sh
python -c "import urllib.request as r; print(r.urlopen('http://127.0.0.1:5001/server.py').status)"
```

```text
200
```
"""

CHANGE = "**Do:** change `hello.py`. In the place of `# TODO`:\n\n```python\nprint()\n```\n\n"


@dataclass(frozen=True)
class Fault:
    """One edit of one file, and what the proof says of it."""

    name: str
    file: str
    text: str
    told: str


def edited(name: str, file: str, right: str, wrong: str, told: str) -> Fault:
    """A fault that stands in one place of a right file."""
    whole = {
        "readme": README,
        "task_toml": METADATA,
        "checker": CHECKER,
        "solution": SOLUTION,
        "mistake": MISTAKE,
        "survivors": SURVIVORS,
    }[file]
    assert right in whole, name
    return Fault(name, file, whole.replace(right, wrong, 1), told)


def added(name: str, text: str, told: str) -> Fault:
    """A fault that a README's first chapter holds."""
    return edited(name, "readme", CHAPTER, f"{CHAPTER}\n{text}\n", told)


FAULTS = (
    # The README's shape and its table.
    edited("a heading is missing", "readme", "## Troubleshooting", "", "README headings are"),
    edited("a heading has another name", "readme", "## Challenge", "## A challenge", "README headings are"),
    edited("two headings changed places", "readme", "## Set up", "## Steps", "README headings are"),
    edited("a step's heading has another name", "readme", "### 1. Make the first", "### 1. Make it", "1-make-it"),
    edited("a step's marker is missing", "readme", "<!-- step: two -->", "", "README steps are"),
    edited("a step's marker is misspelt", "readme", "<!-- step: two -->", "<!-- step: tow -->", "README steps are"),
    edited("the table is missing", "readme", TABLE, "", "README has no table"),
    edited("the time drifted", "readme", "5 minutes", "6 minutes", "README's table says 6 minutes"),
    edited("the level drifted", "readme", "beginner", "advanced", "README's table says 5 minutes, advanced"),
    edited("the points drifted", "readme", "3 points", "4 points", "README's table says 5 minutes, beginner, 4 points"),
    edited("a tool is not named", "readme", "| Git |", "| none |", "README's table does not name the tool git"),
    added("the points of a step drifted", "| `one` | 5 | a file |", "README gives one 5 points, task.toml 1"),
    # Its links and pictures.
    added("a link leads nowhere", "[more](more.md)", "more.md: no such file"),
    added("a link leads to no heading", "[steps](#stairs)", "#stairs: no such heading"),
    added("a link leads out of the repository", "[out](../../../out.md)", "../../../out.md: no such file"),
    added("a link is not encrypted", "[dvc](http://dvc.org)", "http://dvc.org is not encrypted"),
    added("a picture is missing", f"![{'Words. ' * 12}More.](no.svg)", "no.svg: no such file"),
    added("a picture is not told", "![A picture.](starter/hello.txt)", "the alternative text must tell"),
    # What a reader types and sees.
    edited("a command is misspelt", "readme", "touch one", "touhc one", "touhc: not found"),
    edited("a command of Git is misspelt", "readme", "git add one", "git ad one", "'ad' is not a git command"),
    edited("a command is missing", "readme", "git add two\n", "", "1.1/two is failed when its section is done"),
    edited("the folder is another one", "readme", "cd 1_small/task1_two", "cd 1_small/task2", "a command complains"),
    edited("one should see something else", "readme", "... Add two", "... Add four", "one should see '... Add four'"),
    edited(
        "work is done at the start",
        "readme",
        "cd 1_small/task1_two\n",
        "cd 1_small/task1_two\ntouch one\ngit add .\ngit commit -m x\n",
        "1.1/one is passed before anything was done",
    ),
    edited("a line to replace is not there", "readme", FIRST, CHANGE + FIRST, "hello.py has 0 lines that begin with"),
    edited("a server does not start", "readme", FIRST, SERVER.replace("sys\n", "syss\n", 1) + FIRST, "syss"),
    added("a section of a step is twice there", STEP.format(number=1, title="first", name="one"), "README steps are"),
    # Metadata.
    edited("a hint is missing", "task_toml", '"Where?", "What?", "touch one"', '"Where?"', "step one has no 3 hints"),
    edited("a hint is empty", "task_toml", '"What?", "touch two"', '" ", "touch two"', "step two has no 3 hints"),
    edited("the anchor drifted", "task_toml", "2-make-the-second", "2-make-the-third", "2-make-the-third"),
    edited("a step needs one that is not there", "task_toml", 'needs = ["one"]', 'needs = ["zero"]', "zero"),
    edited("a key is missing", "task_toml", "minutes = 5\n", "", "the key 'minutes' is missing"),
    # The checker.
    edited("a check passes everything", "checker", '_file(work, "one")', "pass", "1.1/one passed"),
    edited("a check passes nothing", "checker", '_file(work, "two")', '_file(work, "three")', "1.1/two failed: three"),
    edited("a check breaks", "checker", '_file(work, "two")', "1 / 0", "1.1/two error"),
    edited("a check looks at the name alone", "solution", "touch one two", "echo 1 > one; echo 2 > two", "survived"),
    # Solution and mistakes.
    edited("the solution does not finish", "solution", "git add one two", "git add one", "1.1/two failed"),
    edited("a command of the solution fails", "solution", "touch one two", "false", "ended with 1"),
    Fault("a mistake makes none", "make", "true\n", "expected only 1.1/two to fail; failed: nothing"),
    Fault("a mistake fails another step", "make", "git rm -q one\ngit commit -q -m Oh\n", "expected only 1.1/two"),
    Fault("a mistake can't be made", "make", "no_such_command\n", "no_such_command"),
    edited(
        "a mistake's message is another one", "mistake", "nothing of the kind", "a dragon", "does not say 'a dragon'"
    ),
    edited("a mistake is about no step", "mistake", '"two"', '"three"', "no step 'three'"),
    # Evidence.
    edited("an explanation explains nothing", "survivors", "hello.txt", "nobody.txt", "no such mutation survives"),
    Fault("an explanation is malformed", "survivors", "[[survivor\n", "survivors.toml"),
)


def test_there_are_forty() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 40


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_each_is_caught(fault: Fault, tmp_path: Path) -> None:
    try:
        faults = [said for said in proved(tmp_path, **{fault.file: fault.text}).values() if said]
    except CourseError as error:
        faults = [str(error)]
    assert any(fault.told in said for said in faults), faults


def test_a_program_in_a_second_terminal_runs_on_a_free_port_until_the_section_ends(tmp_path: Path) -> None:
    assert proved(tmp_path, readme=README.replace(FIRST, SERVER + FIRST))[FOLLOWED] is None
