"""The gradebook as one web page that needs nothing else: no font, no image, no other file, no network.

Every text is escaped by the template engine, after its hidden characters were made visible. The page forbids itself
(Content-Security-Policy) everything but its own style and its own script, which sets texts as texts. Without the script,
the table is there, and each name leads to the learner's feedback.

The evidence stands in the page as JSON, each text once, however many learners have it. A row is an object with the
learner's name (`n`), submission (`s`), id (`i`), commit (`c`), time (`t`), score in words (`w`), problem (`p`), feedback
file (`f`), findings (`x`: kind, step, text, others) and tasks (`k`: index of the task, score in words, steps). A step is
a list: index in its task, outcome's index, points in words, then label and text in turn. Texts are indexes into `texts`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import count
from urllib.parse import quote

from jinja2 import Template
from markupsafe import Markup

from checks.model import CohortReport, Outcome, StepResult, SubmissionReport, TaskReport
from checks.reports.class_summary import ClassSummary
from checks.reports.escape import file_names
from checks.reports.interface import Export, Options
from checks.reports.page import MAX_NAME, beside, environment, name_of, shown
from checks.reports.words import EVIDENCE, SYMBOLS, number, score_words, standing, step_points

_OUTCOMES = tuple(Outcome)
_CELLS = {outcome: Markup(f'<td class="{outcome.value[0]}"><i>{outcome.value}</i></td>') for outcome in Outcome}
_BREAKS_OUT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""What could end the element that holds the JSON, or begin a comment in it."""
_TextAt = Callable[[str], int]
"""The index of a text among all texts, in which it is put where it is new."""


def export(report: CohortReport, _: Options) -> Export:
    """The page. It links to each submission's file in the folder `feedback`, named by `escape.file_names`.

    Times are shown as the report has them, scores as the model computes them; the mean leaves out submissions that
    could not be read.
    """
    return Export("".join(chunks(report, ClassSummary.of(report.submissions))))


def template() -> Template:
    """The page's template, ready to be filled: made ready once, which takes longer than to fill it for some rows."""
    return environment().get_template("gradebook.html.j2")


def chunks(report: CohortReport, summary: ClassSummary) -> Iterator[str]:
    """The text of `export`, piece by piece: a class of thousands is never in memory whole."""
    addresses = ["feedback/" + quote(name) for name in file_names(summary.names)]
    yield from template().generate(
        report=report,
        summary=summary,
        rows=lambda: zip(report.submissions, addresses, count(), strict=False),
        data=lambda: _data(zip(report.submissions, addresses, strict=True), summary),
        addresses=addresses,
        row_of={name: row for row, name in enumerate(summary.names)},
        columns=("score", "counts", "verified", "total") if summary.penalties else ("score", "verified", "total"),
        cells_of=partial(_cells, summary),
        mean=_rounded(summary.mean),
        mean_final=_rounded(summary.mean_final),
        style=beside("page.css"),
        script=beside("gradebook.js"),
    )  # fmt: skip


def _rounded(mean: float | None) -> str:
    return "-" if mean is None else number(round(mean, 1))


def _cells(summary: ClassSummary, submission: SubmissionReport) -> Iterator[Markup]:
    """A cell for each step of the class: the outcome's first letter as its class, and its word. Short: there are many."""
    results = {step.step: step.outcome for step in submission.steps}
    for step in summary.steps:
        outcome = results.get(step.step)
        yield Markup("<td></td>") if outcome is None else _CELLS[outcome]


def _data(rows: Iterable[tuple[SubmissionReport, str]], summary: ClassSummary) -> Iterator[Markup]:
    """The JSON of the evidence, piece by piece, for submissions each with the address of its feedback file."""
    texts: dict[str, int] = {}
    places = {
        step: (at, place) for at, task in enumerate(summary.tasks.values()) for place, step in enumerate(task.steps)
    }
    tasks = [
        {"task": task.task, "title": task.title, "steps": [[step.step, step.title] for step in task.steps.values()]}
        for task in summary.tasks.values()
    ]
    outcomes = [[outcome.value, SYMBOLS[outcome]] for outcome in _OUTCOMES]
    yield Markup(_json({"labels": list(EVIDENCE), "outcomes": outcomes, "tasks": tasks})[:-1] + ',"rows":')
    yield from _array(_row(submission, feedback, places, texts) for submission, feedback in rows)
    yield Markup(',"texts":')
    yield from _array(texts)
    yield Markup("}")


def _array(items: Iterable[object]) -> Iterator[Markup]:
    before = "["
    for item in items:
        yield Markup(before + _json(item))
        before = ",\n"
    yield Markup("[]" if before == "[" else "]")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_BREAKS_OUT)


def _row(
    submission: SubmissionReport, feedback: str, places: Mapping[str, tuple[int, int]], texts: dict[str, int]
) -> dict[str, object]:
    def text_at(text: str) -> int:
        return texts.setdefault(shown(text), len(texts))

    row: dict[str, object] = {
        "n": name_of(submission),
        "s": shown(submission.submission, MAX_NAME),
        "i": shown(submission.learner.id, MAX_NAME) if submission.learner else "",
        "c": submission.commit or "",
        "t": submission.submitted or "",
        "w": standing(submission),
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


def _task(task: TaskReport, places: Mapping[str, tuple[int, int]], text_at: _TextAt) -> list[object]:
    words = score_words(task.score, task.max_score, task.total)
    steps = [_step(step, places[step.step][1], text_at) for step in task.steps]
    return [places[task.steps[0].step][0], words, steps]


def _step(step: StepResult, at: int, text_at: _TextAt) -> list[object]:
    known: list[object] = []
    for label, name in enumerate(EVIDENCE.values()):
        text = getattr(step, name)
        if text is not None:
            known += [label, text_at(text)]
    return [at, _OUTCOMES.index(step.outcome), step_points(step), *known]
