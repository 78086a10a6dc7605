"""The gradebook as one web page that needs nothing else: no font, no image, no other file, no network.

Every text is escaped by the template engine, after its hidden characters were made visible. The page forbids itself
(Content-Security-Policy) everything but its own style and its own script, which sets texts as texts. Without the script,
the table is there, and each name leads to the learner's feedback.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import count
from urllib.parse import quote

from jinja2 import Template
from markupsafe import Markup

from checks.model import CohortReport, Outcome, SubmissionReport
from checks.reports.class_summary import ClassSummary
from checks.reports.gradebook_data import data_chunks
from checks.reports.names import file_names
from checks.reports.page import beside, environment
from checks.reports.words import number

_CELLS = {outcome: Markup(f'<td class="{outcome.value[0]}"><i>{outcome.value}</i></td>') for outcome in Outcome}


def render(report: CohortReport, *, feedback: str = "feedback/") -> str:
    """The page. It links to each submission's feedback file in the folder `feedback`, named by `names.file_names`.

    Times are shown as the report has them, scores as the model computes them; the mean leaves out submissions that
    could not be read.
    """
    return "".join(chunks(report, ClassSummary.of(report.submissions), feedback=feedback))


def template() -> Template:
    """The page's template, ready to be filled: made ready once, which takes longer than to fill it for some rows."""
    return environment().get_template("gradebook.html.j2")


def chunks(report: CohortReport, summary: ClassSummary, *, feedback: str = "feedback/") -> Iterator[str]:
    """What `render` gives, piece by piece: a class of thousands is never in memory whole."""
    addresses = [feedback + quote(name) for name in file_names(summary.names)]
    yield from template().generate(
        report=report,
        summary=summary,
        rows=lambda: zip(report.submissions, addresses, count(), strict=False),
        data=lambda: data_chunks(zip(report.submissions, addresses, strict=True), summary),
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
    """A cell for each step of the class: the outcome's first letter as its class, and its word. Thousands: so they are short."""
    results = {step.step: step.outcome for step in submission.steps}
    for step in summary.steps:
        outcome = results.get(step.step)
        yield Markup("<td></td>") if outcome is None else _CELLS[outcome]
