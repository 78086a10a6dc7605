"""The gradebook as one web page that needs nothing else: no script, no font, no image, no other file.

Every text is escaped by the template engine, after its hidden characters were made visible. The page forbids itself
(Content-Security-Policy) everything but its own style.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from statistics import fmean
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from checks.model import MISSING, CohortReport, Outcome, StepResult, SubmissionReport
from checks.reports.escape import shorten, visible
from checks.reports.names import file_names
from checks.reports.words import NOT_COUNTED, SYMBOLS, lateness, number, score_words, step_points, unread

MAX_CHARACTERS = 4_000
"""Longer evidence is cut, and the cut says how long the evidence is."""
MAX_NAME = 255
_EVIDENCE = (
    ("looked at", "looked_at"),
    ("expected", "expected"),
    ("found", "found"),
    ("next", "fix"),
    ("read", "see"),
    ("reason", "reason"),
)


def render(report: CohortReport, *, feedback: str = "feedback/") -> str:
    """The page. It links to each submission's feedback file in the folder `feedback`, named by `names.file_names`.

    Times are shown as the report has them, scores as the model computes them; the mean leaves out submissions that
    could not be read.
    """
    return "".join(chunks(report, feedback=feedback))


def chunks(report: CohortReport, *, feedback: str = "feedback/") -> Iterator[str]:
    """What `render` gives, piece by piece: a class of thousands is never in memory whole."""
    columns, outcomes, scores, missing = _looked_through(report.submissions)
    names = file_names(submission.submission for submission in report.submissions)
    yield from _environment().get_template("gradebook.html.j2").generate(
        report=report,
        columns=columns,
        rows=lambda: zip(report.submissions, (feedback + quote(name) for name in names), strict=True),
        mean=number(round(fmean(scores), 1)) if scores else "-",
        problems=len(report.submissions) - len(scores),
        missing=missing,
        outcomes=outcomes,
    )  # fmt: skip


@cache
def _environment() -> Environment:
    """The template engine, with everything escaped and an unknown name an error."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"number": number, "style_hash": _style_hash, "block": _block, "short": _short}
    environment.globals |= {
        "Outcome": Outcome,
        "SYMBOLS": SYMBOLS,
        "NOT_COUNTED": NOT_COUNTED,
        "score_words": score_words,
        "unread": unread,
        "lateness": lateness,
        "step_points": step_points,
        "evidence": _evidence,
        "results_of": _results_of,
    }
    return environment


def _shown(value: object) -> object:
    """What the template writes for a value: hidden characters of a text are made visible."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _block(text: str) -> Markup:
    """Evidence, with its line breaks kept."""
    return escape(visible(shorten(text, MAX_CHARACTERS), keep="\n"))


def _short(name: str) -> str:
    """A name, cut where it is longer than any file's."""
    return shorten(name, MAX_NAME)


def _style_hash(style: str) -> str:
    """The hash by which the page's policy allows its style. https://www.w3.org/TR/CSP3/#grammardef-hash-source"""
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _looked_through(
    submissions: Iterable[SubmissionReport],
) -> tuple[list[tuple[str, str, list[tuple[str, str]]]], Counter[Outcome], list[float], int]:
    """Of those that could be read: each task's id, title and steps (id, title), in order of first appearance; how many
    steps came out how; and the scores. And how many are missing."""
    titles: dict[str, str] = {}
    steps: dict[str, dict[str, str]] = {}
    outcomes: Counter[Outcome] = Counter()
    scores = []
    missing = 0
    for submission in submissions:
        if submission.problem:
            missing += submission.problem.kind == MISSING
            continue
        scores.append(submission.score)
        outcomes.update(step.outcome for step in submission.steps)
        for task in submission.tasks:
            titles.setdefault(task.task, task.title)
            steps.setdefault(task.task, {}).update((step.step, step.title) for step in task.steps)
    return [(task, title, list(steps[task].items())) for task, title in titles.items()], outcomes, scores, missing


def _results_of(submission: SubmissionReport) -> dict[str, StepResult]:
    """A submission's results by step."""
    return {step.step: step for step in submission.steps}


def _evidence(step: StepResult) -> list[tuple[str, str]]:
    """What is known about how a step came out, with labels."""
    return [(label, text) for label, field in _EVIDENCE if (text := getattr(step, field)) is not None]
