"""docs/authors.md, followed word for word in a fresh clone: files written, commands typed, a seventh task proved without a change elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

from checks.core.course import OWN_COURSE, Course, load_course
from checks.selftest.build import clone_course
from checks.selftest.readme import unfinished

FILE = re.compile(r"`(\S+/\S+)`:")
GUIDE = (OWN_COURSE / "docs/authors.md").read_text(encoding="utf-8")


def blocks() -> list[tuple[str | None, str]]:
    """Each block of the worked example: the file that it is, or None for commands to type; and its text."""
    found = []
    before = ""
    inside = False
    for token, following in pairwise(MarkdownIt("commonmark").parse(GUIDE)):
        if (token.type, token.tag) == ("heading_open", "h2"):
            inside = following.content == "A worked example"
        elif token.type == "inline":
            before = token.content
        elif token.type == "fence" and inside:
            file = FILE.fullmatch(before)
            if file or not token.info:  # a block with a kind and no file shows something
                found.append((file[1] if file else None, token.content))
    return found


def test_the_worked_example(course: Course, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    clone_course(course, clone)
    commands = tmp_path / "bin"
    commands.mkdir()
    mlsd = commands / "mlsd"  # of the clone, with the packages of this environment
    mlsd.write_text(f'#!/bin/sh\nexec {sys.executable} -P -c "from checks.cli.main import run; run()" "$@"\n')
    mlsd.chmod(0o755)
    path = os.pathsep.join((str(commands), str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(clone)}
    folder = clone
    said = ""
    for file, text in blocks():
        if file:
            (clone / file).write_text(text, encoding="utf-8")
            continue
        done = subprocess.run(
            ["sh", "-euc", f"{text}\npwd"], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        said, _, last = done.stdout.rstrip("\n").rpartition("\n")
        folder = Path(last)
    assert re.match(r"[89] proved, 0 with a fault", said.splitlines()[-1]), said  # 8 where no sandbox works
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    assert changed.stdout.split() == ["??", "1_model_versioning/task9_show_the_data/"]


def test_what_the_scaffold_leaves_open_is_told(course: Course, tmp_path: Path, mlsd) -> None:
    clone = tmp_path / "clone"
    clone_course(course, clone)
    assert mlsd("new-task", "2.3", "Compare two models", "--course", clone).code == 0
    call = mlsd("selftest", "2.3", "--course", clone)
    assert call.code == 1
    task = clone / "2_experiment_tracking/task3_compare_two_models"
    for path in task.rglob("*"):
        if path.is_file():
            assert f"{path.relative_to(task).as_posix()}:" in call.out


def test_half_a_mistake_is_told(course: Course, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    clone_course(course, clone)
    task = load_course(clone).task("1.1")
    assert list(unfinished(task)) == []
    for name, left_out in (("words_alone", "make.sh"), ("script_alone", "mistake.toml")):
        shutil.copytree(task.path / "mistakes/never-pushed", task.path / "mistakes" / name)
        (task.path / "mistakes" / name / left_out).unlink()
    assert list(unfinished(task)) == [
        "mistakes/script_alone/mistake.toml is missing, so this mistake is not tried",
        "mistakes/words_alone/make.sh is missing, so this mistake is not tried",
    ]


def test_numbers_and_titles_that_can_not_be(course: Course, mlsd) -> None:
    for words, told in (
        (("1.1", "Again"), "there is a task 1.1 already"),
        (("9.1", "Nine"), "there is no module 9; the modules are 1_model_versioning"),
        (("one", "One"), "'one' is no task's number"),
        (("1.9", "!?"), "is no title"),
        (("1.9", "x" * 61), "the title has 61 characters: take at most 60"),
    ):
        call = mlsd("new-task", *words)
        assert (call.code, call.out) == (2, "")
        assert told in call.err
