"""The pytest door: `pytest TASK_FOLDER` gives the verdicts and the words of `mlsd check`.

Loaded by pytest wherever the package is installed; it acts only on functions that `@step` marked.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checks.core.step import step_name

if TYPE_CHECKING:
    from checks.core.judge import Judge
    from checks.core.workspace import Workspace

_JUDGES: pytest.StashKey[dict[Path, Judge]] = pytest.StashKey()
_VERDICT: pytest.StashKey[str] = pytest.StashKey()
_PROPERTY = "mlsd_verdict"
_VERDICTS: pytest.StashKey[list[str]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Make room for the verdicts of this session."""
    config.stash[_JUDGES] = {}
    config.stash[_VERDICTS] = []


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Load a task's checker as `mlsd` does, with the task's own package; what can't be loaded is pytest's to explain."""
    from checks.core.checker import CHECKER, import_checker
    from checks.core.errors import CourseError

    if module_path.name != CHECKER or not (module_path.parent / "task.toml").is_file():
        return None
    module = pytest.Module.from_parent(parent, path=module_path)
    with suppress(CourseError):
        module.obj = import_checker(module_path)
    return module


@pytest.fixture
def work(request: pytest.FixtureRequest) -> Workspace:
    """The learner's workspace of the task that the test belongs to."""
    return _judge(request.config, request.path).work


def _judge(config: pytest.Config, checker: Path) -> Judge:
    """The judge of the task whose `test_task.py` this is, over the clone that it lies in."""
    from checks.core.checker import load_checker
    from checks.core.clone import Clone
    from checks.core.judge import Judge
    from checks.core.task import load_task
    from checks.core.workspace import Workspace

    folder = checker.parent
    judges = config.stash[_JUDGES]
    if folder not in judges:
        course = folder.parents[1]
        task = load_task(folder, course)
        judges[folder] = Judge(task, load_checker(task), Workspace(Clone(course, here=True), task.folder))
    return judges[folder]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Judge a step in place of calling its function; other tests are pytest's own business."""
    name = step_name(pyfuncitem.obj)
    if name is None:
        return None
    from checks.model import Outcome
    from checks.reports import terminal

    judge = _judge(pyfuncitem.config, pyfuncitem.path)
    result = judge.result(name)
    place = next(index for index, step in enumerate(judge.task.steps) if step.name == name)
    pyfuncitem.stash[_VERDICT] = json.dumps({"title": judge.task.title, "place": place, "step": asdict(result)})
    words = terminal.render_step(result, color=False)
    match result.outcome:
        case Outcome.FAILED:
            pytest.fail(words, pytrace=False)
        case Outcome.BLOCKED | Outcome.UNAVAILABLE:
            pytest.skip(f"{result.outcome}: {result.reason}")
        case Outcome.ERROR:
            pyfuncitem.obj(judge.work)  # again, so that pytest shows where it broke
            pytest.fail(words, pytrace=False)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send the verdict along with the report: with pytest-xdist, it comes from another process."""
    report = yield
    if report.when == "call" and _VERDICT in item.stash:
        report.user_properties.append((_PROPERTY, item.stash[_VERDICT]))
    return report


class _Collector:
    """Collects the verdicts of a session, from this process or from others."""

    def __init__(self, verdicts: list[str]) -> None:
        self._verdicts = verdicts

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the verdict of a step."""
        self._verdicts += [str(value) for key, value in report.user_properties if key == _PROPERTY]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Listen to the reports of this session."""
    session.config.pluginmanager.register(_Collector(session.config.stash[_VERDICTS]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Below pytest's own summary: the steps, the score and the one thing to do next, as `mlsd check` says them."""
    if not config.stash[_VERDICTS]:
        return
    from checks.model import Outcome, StepResult, TaskReport
    from checks.reports import terminal

    tasks: dict[str, list[StepResult]] = {}
    titles: dict[str, str] = {}
    # In the task's order: with pytest-xdist, they come as they are done.
    verdicts = [json.loads(text) for text in config.stash[_VERDICTS]]
    for verdict in sorted(verdicts, key=lambda verdict: int(verdict["place"])):
        step = StepResult(**{**verdict["step"], "outcome": Outcome(verdict["step"]["outcome"])})
        task = step.step.partition("/")[0]
        tasks.setdefault(task, []).append(step)
        titles[task] = verdict["title"]
    for task, steps in sorted(tasks.items()):
        terminalreporter.write_sep("=", f"task {task}")
        report = TaskReport(task, titles[task], tuple(steps))
        terminalreporter.write(terminal.render_task(report, color=terminalreporter.hasmarkup, brief=True))
