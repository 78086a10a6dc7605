"""docs/readers.md: its reader, written as the page says, is read through a workspace."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from checks.core.course import Course
from checks.selftest.build import clone_course
from tests.words.pages import ROOT

PAGE = (ROOT / "docs/readers.md").read_text(encoding="utf-8")
FILES = re.findall(r"^`(checks/\S+\.py)`:\n\n```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
((LINE,),) = [re.findall(r"^```text\n(.*?)\n^```$", PAGE, re.MULTILINE | re.DOTALL)]
ASK = """
import sys
from pathlib import Path
from checks.core.clone import Clone
from checks.core.workspace import Workspace
from checks.expect import Malformed
work = Workspace(Clone(Path(sys.argv[1])), "")
try:
    found = work.precommit
    print(found and [(one.repo, one.rev, [hook.id for hook in one.hooks]) for one in found.repos])
except Malformed as fault:
    print(fault.looked_at, fault.found)
"""


def test_the_reader_of_the_page(course: Course, tmp_path: Path) -> None:
    engine, work = tmp_path / "engine", tmp_path / "work"
    clone_course(course, engine)
    for path, text in FILES:
        (engine / path).parent.mkdir(exist_ok=True)
        (engine / path).write_text(text, encoding="utf-8")
    workspace = engine / "checks/core/workspace.py"
    first = '    conda: Reader[Conda] = Reader("checks.evidence.conda.folder")\n'
    text = workspace.read_text(encoding="utf-8")
    assert first in text
    workspace.write_text(text.replace(first, f"{LINE}\n{first}"), encoding="utf-8")

    def asked(configuration: str | None) -> str:
        if configuration is not None:
            (work / ".pre-commit-config.yaml").write_text(configuration, encoding="utf-8")
            git("add", ".")
        git("commit", "--quiet", "--allow-empty", "-m", "Hooks")
        done = subprocess.run(
            [sys.executable, "-P", "-c", ASK, work], cwd=engine, env={"PYTHONPATH": str(engine)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=work, check=True)

    work.mkdir()
    git("init", "--quiet")
    assert asked(None) == "None"
    assert asked("repos:\n- repo: local\n  hooks: [{id: a}]\n") == "[('local', None, ['a'])]"
    assert asked("repos: 5\n") == ".pre-commit-config.yaml a whole number at `repos`, where a list belongs"
