"""A clone to work in with the real tools, as a learner does, and to judge."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from checks.core.course import Course
from checks.core.selection import Selection
from checks.core.task import Task
from checks.core.workspace import Rebuild
from checks.model import Outcome, StepResult
from checks.submissions.check import check_submission
from tests import golden

COMMANDS = os.path.dirname(sys.executable)
"""Where this environment's `dvc`, `mlsd` and `python` are."""
ROUNDS = 12
"""Steps that are mended before a test gives up."""


def typed(fix: str | None) -> str:
    """The lines of a fix that are typed; those in parentheses are for a person."""
    return "\n".join(line for line in (fix or "").splitlines() if not line.startswith("("))


@dataclass(frozen=True)
class LearnerClone:
    """One learner's clone, in which one task is done."""

    course: Course
    task: Task
    root: Path
    tools: str
    """The folder with the `dvc` to use."""

    @property
    def folder(self) -> Path:
        """The task folder, where a learner types."""
        return self.root / self.task.folder

    def sh(self, commands: str, **variables: str) -> str:
        """Type commands in the task folder, up to the first that fails; what they printed."""
        done = subprocess.run(
            ["sh", "-e", "-u", "-c", commands],
            cwd=self.folder,
            env={
                **os.environ,
                "PATH": os.pathsep.join((self.tools, COMMANDS, os.environ["PATH"])),
                "GIT_EDITOR": "true",
                **variables,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def branch(self) -> LearnerClone:
        """The branch alone, as a bare repository beside the clone."""
        bare = self.root.with_name("bare.git")
        self.sh(f"git clone -q --bare ../.. {bare}")
        return replace(self, root=bare)

    def results(self, rebuild: Rebuild | None = None, *, here: bool = False) -> dict[str, StepResult]:
        """The verdict on each step, by its name. `here`: as the learner's own `mlsd check` judges."""
        report = check_submission(self.course, self.root, [Selection(self.task)], rebuild, here=here)
        golden.hold(report)
        assert report.problem is None
        return {result.step.partition("/")[2]: result for result in report.steps}

    def passes(self, rebuild: Rebuild | None = None, *, here: bool = False) -> None:
        """Hold that every step is passed; without a rebuild, every step that can be judged without one."""
        results = self.results(rebuild, here=here)
        assert all(result.outcome is self._finished(name, rebuild) for name, result in results.items()), [
            result for result in results.values() if result.outcome is not Outcome.PASSED
        ]

    def fails(self, step: str, *phrases: str, here: bool = False) -> StepResult:
        """Hold that `step` alone fails, in words with these phrases, and that what needs it is blocked."""
        results = self.results(here=here)
        failed = {name: result for name, result in results.items() if result.outcome is Outcome.FAILED}
        assert set(failed) == {step}, results
        behind = {step}
        for later in self.task.steps:
            if behind & set(later.needs):
                behind.add(later.name)
        for name, result in results.items():
            if name != step:
                wanted = Outcome.BLOCKED if name in behind else self._finished(name, None)
                assert result.outcome is wanted, result
        words = " | ".join(filter(None, (failed[step].looked_at, failed[step].expected, failed[step].found)))
        assert all(phrase in words for phrase in phrases), words
        return failed[step]

    def follow(
        self,
        until: str | None = None,
        *,
        instead: Mapping[str, str] | None = None,
        by_hand: Callable[[str], None] = lambda _: None,
        **variables: str,
    ) -> list[str]:
        """Type what the first failing step says until none fails, or `until` is the next; the steps on the way.

        `instead` has commands for a step whose fix runs until it is stopped, `by_hand` does what a line in
        parentheses says.
        """
        path: list[str] = []
        said: set[tuple[str | None, ...]] = set()
        for _ in range(ROUNDS):
            results = self.results().values()
            assert all(one.outcome is not Outcome.ERROR for one in results), results
            failed = next((one for one in results if one.outcome is Outcome.FAILED), None)
            step = failed.step.partition("/")[2] if failed else None
            if failed is None or step is None or step == until:
                return path
            message = (step, failed.looked_at, failed.found, failed.fix)
            assert message not in said, f"going in circles: {failed}"
            said.add(message)
            path.append(step)
            for line in (failed.fix or "").splitlines():
                if line.startswith("("):
                    by_hand(line)
            self.sh((instead or {}).get(step) or typed(failed.fix), **variables)
        raise AssertionError(f"no end: {path}")

    def _finished(self, step: str, rebuild: Rebuild | None) -> Outcome:
        """The outcome of a step of which nothing is missing."""
        return Outcome.UNAVAILABLE if self.task.step(step).rebuild and rebuild is None else Outcome.PASSED
