"""The README of task 2.1 tells the solution, and its pages show the runs. `mlsd selftest` follows it."""

from __future__ import annotations

import json
import urllib.request

from checks.core.task import Task
from checks.selftest.walkthrough import Replaced, Served, sections


def readme(task: Task) -> str:
    return (task.path / "README.md").read_text(encoding="utf-8")


def test_the_starter_with_the_changes_of_the_readme_is_the_solution(task: Task) -> None:
    lines = (task.path / "starter/track.py").read_text(encoding="utf-8").splitlines(keepends=True)
    changes = [
        action for section in sections(readme(task)) for action in section.actions if isinstance(action, Replaced)
    ]
    for change in changes:
        (at,) = [place for place, line in enumerate(lines) if line.strip().startswith(change.line)]
        lines[at : at + change.count] = change.text.splitlines(keepends=True)
    assert "".join(lines) == (task.path / "solution/track.py").read_text(encoding="utf-8")


def test_the_pages_show_the_runs(task: Task, done, served) -> None:
    """`mlflow ui` of step 2, asked for what a browser asks for."""
    (pages,) = [
        action for section in sections(readme(task)) for action in section.actions if isinstance(action, Served)
    ]
    assert pages.command.startswith("mlflow ui")
    address = served(pages.command, done.folder)
    with urllib.request.urlopen(address, timeout=30) as page:
        assert b"MLflow" in page.read()
    question = urllib.request.Request(
        f"{address}/ajax-api/2.0/mlflow/runs/search",
        json.dumps({"experiment_ids": ["1"]}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(question, timeout=30) as answer:
        runs = json.load(answer)["runs"]
    assert {run["info"]["run_name"] for run in runs} == {"first forecast"}
