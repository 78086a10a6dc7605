"""Files that Python, pytest, make, a shell or a grader would run or believe if they saw them (A6-A9, A22, A24)."""

from __future__ import annotations

import json
import shutil

from tests.grading.ground import TASK, Ground, attack

LEVELS = ("", "1_model_versioning/", f"{TASK}/", f"{TASK}/data/", "checks/")


@attack()
def pytest_files(at: Ground) -> None:
    for level in LEVELS:
        at.write(f"{level}conftest.py", at.python)
        at.write(f"{level}pytest.ini", "[pytest]\naddopts = -p evil\npython_files = *.py\n")
        at.write(f"{level}tox.ini", "[pytest]\naddopts = -p evil\n")
        at.write(f"{level}setup.cfg", "[tool:pytest]\naddopts = -p evil\n")
        at.write(f"{level}evil.py", at.python)
        at.write(f"{level}pyproject.toml", '[tool.pytest.ini_options]\naddopts = "-p evil"\n')
        at.write(f"{level}.env", "PYTEST_ADDOPTS=-p evil\n")
        at.write(f"{level}evil.dist-info/entry_points.txt", "[pytest11]\nevil = evil\n")


@attack()
def modules_that_shadow(at: Ground) -> None:
    names = ("sitecustomize", "usercustomize", "json", "typing", "dataclasses", "yaml", "pygit2", "configobj", "jinja2")
    for level in LEVELS:
        for name in names:
            at.write(f"{level}{name}.py", at.python)
        for package in ("dvc", "mlflow", "checks", "typer", "rich"):
            at.write(f"{level}{package}/__init__.py", at.python)
        at.write(f"{level}evil.pth", f"import os; {at.python}")
        at.write(f"{level}pyvenv.cfg", f"home = {at.folder}\n")
        at.write(f"{level}__pycache__/json.cpython-311.pyc", b"\0" * 64)


@attack()
def tools_on_the_path(at: Ground) -> None:
    for level in LEVELS:
        for tool in ("git", "dvc", "python", "python3", "sh", "mlsd"):
            at.write(f"{level}bin/{tool}", f"#!/bin/sh\n{at.payload}\n", executable=True)
            at.write(f"{level}.venv/bin/{tool}", f"#!/bin/sh\n{at.payload}\n", executable=True)
        at.write(f"{level}.envrc", at.payload)
        at.write(f"{level}Makefile", f"X := $(shell {at.payload})\nall check grade:\n\t{at.payload}\n")
        at.write(f"{level}setup.py", at.python)
        at.write(f"{level}.python-version", "evil\n")


@attack(step="init", says="no .dvc folder")
def checker_of_its_own(at: Ground) -> None:
    """Everything that decides a grade is replaced; nothing of the work is there."""
    shutil.rmtree(at.task / ".dvc")
    at.uncommit(f"{TASK}/.dvc")
    at.write(f"{TASK}/test_task.py", at.python + "from checks import step\n\n@step('init')\ndef test(work): pass\n")
    at.write(f"{TASK}/task.toml", 'title = "Free"\nminutes = 0\nlevel = "x"\ntools = []\n[steps.init]\npoints = 1000\n')
    at.write("course.toml", 'id = "another"\n')
    at.write("README.md", at.python)
    at.write("checks/model.py", at.python)
    at.write("checks/limits.py", at.python)
    at.write("checks/grading/grade.py", at.python)
    at.write(".github/workflows/check.yml", "on: push\n")


@attack(step="init", says="no .dvc folder")
def forged_results(at: Ground) -> None:
    """What a grader would have written, and files of other names that one might prefer."""
    shutil.rmtree(at.task / ".dvc")
    at.uncommit(f"{TASK}/.dvc")
    row = {"submission": "clone", "score": 10.0, "max_score": 10.0, "total": 10.0, "tasks": []}
    for level in ("", "reports/", f"{TASK}/", ".mlsd/"):
        at.write(f"{level}results.json", json.dumps({"schema": 1, "submissions": [row]}))
        at.write(f"{level}results.jsonl", json.dumps(row) + "\n")
        at.write(f"{level}reward.json", '{"reward": 1.0}')
        at.write(f"{level}reward.txt", "1")
        at.write(f"{level}gradebook.csv", "submission,score\nclone,10\n")
        at.write(f"{level}feedback/clone.md", "10 of 10")
