"""A README is followed in a fresh clone, and each way in which it leads astray is told."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

import pytest

from checks.core.course import load_course
from checks.selftest.follow import follow
from tests.selftest.small_course import README, write

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


@pytest.fixture
def faults(tmp_path: Path):
    """Follow this README: what is told."""

    def run(readme: str) -> list[str]:
        folder = Path(mkdtemp(dir=tmp_path))
        write(folder / "course", readme=readme)
        course = load_course(folder / "course")
        return list(follow(course, course.task("1.1"), folder / "clone", rebuild=False))

    return run


def test_a_sound_readme(faults) -> None:
    assert faults(README) == []


def test_a_program_in_a_second_terminal_runs_until_the_section_ends(faults) -> None:
    """On a free port, whatever the README calls it."""
    assert faults(README.replace("```sh\ntouch one", f"{SERVER}\n```sh\ntouch one")) == []
    broken = faults(
        README.replace("```sh\ntouch one", f"{SERVER.replace('import sys', 'import syss')}\n```sh\ntouch one")
    )
    assert "does not answer" in broken[0]
    assert "syss" in broken[0]


def test_a_line_that_is_not_there_can_not_be_replaced(faults) -> None:
    change = "**Do:** change `hello.py`. In the place of `# TODO`:\n\n```python\nprint()\n```\n\n"
    (fault, *_) = faults(README.replace("```sh\ntouch one", f"{change}```sh\ntouch one"))
    assert "hello.py has 0 lines that begin with '# TODO', not one" in fault
