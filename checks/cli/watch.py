"""`mlsd watch`: the work is checked again with every save and commit, on one screen."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli import places
from checks.expect import Failure

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Task
    from checks.model import SubmissionReport, TaskReport

_FOOTER = "h hint  n next task  l list  o README  r reset  q quit"
_CHANGED = ""
"""The queue's entry for a change in the clone; for a key it holds the key."""
_END_OF_INPUT = "\x04"


def watch(
    task: Annotated[
        str | None, typer.Argument(metavar="[TASK]", help="Such as 4.2; the first unfinished one without it.")
    ] = None,
) -> int:
    """Check a task again whenever you save a file or commit, and show what is next.

    Keys: h a hint, n the next task, l all tasks, o where the README explains this step, r the starter again, q quit.
    Without a terminal, each report is written below the one before, until it is interrupted.
    """
    course, clone = places.the_course(None), places.own_clone()
    named = course.task(task) if task else None
    try:
        watching = _Watching(course, clone, named or _first_unfinished(course, clone))
        if sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
            watching.on_a_screen()
        else:
            watching.in_lines()
    except KeyboardInterrupt:
        pass  # the usual way to end it
    return 0


@dataclass
class _Watching:
    """The watched task, and the state of its screen."""

    course: Course
    clone: Path
    task: Task
    below: list[str] = field(default_factory=list)
    """Text that a key asked for, shown in place of the failed step until another step passes or fails."""
    asked_to_reset: bool = False
    report: TaskReport | None = None
    fault: str = ""
    events: SimpleQueue[str] = field(default_factory=SimpleQueue)

    def on_a_screen(self) -> None:
        """One screen, until `q`."""
        from checks.cli.screen import pressed, second_page

        with second_page(), pressed(self.events.put):
            while self._watched_task():
                pass

    def in_lines(self) -> None:
        """A report for each change, one below the other."""
        with self._changes():
            while True:
                self.events.get()
                self._check()
                typer.echo(self._page(), nl=False)
                typer.echo()
                sys.stdout.flush()

    def _watched_task(self) -> bool:
        """Watch one task until a key leads to another one; whether there is another one."""
        task = self.task
        self._show("looking at your work ...")
        with self._changes():
            while self.task is task:
                event = self.events.get()
                if event in ("q", _END_OF_INPUT):
                    return False
                if event == _CHANGED:
                    before = self._outcomes()
                    self._check()
                    if self._outcomes() != before:
                        self.below, self.asked_to_reset = [], False
                else:
                    self._answer(event)
                self._show()
        return True

    def _changes(self) -> ExitStack:
        """Changes of this task's files are told in here."""
        from checks.learner.changes import changes

        stop = Event()

        def tell() -> None:
            for _ in changes(self.clone, self.task, stop):
                self.events.put(_CHANGED)

        teller = Thread(target=tell, daemon=True)
        teller.start()
        stack = ExitStack()
        stack.callback(teller.join)
        stack.callback(stop.set)
        return stack

    def _check(self) -> None:
        """Judge the task as it is now. A state that can't be judged is told, and is judged again with the next change."""
        try:
            report = _judged(self.course, self.clone, self.task)
        except Exception as error:  # noqa: BLE001 - files come and go while we look; the next change tells more
            self.report, self.fault = None, _said(error)
            return
        self.report = report.tasks[0] if report.tasks else None
        self.fault = report.problem.detail if report.problem else ""

    def _answer(self, key: str) -> None:
        """Do what a key asks for; where that can't be done now, say why and go on."""
        try:
            self._key(key)
        except Exception as error:  # noqa: BLE001 - as in _check: a file may be half written, or just gone
            self.below = ["! error: this can't be done just now", _said(error)]

    def _key(self, key: str) -> None:
        if self.asked_to_reset:
            self.asked_to_reset = False
            self.below = self._reset() if key in "yY" else ["Nothing was changed."]
        elif key == "h":
            self.below = self._hint()
        elif key == "n":
            self._next_task()
        elif key == "l":
            self.below = self._list()
        elif key == "o":
            self.below = self._readme()
        elif key == "r":
            self.below = self._ask_to_reset()
            self.asked_to_reset = True

    def _hint(self) -> list[str]:
        from checks.cli.hint import told

        step = self._failed()
        return told(self.clone, self.task, self.task.step(step)) if step else ["No step has failed: no hint is needed."]

    def _readme(self) -> list[str]:
        step = self._failed()
        where = self.task.see(self.task.step(step)) if step else f"{self.task.folder}/README.md"
        return ["The README explains it here:", f"  {where}"]

    def _list(self) -> list[str]:
        from checks.reports import words

        tasks = _judged(self.course, self.clone, *self.course.tasks).tasks
        return [
            f"  {'>' if one.task == self.task.id else ' '} {one.task}  {one.title}: "
            f"{words.score_words(one.score, one.max_score, one.total)}"
            for one in tasks
        ]

    def _next_task(self) -> None:
        following = list(self.course.tasks)
        at = following.index(self.task)
        if at + 1 < len(following):
            self.task, self.report, self.below = following[at + 1], None, []
        else:
            self.below = ["This is the last task."]

    def _ask_to_reset(self) -> list[str]:
        from checks.learner.layout import own_work

        work = [f"  {entry.name}" for entry in own_work(self.task, self.clone)]
        leaving = ["These leave the task's folder, and are kept in a backup folder:", *work] if work else []
        return [f"Put the starter of {self.task.id} back?", *leaving, "y yes  n no"]

    def _reset(self) -> list[str]:
        from checks.cli.reset import put_back
        from checks.learner.clone import read_identity

        learner = read_identity(self.clone)
        if learner is None:
            return [f"You have not started yet. To start: mlsd start {self.task.id}"]
        return put_back(self.task, self.clone, learner)

    def _failed(self) -> str | None:
        """The name of the first failed step."""
        from checks.reports.words import next_step

        step = next_step(self.report.steps) if self.report else None
        return step.step.partition("/")[2] if step else None

    def _outcomes(self) -> list[str]:
        return [step.outcome for step in self.report.steps] if self.report else []

    def _show(self, waiting: str = "") -> None:
        from checks.cli.screen import draw

        draw([waiting] if waiting else self._page().splitlines(), _FOOTER)

    def _page(self) -> str:
        from checks.reports import terminal
        from checks.reports.escape import terminal as escaped

        color, width = places.colorful(), places.width()
        if self.report is None:
            lines = [f"{self.task.id}  {self.task.title}", "", "! error: this could not be looked at just now"]
            lines += terminal.wrap(escaped(self.fault), width)
            lines += ["", "It is looked at again with your next change."]
            return "\n".join(lines) + "\n"
        if not self.below:
            return terminal.render_progress(self.report, color=color, width=width)
        lines = [part for line in self.below for part in terminal.wrap(escaped(line), width)]
        steps = terminal.render_progress(self.report, color=color, width=width, below=False)
        return steps + "\n".join(["", *lines]) + "\n"


def _said(error: Exception) -> str:
    """The text of an error; of a Failure, its `found`."""
    return f"{error.looked_at}: {error.found}" if isinstance(error, Failure) else f"{type(error).__name__}: {error}"


def _judged(course: Course, clone: Path, *tasks: Task) -> SubmissionReport:
    from checks.core.selection import Selection
    from checks.submissions.check import check_submission

    return check_submission(course, clone, [Selection(task) for task in tasks], here=True)


def _first_unfinished(course: Course, clone: Path) -> Task:
    """The first task with something to do; the last one where all is done."""
    from checks.model import Outcome

    for task in course.tasks:
        if any(step.outcome in (Outcome.FAILED, Outcome.BLOCKED) for step in _judged(course, clone, task).steps):
            return task
    return course.tasks[-1]
