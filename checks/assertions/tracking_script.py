"""A script that logs a run with MLflow, run again from its commit in fresh clones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checks import expect
from checks.assertions import second_run
from checks.assertions.other_data import dealt_anew
from checks.assertions.remade import finished
from checks.core import data
from checks.core.recipe import Script

if TYPE_CHECKING:
    from collections.abc import Collection

    from checks.core.recipe import Remade
    from checks.core.workspace import Workspace
    from checks.evidence.git.commit import Commit
    from checks.evidence.mlflow.entities import Run


@dataclass(frozen=True, slots=True)
class TrackingScript:
    """The script `name` of the task folder at a commit, with the first `months` of the learner's data in `data_file`."""

    work: Workspace
    name: str
    experiment: str
    commit: Commit
    data_file: str
    months: int

    @property
    def command(self) -> str:
        """What is typed in the task folder."""
        return f"python {self.name}"

    @property
    def rentals(self) -> bytes:
        """The learner's data."""
        return data.months(self.work.learner.id, self.months)

    def rebuilt(self, number: int) -> Remade:
        """What it makes: rebuild 0, or one more. Raises Failure where it ends with an error."""
        script = f"{second_run.FRESH}{self.command}  # rebuild {number}"
        made = self.work.made(Script(script, at=self.commit, data={self.data_file: self.months}))
        finished(
            made,
            self.command,
            fix=f"git status --short\n(commit everything that {self.name} needs)\n{self.command}",
        )
        return made

    def counterpart(self, number: int, run: Run) -> Run:
        """The run of a rebuild that is to be held against `run`."""
        return expect.some(
            second_run.counterpart(self.rebuilt(number).work, self.experiment, run),
            looked_at=f"`{self.command}` in a fresh clone of commit {self.commit.short}",
            expected=f"a finished run in {self.experiment}",
            found="none",
            fix=f"(in {self.name}: let every run of it make one)\n{self.command}",
        )

    def computes(self, run: Run, errors: Collection[str], *, fix: str) -> None:
        """The errors of the run are computed: with other data, the script logs others.

        A script that refuses data that are not the learner's says nothing here.
        """
        script = f"{second_run.FRESH}{self.command}  # other data"
        made = self.work.made(Script(script, at=self.commit, files={self.data_file: dealt_anew(self.rentals)}))
        other = None if made.exit_code else second_run.counterpart(made.work, self.experiment, run)
        if other is not None:
            second_run.computed(run, other, errors, script=self.name, fix=fix)
