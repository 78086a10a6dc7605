"""Results as text for a terminal: the words of `mlsd check` and of the pytest plugin.

No state is told by colour alone, and nothing from a submission reaches the terminal unescaped. Lines fit the width,
except a command to type, which is never broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import wcwidth

from checks.model import Finding, Outcome, StepResult, SubmissionReport, TaskReport
from checks.reports.escape import shorten, terminal
from checks.reports.words import (
    EVIDENCE,
    SYMBOLS,
    lateness,
    next_step,
    nothing_failed,
    score_words,
    short_commit,
    shorten_hashes,
    step_points,
)

MIN_WIDTH = 40
MAX_CHARACTERS = 1_200
"""Longer evidence is cut, and the cut says how long the evidence is."""
MAX_LINES = 20
"""Of longer evidence, the first and the last lines: what a program said last is often what matters."""
MAX_NAME = 100
"""Longer names are cut in the same way. A file's name has up to 255 characters."""
_INDENT = 5
_LABEL = 11
_MIN_TITLE = 16
_MIN_ID = 4
_MAX_ID = 24
_BOLD = "1"
_DIM = "2"
_COLORS = {
    Outcome.PASSED: "32",
    Outcome.FAILED: "31;1",
    Outcome.BLOCKED: "33",
    Outcome.UNAVAILABLE: "36",
    Outcome.ERROR: "35;1",
}


def clip(text: str, width: int) -> str:
    """The text, or its start and `…`, in at most `width` columns."""
    return text if wcwidth.width(text) <= width else wcwidth.clip(text, 0, width - 1) + "…"


def wrap(text: str, width: int) -> list[str]:
    """One safe line (`escape.terminal`) in lines of at most `width` columns, broken inside a word where it is too long."""
    if any(len(word) >= width for word in text.split()):
        text = text.replace("::", r"\x3a:")  # at the start of a line, it would be a build runner's command
    return wcwidth.wrap(text, width, break_on_hyphens=False) or [""]


@dataclass(frozen=True, slots=True)
class _Page:
    """Where the text goes: its width in columns, whether it has colour, and the width of the table's columns."""

    color: bool
    width: int
    word: int
    id: int
    points: int
    verbose: bool
    """Whether hashes are shown whole."""

    @classmethod
    def of(cls, steps: Sequence[StepResult], color: bool, width: int, verbose: bool = False) -> _Page:
        """The page on which these steps stand in straight columns."""
        width = max(MIN_WIDTH, width)
        word = max((len(step.outcome) for step in steps), default=0)
        points = max((len(step_points(step)) for step in steps), default=0)
        longest = max((wcwidth.width(terminal(step.step)) for step in steps), default=0)
        room = max(_MIN_ID, min(_MAX_ID, width - word - points - 9))
        return cls(color=color, width=width, word=word, id=min(room, longest), points=points, verbose=verbose)

    def paint(self, text: str, style: str) -> str:
        """The text in a colour, where the page has colour."""
        return f"\x1b[{style}m{text}\x1b[0m" if self.color else text


def render(
    report: SubmissionReport, *, color: bool, width: int = 80, brief: bool = False, verbose: bool = False
) -> str:
    """A whole submission: every task with its steps, the score, and the one step to take next.

    With `brief`, a step is its line only, without the evidence or the reason below it. With `verbose`, the hashes in the
    evidence are whole; commands have them whole anyway.
    """
    page = _Page.of(report.steps, color, width, verbose)
    lines = [*_header(report, page), ""]
    if report.problem:
        problem = f"{report.problem.kind}: {report.problem.detail}"
        lines += [page.paint("✗ This submission could not be read", _COLORS[Outcome.FAILED])]
        return _joined([*lines, *_labelled("reason", problem, page)])
    for task in report.tasks:
        lines += [*_task(task, page, brief), ""]
    if report.findings:
        lines += ["To look at (this takes no points):"]
        lines += [line for finding in report.findings for line in _finding(finding, page)]
        lines += [""]
    if len(report.tasks) > 1:
        lines += ["All tasks: " + _score(report), ""]
    return _joined([*lines, *_next(report.steps, page)])


def render_task(task: TaskReport, *, color: bool, width: int = 80, brief: bool = False) -> str:
    """One task: its steps, its score, and the one step to take next. `brief` as in `render`."""
    page = _Page.of(task.steps, color, width)
    return _joined([*_task(task, page, brief), "", *_next(task.steps, page)])


def render_progress(task: TaskReport, *, color: bool, width: int = 80, below: bool = True) -> str:
    """One task at work: its steps and its score; `below` them the first step that failed, in full."""
    page = _Page.of(task.steps, color, width)
    lines = list(_task(task, page, brief=True))
    failed = next_step(task.steps)
    if below:
        lines += ["", *(_step(failed, page) if failed else wrap(nothing_failed(task.steps), page.width))]
    return _joined(lines)


def render_step(step: StepResult, *, color: bool, width: int = 80) -> str:
    """One step: its line and, where it did not pass, why."""
    return _joined(_step(step, _Page.of((step,), color, width)))


def _joined(lines: Sequence[str] | Iterator[str]) -> str:
    """Lines as text, with a line break at the end."""
    return "\n".join(lines) + "\n"


def _header(report: SubmissionReport, page: _Page) -> Iterator[str]:
    """What was looked at: the submission's name, whose it is, its commit."""
    first, *rest = wrap(terminal(shorten(report.submission, MAX_NAME)), page.width)
    yield page.paint(first, _BOLD)
    yield from (page.paint(line, _BOLD) for line in rest)
    learner = report.learner
    facts = [f"{shorten(learner.name, MAX_NAME)} ({shorten(learner.id, MAX_NAME)})"] if learner else []
    facts += [f"commit {short_commit(report.commit)}"] if report.commit else []
    facts += [lateness(report)] if report.late else []
    if facts:
        yield from wrap(terminal(", ".join(facts)), page.width)


def _task(task: TaskReport, page: _Page, brief: bool) -> Iterator[str]:
    """A task's title, its steps and its score."""
    for line in wrap(terminal(f"{task.task}  {task.title}"), page.width):
        yield page.paint(line, _BOLD)
    for step in task.steps:
        yield from _step_line(step, page) if brief else _step(step, page)
    yield " " + _score(task)


def _score(report: SubmissionReport | TaskReport) -> str:
    return "score " + score_words(report.score, report.max_score, report.total)


def _step(step: StepResult, page: _Page) -> Iterator[str]:
    """A step's line; below it, where the step did not pass, the evidence and the next command, or the reason."""
    yield from _step_line(step, page)
    if step.outcome is Outcome.PASSED:
        return
    room = page.width - _INDENT - _LABEL
    for label, field in EVIDENCE.items():
        text = getattr(step, field)
        if field == "fix" and text:
            yield from _hanging(label, list(_commands(text, room)), page)
        elif field == "see" and text and wcwidth.width(terminal(text)) > room:
            yield from _labelled(label, "\n".join(filter(None, _parted(text, room))), page)
        elif text is not None:
            yield from _labelled(label, text if page.verbose else shorten_hashes(text), page)


def _parted(address: str, room: int) -> tuple[str, str]:
    """A long address in two: before its heading; where its path alone is too wide already, before the file's name."""
    path = address.partition("#")[0]
    at = len(path) if wcwidth.width(terminal(path)) <= room else path.rfind("/") + 1
    return address[:at], address[at:]


def _step_line(step: StepResult, page: _Page) -> Iterator[str]:
    """The sign and the word of the outcome, the id, the title (wrapped) and the points at the right edge."""
    state = f"{SYMBOLS[step.outcome]} {wcwidth.ljust(step.outcome.value, page.word)}"
    left = f"  {wcwidth.ljust(clip(terminal(step.step), page.id), page.id)}  "
    used = 1 + wcwidth.width(state) + wcwidth.width(left)
    points = step_points(step).rjust(page.points)
    room = page.width - used - page.points - 2
    below = room < _MIN_TITLE
    title = wrap(terminal(step.title), page.width - _INDENT if below else room)
    first = "" if below else title.pop(0)
    gap = " " * max(1, page.width - used - wcwidth.width(first) - len(points))
    yield f" {page.paint(state, _COLORS[step.outcome])}{left}{first}{gap}{points}"
    yield from (" " * (_INDENT if below else used) + line for line in title)


def _labelled(label: str, text: str, page: _Page) -> Iterator[str]:
    """A label and its text, wrapped with a hanging indent."""
    room = page.width - _INDENT - _LABEL
    lines = [part for line in shorten(text, MAX_CHARACTERS).split("\n") for part in wrap(terminal(line), room)]
    if len(lines) > MAX_LINES:
        more = f"… (cut: {len(lines) - MAX_LINES:,} lines)"
        lines = [*lines[: MAX_LINES // 3], more, *lines[MAX_LINES // 3 - MAX_LINES :]]
    yield from _hanging(label, lines, page)


def _commands(fix: str, room: int) -> Iterator[str]:
    """Commands, each on a line that is never broken, and steps to do by hand, which stand in brackets and are wrapped."""
    for line in fix.split("\n"):
        shown = terminal(line)
        yield from wrap(shown, room) if shown.startswith("(") else [shown]


def _hanging(label: str, lines: Sequence[str], page: _Page) -> Iterator[str]:
    """Lines with the label before the first."""
    for index, line in enumerate(lines):
        shown = page.paint(label, _DIM) + " " * (_LABEL - len(label)) if index == 0 else " " * _LABEL
        yield (" " * _INDENT + shown + line).rstrip()


def _finding(finding: Finding, page: _Page) -> Iterator[str]:
    """Something that an instructor should look at."""
    names = ", ".join(shorten(name, MAX_NAME) for name in finding.others)
    others = f" (with {names})" if names else ""
    about = ", ".join(filter(None, (finding.kind, finding.step)))
    text = terminal(shorten(f"{about}: {finding.detail}", MAX_CHARACTERS) + others)
    yield from _indented("   - ", wrap(text, page.width - _INDENT))


def _next(steps: Sequence[StepResult], page: _Page) -> Iterator[str]:
    """The one step to take next, with its commands; or a sentence where no step failed."""
    step = next_step(steps)
    if step is None:
        yield from wrap(nothing_failed(steps), page.width)
        return
    start = f"Next: {clip(terminal(step.step), page.id)}  "
    room = page.width - wcwidth.width(start)
    lines = list(_commands(step.fix, room)) if step.fix else wrap(terminal(step.title), room)
    yield from _indented(start, lines)


def _indented(start: str, lines: Sequence[str]) -> Iterator[str]:
    """Lines with some text before the first, and as many spaces before the others."""
    for index, line in enumerate(lines):
        yield (start if index == 0 else " " * wcwidth.width(start)) + line
