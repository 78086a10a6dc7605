"""The workflows say what `mlsd` and `make` know, hand strangers nothing, and their own lines do what they promise."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from checks.cli.main import app
from checks.model import CohortReport, CourseStamp, Outcome, StepResult, SubmissionReport, TaskReport
from checks.reports import results

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
BRANCHES = ROOT / ".github/workflows/solution-branches.yml"
PINNED = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def document(workflow: Path) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    return loaded


def steps(workflow: Path) -> Iterator[dict[str, Any]]:
    for job in document(workflow)["jobs"].values():
        yield from job["steps"]


def calls(workflow: Path, program: str) -> Iterator[list[str]]:
    """The words behind each call of a program."""
    for step in steps(workflow):
        for line in re.split(r"[\n|>;]|&&", step.get("run", "")):
            words = shlex.split(line)
            if words and words[0].rpartition("/")[2] == program:
                yield words[1:]


def script(name: str) -> str:
    return str(next(step["run"] for step in steps(BRANCHES) if step["name"] == name))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_stranger_is_handed_nothing(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    loaded = document(workflow)
    assert loaded["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in text
    assert "secrets." not in text
    for step in steps(workflow):
        assert "${{" not in step.get("run", ""), "what others name goes through the environment"
        if "checkout@" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False
    uses = [line.strip().removeprefix("- ") for line in text.splitlines() if "uses:" in line]
    assert uses
    assert all(PINNED.fullmatch(line) for line in uses)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_call_is_one_that_there_is(workflow: Path) -> None:
    program: Any = get_command(app)
    for verb, *words in calls(workflow, "mlsd"):
        program.commands[verb].make_context(verb, words)
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for target, *variables in calls(workflow, "make"):
        assert target in targets
        for variable in variables:
            assert re.search(rf"\$\({variable.partition('=')[0]}\)", (ROOT / "Makefile").read_text(encoding="utf-8"))


def test_the_workflow_of_branches_makes_every_call_that_it_needs() -> None:
    assert [words[0] for words in calls(BRANCHES, "make")] == ["engines", "solution-branches", "grade"]
    assert [words[0] for words in calls(BRANCHES, "mlsd")] == ["report", "report"]
    when = document(BRANCHES)[True]  # YAML 1.1 takes `on` for a truth
    assert when == {"push": {"branches": ["solution/**"]}, "pull_request": None}


@pytest.mark.parametrize(
    "name", ["solution/ada", "solution/a$(touch marker)`touch marker`", "solution/'a;b'&c|\"$HOME"]
)
def test_a_branch_s_name_reaches_mlsd_as_it_is(tmp_path: Path, name: str) -> None:
    """Whatever Git allows in it: make and the shell act on none of it."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    program = tmp_path / ".venv/bin/mlsd"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "BRANCHES": name}
    for step in ("Build the course's own solution", "Grade the branch"):
        command = script(step).replace("make ", "make PYTHON=true ")
        done = subprocess.run(
            ["bash", "-e", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        out = done.stdout.splitlines()
        assert out[out.index("--branch" if "--branch" in out else "--branches") + 1] == name
    assert "--rebuild" in out
    assert not (tmp_path / "marker").exists()


@pytest.mark.skipif(os.name == "nt", reason="the workflow runs on Linux")
@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_result_is_shown_and_what_failed_turns_the_run_red(tmp_path: Path, outcome: Outcome) -> None:
    step = StepResult("1.1/init", "It is there", outcome, 1.0, reason="why")
    report = SubmissionReport("solution/ada", (TaskReport("1.1", "Intro", (step,)),))
    written = CohortReport(CourseStamp("course", "1", "sha256:0"), "2026-11-22T10:00:00Z", (report,))
    if outcome is Outcome.BLOCKED:  # something failed before it
        first = replace(step, step="1.1/a", outcome=Outcome.FAILED)
        written = replace(written, submissions=(replace(report, tasks=(TaskReport("1.1", "Intro", (first, step)),)),))
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/results.json").write_text(results.render(written), encoding="utf-8")
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    environment = {**os.environ, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}

    def run(name: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "-e", "-o", "pipefail", "-c", script(name)]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    shown = run("Show the result")
    assert shown.returncode == 0, shown.stderr
    assert "1.1/init" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert shown.stdout == (tmp_path / "reports/annotations.txt").read_text(encoding="utf-8")
    red = outcome not in (Outcome.PASSED, Outcome.UNAVAILABLE)
    assert run("Every step passed").returncode == int(red)


def test_a_branch_is_parted_from_the_course_that_it_is_merged_with(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "-m", "The course")
    git("switch", "--quiet", "-c", "solution/ada")
    git("commit", "--quiet", "--allow-empty", "-m", "Ada's work")
    git("switch", "--quiet", "main")
    git("commit", "--quiet", "--allow-empty", "-m", "The course goes on")
    git("merge", "--quiet", "--no-ff", "solution/ada", "-m", "Merge")
    git("switch", "--quiet", "--detach")
    environment = {**os.environ, "BRANCHES": "solution/pull-7"}
    command = ["bash", "-e", "-c", script("Part the branch from the course")]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    assert git("log", "-1", "--format=%s", "solution/pull-7") == "Ada's work"
    assert git("log", "-1", "--format=%s") == "The course goes on"
