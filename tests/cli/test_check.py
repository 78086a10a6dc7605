"""`mlsd check`: exit codes, formats, and what goes where."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from checks.core.course import Course, load_course
from checks.core.task import Task

SCHEMA = json.loads((Path(__file__).parents[2] / "checks/reports/results.schema.json").read_text(encoding="utf-8"))


def test_everything_passed_is_0(mlsd, solution: Path) -> None:
    call = mlsd("check", "1.1", "--in", solution)
    assert call.code == 0
    assert "score 10 / 10" in call.out


def test_something_to_do_is_1_and_the_report_ends_with_it(mlsd, started: Path) -> None:
    call = mlsd("check", "--in", started)
    assert call.code == 1
    assert call.out.rstrip().endswith("Next: 1.1/init  dvc init --subdir")


def test_a_broken_checker_is_3_with_a_report_for_the_rest(mlsd, solution: Path, course, tmp_path: Path) -> None:
    other = tmp_path / "course"
    task = other / "1_model_versioning" / "task1_intro_to_dvc"
    shutil.copytree(course.task("1.1").path, task)
    checker = task / "test_task.py"
    checker.write_text(
        checker.read_text(encoding="utf-8").replace(
            '    """Each version\'s tag', '    raise RuntimeError("oops")\n    """'
        ),
        encoding="utf-8",
    )
    call = mlsd("check", "--course", other, "--in", solution)
    assert call.code == 3
    assert "! error" in call.out
    assert "oops" in call.out
    assert "✓ passed" in call.out


def test_json_follows_the_published_schema(mlsd, solution: Path, started: Path) -> None:
    for clone in (solution, started):
        report = json.loads(mlsd("check", "--in", clone, "--format", "json").out)
        Draft202012Validator(SCHEMA).validate(report)
        assert report["submissions"][0]["learner"] == {"id": "ada@example.org", "name": "Ada Example"}


def test_a_report_in_a_file_leaves_standard_output_empty(mlsd, solution: Path, tmp_path: Path) -> None:
    call = mlsd("check", "1.1", "--in", solution, "--format", "json", "--output", tmp_path / "report.json")
    assert (call.code, call.out) == (0, "")
    assert json.loads((tmp_path / "report.json").read_text())["schema"] == 1


def test_in_the_clone_itself_no_option_is_needed(mlsd, solved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(solved / "1_model_versioning" / "task1_intro_to_dvc" / "data")
    call = mlsd("check", "1.1")
    assert call.code == 0
    assert "Ada Example" in call.out


@pytest.mark.parametrize("number", [task.id for task in load_course().tasks])
def test_it_executes_nothing_and_loads_no_heavy_library(
    number: str, course: Course, solution_of: Callable[[Task], Path]
) -> None:
    solution = solution_of(course.task(number))
    code = (
        "import sys\n"
        "events = []\n"
        "watched = ('subprocess.Popen', 'os.system', 'os.exec', 'os.posix_spawn', 'os.fork', 'os.forkpty')\n"
        "sys.addaudithook(lambda event, _: events.append(event) if event in watched else None)\n"
        "from checks.cli.main import main\n"
        f"code = main(['check', {number!r}, '--in', {str(solution)!r}, '--format', 'json', '--output', '/dev/null'])\n"
        "heavy = {'dvc', 'mlflow', 'pandas', 'sklearn', 'numpy', 'pytest', 'rich', 'jinja2', 'git'} & set(sys.modules)\n"
        "print(code, events, sorted(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0 [] []\n"


def test_a_pipe_that_closes_early_is_no_error(solution: Path) -> None:
    mlsd = Path(sys.executable).with_name("mlsd")
    done = subprocess.run(
        f"'{mlsd}' check --in '{solution}' | head -n 1", shell=True, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("shared-solution")
    assert done.stderr == ""
