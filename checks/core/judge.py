"""Judging a task: the steps of its checker over one workspace, each at most once.

Both doors, `mlsd` and pytest, come through here, so that they give the same verdicts.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING

from checks import limits
from checks.expect import Failure, Malformed, NotJudged, Unavailable
from checks.model import Outcome, StepResult, TaskReport
from checks.reports.escape import shorten

if TYPE_CHECKING:
    from checks.core.step import StepFunction
    from checks.core.task import Step, Task
    from checks.core.workspace import Workspace

_IN_GIT = re.compile(r"Git object |\.git(?=[/:]|$)")
_FETCH_AGAIN = "git fsck --full shows what is damaged; clone or fetch again (a shallow clone: git fetch --unshallow)"


class Judge:
    """The verdicts on one task of one submission."""

    def __init__(self, task: Task, functions: Mapping[str, StepFunction], work: Workspace) -> None:
        self.task = task
        self._functions = functions
        self.work = work
        self._results: dict[str, StepResult] = {}

    def result(self, name: str) -> StepResult:
        """The verdict on a step; the steps that it needs are judged first."""
        if name not in self._results:
            self._results[name] = self._judge(self.task.step(name))
        return self._results[name]

    def report(self, only: frozenset[str] | None = None) -> TaskReport:
        """The verdicts on all steps, or on those in `only`, in the task's order."""
        names = [step.name for step in self.task.steps if only is None or step.name in only]
        return TaskReport(self.task.id, self.task.title, tuple(self.result(name) for name in names))

    def _judge(self, step: Step) -> StepResult:
        blockers = [need for need in step.needs if self.result(need).outcome is not Outcome.PASSED]
        if blockers:
            return self._blocked(step, blockers)
        if step.rebuild and self.work.rebuild is None:
            reason = f"it is judged by making your work again: mlsd check {self.task.id}/{step.name} --rebuild"
            return self._verdict(step, Outcome.UNAVAILABLE, None, reason=reason)
        started = perf_counter()
        try:
            self._functions[step.name](self.work)
        except Failure as failure:
            return self._verdict(step, Outcome.FAILED, started, failure=_mended(failure))
        except Unavailable as unavailable:
            return self._verdict(step, Outcome.UNAVAILABLE, started, reason=unavailable.reason)
        except MemoryError:  # the submission's doing: whoever judges it knows how much it may take
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a checker raises is our fault, and must stop nobody
            return self._verdict(step, Outcome.ERROR, started, reason=_blame(error))
        return self._verdict(step, Outcome.PASSED, started)

    def _blocked(self, step: Step, blockers: list[str]) -> StepResult:
        """Behind what a learner did not do, a step is blocked; behind what we could not judge, it is unavailable."""
        outcomes = {self.result(need).outcome for need in blockers}
        names = ", ".join(f"{self.task.id}/{need}" for need in blockers)
        if outcomes <= {Outcome.ERROR, Outcome.UNAVAILABLE}:
            return self._verdict(step, Outcome.UNAVAILABLE, None, reason=f"it needs {names}, which could not be judged")
        return self._verdict(step, Outcome.BLOCKED, None, reason=f"it needs {names} first")

    def _verdict(
        self,
        step: Step,
        outcome: Outcome,
        started: float | None,
        *,
        failure: Failure | None = None,
        reason: str | None = None,
    ) -> StepResult:
        return StepResult(
            step=f"{self.task.id}/{step.name}",
            title=step.title,
            outcome=outcome,
            max_points=step.points,
            seconds=0.0 if started is None else round(perf_counter() - started, 6),
            looked_at=_bounded(failure.looked_at) if failure else None,
            expected=_bounded(failure.expected) if failure else None,
            found=_bounded(failure.found) if failure else None,
            fix=_bounded(failure.fix) if failure else None,
            see=self.task.see(step) if failure else None,
            reason=None if reason is None else _bounded(reason),
        )


def _mended(failure: Failure) -> Failure:
    """The same; what Git itself keeps is not mended by a commit."""
    if isinstance(failure, Malformed) and _IN_GIT.match(failure.looked_at):
        return failure.mended_by(_FETCH_AGAIN)
    return failure


def _bounded(text: str) -> str:
    """A text, cut at the limit: no report grows with a quoted submission."""
    return shorten(text, limits.MESSAGE_LENGTH)


def _blame(error: BaseException) -> str:
    """The reason of an `error`; where a checker broke, with the place, for a report to the course's maintainers."""
    if isinstance(error, NotJudged):
        return f"{error}; this is not your fault: check again"
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.replace(chr(92), '/').rsplit('/', 1)[-1]}:{frame.lineno}"
    return f"the checker itself broke ({type(error).__name__}: {error}, {place}); this is not your fault"
