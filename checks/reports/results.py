"""`results.json`, schema 1: the result model as JSON and back. `results.schema.json` beside this file describes it.

`mlsd grade` also writes one submission a line to `results.jsonl`, as `submission_data` gives it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, NoReturn

import msgspec

from checks.model import RESULTS_SCHEMA, CohortReport, CourseStamp, Outcome, Problem, SubmissionReport
from checks.reports.escape import json_text, shorten, visible

_Number = Annotated[float, msgspec.Meta(ge=-1e300, le=1e300)]
"""A larger number can't be shown or summed: JSON's `1e999` reads as infinity."""


class _Form(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """An object in the file, its keys in their order. A field with a default is there only where it is set."""


class _Step(_Form):
    step: str
    title: str
    outcome: Outcome
    points: _Number
    max_points: _Number
    seconds: _Number
    looked_at: str | None = None
    expected: str | None = None
    found: str | None = None
    fix: str | None = None
    see: str | None = None
    reason: str | None = None


class _Task(_Form):
    task: str
    title: str
    score: _Number
    max_score: _Number
    steps: tuple[_Step, ...]


class _Finding(_Form):
    kind: str
    step: str
    detail: str
    others: tuple[str, ...] = msgspec.field(name="with")


class _Learner(_Form):
    id: str
    name: str
    email: str | None = None


class _Submission(_Form, kw_only=True):
    submission: str
    learner: _Learner | None
    commit: str | None
    submitted: str | None
    late: bool
    problem: Problem | None = None
    score: _Number
    max_score: _Number
    total: _Number
    penalty: _Number | None = None
    final: _Number | None = None
    """The points that count: there only where there is a penalty."""
    findings: tuple[_Finding, ...]
    tasks: tuple[_Task, ...]


class _Cohort(_Form):
    schema: int
    course: CourseStamp
    created: str
    submissions: tuple[_Submission, ...]


def render(report: CohortReport) -> str:
    """The report as `results.json`."""
    return "".join(chunks(report))


def chunks(report: CohortReport) -> Iterator[str]:
    """`render`'s text, a submission at a time: a class of thousands is never in memory whole."""
    frame = json_text(_Cohort(RESULTS_SCHEMA, report.course, report.created, ()))
    start, _, end = frame.rpartition("[]")
    yield start
    separator = "["
    for submission in report.submissions:
        text = json_text(_form(submission))
        yield f"{separator}\n    {text.replace(chr(10), chr(10) + '    ')}"
        separator = ","
    yield f"{'[]' if separator == '[' else chr(10) + '  ]'}{end}\n"


def submission_data(report: SubmissionReport) -> dict[str, Any]:
    """One submission as plain data, in the form that it has in `results.json`."""
    data: dict[str, Any] = msgspec.to_builtins(_form(report))
    return data


def _form(report: SubmissionReport) -> _Submission:
    form = msgspec.convert(report, _Submission, from_attributes=True)
    if not report.penalty:
        form.penalty = form.final = None
    return form


def load(text: str) -> CohortReport:
    """The report that `render` wrote as this text.

    Raises:
        ValueError: it is not such a text; the message is one sentence that names the place. Scores that do not
            follow from the steps are refused too, so that an edited score is never shown.
    """
    try:
        forms = _forms(text)
        submissions = tuple(map(_report, forms.submissions))
        _agree(forms.submissions, map(_form, submissions))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ValueError(f"results.json: {visible(shorten(str(error), 300))}.") from None
    return CohortReport(forms.course, forms.created, submissions)


def _forms(text: str) -> _Cohort:
    """The objects in the file. Raises ValueError or MsgspecError."""
    data = json.loads(text, parse_constant=_no_number)
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != RESULTS_SCHEMA or isinstance(schema, bool):
        raise ValueError(f"its schema is {schema!r}, but only schema {RESULTS_SCHEMA} can be read")
    return msgspec.convert(data, _Cohort)


def _report(form: _Submission) -> SubmissionReport:
    form = msgspec.structs.replace(form, penalty=form.penalty or 0.0)
    return msgspec.convert(form, SubmissionReport, from_attributes=True)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _agree(written: Iterable[_Submission], computed: Iterable[_Submission]) -> None:
    """Raise ValueError where a score in the file is not the one that the steps give."""
    for index, pair in enumerate(zip(written, computed, strict=True)):
        place = f"submissions[{index}]"
        _same(place, *pair, "score", "max_score", "total", "penalty", "final")
        for at, tasks in enumerate(zip(pair[0].tasks, pair[1].tasks, strict=True)):
            _same(f"{place}.tasks[{at}]", *tasks, "score", "max_score")
            for number, steps in enumerate(zip(tasks[0].steps, tasks[1].steps, strict=True)):
                _same(f"{place}.tasks[{at}].steps[{number}]", *steps, "points")


def _same(place: str, written: _Form, computed: _Form, *fields: str) -> None:
    for field in fields:
        found, expected = getattr(written, field), getattr(computed, field)
        numbers = isinstance(found, float) and isinstance(expected, float)
        if not (math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9) if numbers else found is expected):
            raise ValueError(f"{place}.{field}: it is {found}, but must be {expected}")
