"""The template engine of the pages, which escapes everything, and a learner's own page.

A page forbids itself (Content-Security-Policy) everything but its own style and script, named by their hashes. The
learner's page shows the path through the course, and every step with its evidence: one file, no script, no network.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from checks.model import Outcome, SubmissionReport, TaskReport
from checks.reports.escape import readme_address, shorten, visible
from checks.reports.words import (
    SYMBOLS,
    next_step,
    nothing_failed,
    number,
    score_words,
    short_commit,
    step_points,
    unread,
)

MAX_CHARACTERS = 4_000
"""Longer evidence is cut, and the cut says how long the evidence is."""
MAX_NAME = 255


def name_of(submission: SubmissionReport) -> str:
    """The learner's name, or that of what was handed in: never nothing, as it is what is clicked."""
    name = submission.learner.name if submission.learner else submission.submission
    return shown(name, MAX_NAME) if name.strip() else "(no name)"


def shown(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Text of a submission as it is shown: cut visibly, with hidden characters written out."""
    return visible(shorten(text, limit), keep="\n")


@cache
def environment() -> Environment:
    """The template engine, with everything escaped and an unknown name an error."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "number": number,
        "milliseconds": _milliseconds,
        "source_hash": _source_hash,
        "block": lambda text: escape(shown(text)),
        "short": partial(shorten, limit=MAX_NAME),
    }
    made.globals |= {
        "Outcome": Outcome,
        "SYMBOLS": SYMBOLS,
        "unread": unread,
        "name_of": name_of,
        "score_words": score_words,
        "short_commit": short_commit,
        "step_points": step_points,
    }
    return made


@cache
def beside(name: str) -> Markup:
    """A file beside this one, a style or a script. It is ours: nothing in it is escaped."""
    return Markup(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1_000:,.1f} ms"


def _shown(value: object) -> object:
    """A value as the template writes it: hidden characters of a text are made visible."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _source_hash(text: str) -> str:
    """The hash by which the page's policy allows its style, or its script.

    https://www.w3.org/TR/CSP3/#grammardef-hash-source
    """
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def learner_page(report: SubmissionReport, *, course: str, created: str, base: str = "") -> str:
    """The page, for the course with this id. `base` goes before the README paths in links; `created` is ISO 8601."""
    step = next_step(report.steps)
    return environment().get_template("learner.html.j2").render(
        report=report,
        course=course,
        created=created,
        next=step,
        nothing_failed=nothing_failed(report.steps),
        next_task=next((task.task for task in report.tasks if step in task.steps), None),
        passed=sum(one.outcome is Outcome.PASSED for one in report.steps),
        score=score_words(report.score, report.max_score, report.total),
        progress_of=_progress,
        address=partial(readme_address, base),
        style=beside("page.css") + beside("learner.css"),
    )  # fmt: skip


def _progress(task: TaskReport) -> str:
    """How far a learner is with a task."""
    passed = [step.outcome is Outcome.PASSED for step in task.steps]
    return "finished" if all(passed) else "begun" if any(passed) else "not begun"
