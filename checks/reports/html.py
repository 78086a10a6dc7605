"""The gradebook as one web page that needs nothing else: no font, no image, no other file, no network.

Every text is escaped by the template engine, after its hidden characters were made visible. The page forbids itself
(Content-Security-Policy) everything but its own style and its own script, which sets texts as texts. Without the script,
the table is there, and each name leads to the learner's feedback.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache, partial
from itertools import count
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from checks.model import CohortReport, Outcome, SubmissionReport
from checks.reports.class_summary import ClassSummary
from checks.reports.escape import shorten, visible
from checks.reports.names import file_names
from checks.reports.page_data import MAX_NAME, data_chunks, name_of, shown
from checks.reports.words import SYMBOLS, number, unread

_CELLS = {outcome: Markup(f'<td class="{outcome.value[0]}"><i>{outcome.value}</i></td>') for outcome in Outcome}


def render(report: CohortReport, *, feedback: str = "feedback/") -> str:
    """The page. It links to each submission's feedback file in the folder `feedback`, named by `names.file_names`.

    Times are shown as the report has them, scores as the model computes them; the mean leaves out submissions that
    could not be read.
    """
    return "".join(chunks(report, feedback=feedback))


def chunks(report: CohortReport, *, feedback: str = "feedback/") -> Iterator[str]:
    """What `render` gives, piece by piece: a class of thousands is never in memory whole."""
    summary = ClassSummary.of(report.submissions)
    addresses = [
        feedback + quote(name) for name in file_names(submission.submission for submission in report.submissions)
    ]
    yield from _environment().get_template("gradebook.html.j2").generate(
        report=report,
        summary=summary,
        rows=lambda: zip(report.submissions, addresses, count(), strict=False),
        data=lambda: data_chunks(zip(report.submissions, addresses, strict=True), summary),
        cells_of=partial(_cells, summary),
        mean=_rounded(summary.mean),
        mean_final=_rounded(summary.mean_final),
        style=Markup(_beside("gradebook.css")),
        script=Markup(_beside("gradebook.js")),
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
    environment.filters |= {
        "number": number,
        "milliseconds": _milliseconds,
        "source_hash": _source_hash,
        "block": _block,
        "short": _short,
    }
    environment.globals |= {"Outcome": Outcome, "SYMBOLS": SYMBOLS, "unread": unread, "name_of": name_of}
    return environment


@cache
def _beside(name: str) -> str:
    """A file beside this one. It is ours: nothing in it is escaped."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1_000:,.1f} ms"


def _rounded(mean: float | None) -> str:
    return "-" if mean is None else number(round(mean, 1))


def _cells(summary: ClassSummary, submission: SubmissionReport) -> Iterator[Markup]:
    """A cell for each step of the class: the outcome's first letter as its class, and its word. Thousands: so they are short."""
    results = {step.step: step.outcome for step in submission.steps}
    for step in summary.steps:
        outcome = results.get(step.step)
        yield Markup("<td></td>") if outcome is None else _CELLS[outcome]


def _shown(value: object) -> object:
    """What the template writes for a value: hidden characters of a text are made visible."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _block(text: str) -> Markup:
    """Evidence, with its line breaks kept."""
    return escape(shown(text))


def _short(name: str) -> str:
    """A name, cut where it is longer than any file's."""
    return shorten(name, MAX_NAME)


def _source_hash(text: str) -> str:
    """The hash by which the page's policy allows its style, or its script.

    https://www.w3.org/TR/CSP3/#grammardef-hash-source
    """
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
