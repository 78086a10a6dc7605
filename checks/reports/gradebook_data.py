"""The evidence of a gradebook page, as JSON in the page: each text once, however many learners have it.

A row is an object with the learner's name (`n`), submission (`s`), id (`i`), commit (`c`), time (`t`), score in words
(`w`), problem (`p`), feedback file (`f`), findings (`x`: kind, step, text, others) and tasks (`k`: index of the task,
score in words, steps). A step is a list: index in its task, outcome's index, points in words, then label and text in turn.
Texts are indexes into `texts`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from markupsafe import Markup

from checks.model import Outcome, StepResult, SubmissionReport, TaskReport
from checks.reports.class_summary import ClassSummary
from checks.reports.page import MAX_NAME, name_of, shown
from checks.reports.words import SYMBOLS, lateness, score_words, step_points

_LABELS = ("looked at", "expected", "found", "next", "read", "reason")
_FIELDS = ("looked_at", "expected", "found", "fix", "see", "reason")
_OUTCOMES = tuple(Outcome)
_BREAKS_OUT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""What could end the element that holds the JSON, or begin a comment in it."""


def data_chunks(rows: Iterable[tuple[SubmissionReport, str]], summary: ClassSummary) -> Iterator[Markup]:
    """The JSON, piece by piece, for submissions each with the address of its feedback file."""
    texts: dict[str, int] = {}
    places = {
        step: (at, place) for at, task in enumerate(summary.tasks.values()) for place, step in enumerate(task.steps)
    }
    tasks = [
        {"task": task.task, "title": task.title, "steps": [[step.step, step.title] for step in task.steps.values()]}
        for task in summary.tasks.values()
    ]
    head = {
        "labels": _LABELS,
        "outcomes": [[outcome.value, SYMBOLS[outcome]] for outcome in _OUTCOMES],
        "tasks": tasks,
    }
    yield Markup(_json(head)[:-1] + ',"rows":[')
    comma = ""
    for submission, feedback in rows:
        yield Markup(comma + _json(_row(submission, feedback, places, texts)))
        comma = ",\n"
    yield Markup('],"texts":[')
    comma = ""
    for text in texts:
        yield Markup(comma + _json(text))
        comma = ",\n"
    yield Markup("]}")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_BREAKS_OUT)


def _row(
    submission: SubmissionReport, feedback: str, places: Mapping[str, tuple[int, int]], texts: dict[str, int]
) -> dict[str, object]:
    def text_at(text: str) -> int:
        return texts.setdefault(shown(text), len(texts))

    words = "" if submission.problem else score_words(submission.score, submission.max_score, submission.total)
    if late := lateness(submission):
        words += f"{', ' if words else ''}{late}"
    row: dict[str, object] = {
        "n": name_of(submission),
        "s": shown(submission.submission, MAX_NAME),
        "i": shown(submission.learner.id, MAX_NAME) if submission.learner else "",
        "c": submission.commit or "",
        "t": submission.submitted or "",
        "w": words,
        "f": feedback,
        "k": [_task(task, places, text_at) for task in submission.tasks if task.steps],
    }
    if submission.problem:
        row["p"] = f"{submission.problem.kind}: {shown(submission.problem.detail)}"
    if submission.findings:
        row["x"] = [
            [one.kind, one.step, text_at(one.detail), [shown(other, MAX_NAME) for other in one.others]]
            for one in submission.findings
        ]
    return row


def _task(task: TaskReport, places: Mapping[str, tuple[int, int]], text_at: Callable[[str], int]) -> list[object]:
    words = score_words(task.score, task.max_score, task.total)
    steps = [_step(step, places[step.step][1], text_at) for step in task.steps]
    return [places[task.steps[0].step][0], words, steps]


def _step(step: StepResult, at: int, text_at: Callable[[str], int]) -> list[object]:
    known: list[object] = []
    for label, name in enumerate(_FIELDS):
        text = getattr(step, name)
        if text is not None:
            known += [label, text_at(text)]
    return [at, _OUTCOMES.index(step.outcome), step_points(step), *known]
