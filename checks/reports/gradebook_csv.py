r"""The gradebook as CSV (RFC 4180): one row a submission, safe to open in a spreadsheet.

Lines end with a plain line feed, not CRLF, on every system, so that the file is the same everywhere and diffs well.
No cell holds a line break: it is written as `\n`. No cell is a formula. Rows and columns keep the report's order.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.model import CohortReport, SubmissionReport, TaskReport
from checks.reports.class_summary import ClassSummary
from checks.reports.escape import csv_cell, csv_line
from checks.reports.interface import Export, Options
from checks.reports.words import NOT_COUNTED, number

FIXED_COLUMNS = (
    "submission", "learner_id", "learner_name", "commit", "score", "max_score", "total", "late", "final",
    "problem",
)  # fmt: skip


def export(report: CohortReport, _: Options) -> Export:
    """The gradebook. After the fixed columns come, for each task, its score and for each step its points and outcome.

    The points of a step that is `unavailable` or `error` are an empty cell, for they are not a zero. So are the
    cells of a task that a submission was not judged on. `late` is `yes` or `no`; `final` is the score without
    what coming late costs.
    """
    return Export("".join(chunks(report, ClassSummary.of(report.submissions))))


def chunks(report: CohortReport, summary: ClassSummary) -> Iterator[str]:
    """The text of `export`, a line at a time: a class of thousands is never in memory whole."""
    columns = {task.task: list(task.steps) for task in summary.tasks.values()}
    header = [*FIXED_COLUMNS]
    for task, steps in columns.items():
        header.append(task)
        for step in steps:
            header += [step, f"{step} outcome"]
    yield csv_line(map(csv_cell, header))
    for submission in report.submissions:
        yield csv_line(_row(submission, columns))


def _row(submission: SubmissionReport, columns: dict[str, list[str]]) -> list[str]:
    learner, problem = submission.learner, submission.problem
    row = [
        csv_cell(submission.submission),
        csv_cell(learner.id if learner else ""),
        csv_cell(learner.name if learner else ""),
        csv_cell(submission.commit or ""),
        number(submission.score),
        number(submission.max_score),
        number(submission.total),
        "yes" if submission.late else "no",
        number(submission.final),
        csv_cell(f"{problem.kind}: {problem.detail}" if problem else ""),
    ]
    tasks = {task.task: task for task in submission.tasks}
    for task, steps in columns.items():
        row += _task_cells(tasks.get(task), steps)
    return row


def _task_cells(task: TaskReport | None, steps: list[str]) -> Iterator[str]:
    """A task's score, and the points and the outcome of each of its steps."""
    results = {result.step: result for result in task.steps} if task else {}
    yield number(task.score) if task else ""
    for result in map(results.get, steps):
        yield "" if result is None or result.outcome in NOT_COUNTED else number(result.points)
        yield "" if result is None else result.outcome.value
