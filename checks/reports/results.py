"""`results.json`, schema 1: the result model as JSON and back. `results.schema.json` beside this file describes it.

`mlsd grade` also writes one submission a line to `results.jsonl`; `submission_data` and `submission_from` serve that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import msgspec

from checks.model import (
    RESULTS_SCHEMA,
    CohortReport,
    CourseStamp,
    Finding,
    Identity,
    Outcome,
    Problem,
    StepResult,
    SubmissionReport,
    TaskReport,
)
from checks.reports.escape import ANYWHERE_COMMAND, visible
from checks.reports.json_object import JsonObject, difference, parse

EVIDENCE: Final = ("looked_at", "expected", "found", "fix", "see", "reason")
"""The fields of a step that are written only where they are set."""
_UNSAFE = re.compile(
    r"[\x7f-\x9f\xad\u0600-\u0605\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)


def render(report: CohortReport) -> str:
    r"""The report as `results.json`.

    Characters that would harm a terminal or a build log, and lone surrogates, are written as JSON's own `\u` escapes:
    the file is always valid UTF-8, and reading it gives the same text back.
    """
    return "".join(chunks(report))


def chunks(report: CohortReport) -> Iterator[str]:
    """What `render` gives, a submission at a time: a class of thousands is never in memory whole."""
    data = cohort_data(replace(report, submissions=()))
    frame = json.dumps(data, ensure_ascii=False, indent=2)
    start, empty, end = frame.rpartition("[]")
    yield safe_json(start)
    separator = "["
    for submission in report.submissions:
        text = safe_json(_indented(submission_data(submission)))
        yield f"{separator}\n    {text.replace(chr(10), chr(10) + '    ')}"
        separator = ","
    yield f"{empty if separator == '[' else chr(10) + '  ]'}{end}\n"


def _indented(data: dict[str, Any]) -> str:
    """JSON with two spaces for each level. The standard library's takes eight times as long, and any text."""
    try:
        return msgspec.json.format(msgspec.json.encode(data)).decode()
    except UnicodeEncodeError:  # half of a surrogate pair, as in a name that is no UTF-8
        return json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)


def load(text: str) -> CohortReport:
    """The report that `render` wrote as this text.

    Raises:
        ValueError: it is not such a text; the message is one sentence that names the place. Scores that do not
            follow from the steps are refused too, so that an edited score is never shown.
    """
    data = parse(text, "results.json")
    schema = data.value.get("schema")
    if schema != RESULTS_SCHEMA or isinstance(schema, bool):
        shown = visible(repr(schema))[:40]
        raise ValueError(f"results.json: its schema is {shown}, but only schema {RESULTS_SCHEMA} can be read.")
    course = data.object("course")
    report = CohortReport(
        course=CourseStamp(id=course.text("id"), version=course.text("version"), checks=course.text("checks")),
        created=data.text("created"),
        submissions=tuple(_submission(item) for item in data.objects("submissions")),
    )
    _agree(cohort_data(report), data)
    return report


def safe_json(text: str) -> str:
    """JSON in which nothing harms a terminal or a build log. It means the same."""
    escaped = _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return ANYWHERE_COMMAND.sub(r"#\\u0023", escaped)


def cohort_data(report: CohortReport) -> dict[str, Any]:
    """The report as plain data, in the order of `results.json`."""
    course = report.course
    return {
        "schema": RESULTS_SCHEMA,
        "course": {"id": course.id, "version": course.version, "checks": course.checks},
        "created": report.created,
        "submissions": [submission_data(submission) for submission in report.submissions],
    }


def submission_data(report: SubmissionReport) -> dict[str, Any]:
    """One submission as plain data. `problem`, `penalty` and `final` are there only where there is one."""
    data: dict[str, Any] = {"submission": report.submission, "learner": _learner_data(report.learner)}
    data["commit"] = report.commit
    data |= {"submitted": report.submitted, "late": report.late}
    if report.problem:
        data["problem"] = {"kind": report.problem.kind, "detail": report.problem.detail}
    data |= {"score": float(report.score), "max_score": float(report.max_score), "total": float(report.total)}
    if report.penalty:
        data |= {"penalty": float(report.penalty), "final": float(report.final)}
    data["findings"] = [
        {"kind": item.kind, "step": item.step, "detail": item.detail, "with": list(item.others)}
        for item in report.findings
    ]
    return data | {"tasks": [_task_data(task) for task in report.tasks]}


def _learner_data(learner: Identity | None) -> dict[str, str] | None:
    """Whom a submission is from. `email` is there only where a roster names one."""
    if learner is None:
        return None
    known = {"id": learner.id, "name": learner.name}
    return known if learner.email is None else known | {"email": learner.email}


def _task_data(task: TaskReport) -> dict[str, Any]:
    """One task as plain data."""
    return {
        "task": task.task,
        "title": task.title,
        "score": float(task.score),
        "max_score": float(task.max_score),
        "steps": [_step_data(step) for step in task.steps],
    }


def _step_data(step: StepResult) -> dict[str, Any]:
    """One step as plain data."""
    data: dict[str, Any] = {
        "step": step.step,
        "title": step.title,
        "outcome": step.outcome.value,
        "points": float(step.points),
        "max_points": float(step.max_points),
        "seconds": float(step.seconds),
    }
    evidence = {field: getattr(step, field) for field in EVIDENCE}
    return data | {field: text for field, text in evidence.items() if text is not None}


def _submission(data: JsonObject) -> SubmissionReport:
    """One submission, read."""
    learner = data.object("learner") if data.value.get("learner") is not None else None
    problem = data.object("problem") if "problem" in data.value else None
    return SubmissionReport(
        submission=data.text("submission"),
        tasks=tuple(_task(item) for item in data.objects("tasks")),
        learner=_learner(learner) if learner else None,
        commit=data.text_or_none("commit"),
        submitted=data.text_or_none("submitted"),
        late=data.flag("late"),
        penalty=data.number("penalty") if "penalty" in data.value else 0.0,
        findings=tuple(_finding(item) for item in data.objects("findings")),
        problem=Problem(kind=problem.text("kind"), detail=problem.text("detail")) if problem else None,
    )


def _learner(data: JsonObject) -> Identity:
    """A learner, read."""
    return Identity(data.text("id"), data.text("name"), data.text("email") if "email" in data.value else None)


def _task(data: JsonObject) -> TaskReport:
    """One task, read."""
    steps = tuple(_step(item) for item in data.objects("steps"))
    return TaskReport(task=data.text("task"), title=data.text("title"), steps=steps)


def _step(data: JsonObject) -> StepResult:
    """One step, read."""
    return StepResult(
        step=data.text("step"),
        title=data.text("title"),
        outcome=Outcome(data.one_of("outcome", [outcome.value for outcome in Outcome])),
        max_points=data.number("max_points"),
        seconds=data.number("seconds"),
        **{field: data.text(field) for field in EVIDENCE if field in data.value},
    )


def _finding(data: JsonObject) -> Finding:
    """One finding, read."""
    return Finding(data.text("kind"), data.text("step"), data.text("detail"), tuple(data.texts("with")))


def _agree(written: object, data: JsonObject) -> None:
    """Raise where the text holds anything else than what was read from it would be written as."""
    place = difference(written, data.value, data.place)
    if place:
        raise ValueError(place)
