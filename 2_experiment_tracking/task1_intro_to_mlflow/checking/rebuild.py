"""The script of a run, run in fresh clones of its commit: does it give the run, and does it compute what it logs?"""

import math
from dataclasses import dataclass

from checks import Workspace, expect
from checks.assertions import rebuilt
from checks.assertions.data import shuffled
from checks.assertions.store import NEW_STORE, finished_runs, label, listed, tracking
from checks.core import data
from checks.core.workspace import Form, Script
from checks.evidence.git.objects import Commit
from checks.evidence.mlflow.entities import Run

from .lineage import commit_of, months_of
from .metrics import CURVE_STEPS, ERRORS, Curve, curves
from .runs import DATA, EXPERIMENT, MONTHS, SCRIPT

_COMMAND = f"python {SCRIPT}"


@dataclass(frozen=True, slots=True)
class Rebuilds:
    """Runs of the script at a commit, each in a fresh clone with the first `months` of the learner's data."""

    work: Workspace
    commit: Commit
    months: int
    first: int
    """The number of the first one that a run is held against: a branch's own run comes from number 0."""

    @property
    def rentals(self) -> bytes:
        """The learner's data."""
        return data.months(self.work.learner.id, self.months)

    def clone(self, number: int) -> Workspace:
        """The task folder of one clone after the run. Raises Failure where the script ends with an error."""
        commands = f"{NEW_STORE}{_COMMAND}  # rebuild {number}"
        made = self.work.rebuilt(Script(commands, at=self.commit, data={DATA: self.months}))
        fix = f"git status --short\n(commit everything that {SCRIPT} needs)\n{_COMMAND}"
        rebuilt.finished(made, _COMMAND, fix=fix)
        return made.work

    def counterpart(self, run: Run, *, more: int = 0) -> Run:
        """The run of the first rebuild, or of so many later, that is to be held against `run`."""
        fix = f"(in {SCRIPT}: let every run of it make one)\n{_COMMAND}"
        about = expect.Subject(f"`{_COMMAND}` in a fresh clone of commit {self.commit.short}", fix)
        return about.some(_most_alike(self.clone(self.first + more), run), f"a finished run in {EXPERIMENT}", "none")

    def with_nothing_to_learn(self, run: Run) -> Run | None:
        """The counterpart of `run` where the rentals are shuffled; None where the script refuses such data."""
        commands = f"{NEW_STORE}{_COMMAND}  # other data"
        made = self.work.rebuilt(Script(commands, at=self.commit, files={DATA: shuffled(self.rentals)}))
        return None if made.exit_code else _most_alike(made.work, run)


def _most_alike(work: Workspace, run: Run) -> Run | None:
    """The finished run that has the most metrics and parameters in common with `run`; the newest of these."""

    def likeness(other: Run) -> tuple[int, int]:
        return len(run.metrics.keys() & other.metrics.keys()), len(run.params.items() & other.params.items())

    return max(finished_runs(tracking(work, fix=_COMMAND), EXPERIMENT), key=likeness, default=None)


def inspected(work: Workspace) -> Workspace:
    """The work itself or, where a branch carries no store, what its script makes in a fresh clone."""
    if work.form is not Form.BRANCH or work.rebuild is None:
        return work
    history = reversed(work.git.history)
    commit = next((commit for commit in history if work.git.at(commit).is_file(work.path(SCRIPT))), None)
    if commit is None:
        about = expect.Subject(f"the commits of {work.branch}", f'git add {SCRIPT}\ngit commit -m "Track the forecast"')
        about.fail(f"{SCRIPT}, which makes your run", f"no commit that holds {SCRIPT}")
    return Rebuilds(work, commit, MONTHS, first=0).clone(0)


def rebuilds_of(work: Workspace, run: Run) -> Rebuilds:
    """The rebuilds of a run of the inspected work: its commit, with the months of data that it names."""
    seen = inspected(work)
    return Rebuilds(work, commit_of(seen, run), months_of(seen, run) or MONTHS, first=0 if seen is work else 1)


def same_numbers(rebuilds: Rebuilds, run: Run, fix: str) -> None:
    """The script gives the errors and the learning curve of the run, from the parameters that the run has."""
    made = rebuilds.counterpart(run)
    _same_parameters(run, made, fix)
    rebuilt.same_numbers(
        {name: run.metrics[name] for name in ERRORS},
        lambda once_more: rebuilds.counterpart(run, more=int(once_more)).metrics,
        where=label(run),
        script=SCRIPT,
        mend_chance=f"(in {SCRIPT}: give everything that is random a seed, the split and the model)\n{fix}",
        mend_other=fix,
    )
    _same_curve(run, made, fix)


def _same_parameters(run: Run, made: Run, fix: str) -> None:
    """Where a rebuild has other errors, it is not because other parameters were chosen than the commit has."""
    moved = [name for name in ERRORS if not rebuilt.same(run.metrics[name], made.metrics.get(name, math.nan))]
    other = [
        f"{name} {value[:40]}, the rebuild {made.params.get(name, 'none')[:40]}"
        for name, value in run.params.items()
        if made.params.get(name) != value
    ]
    about = expect.Subject(f"the parameters of {label(run)}, and of a rebuild from its commit", fix)
    found = f"{listed(other)}; and another {moved[0] if moved else ''}"
    about.that(not other or not moved, f"the same: {SCRIPT} was committed as it ran", found)


def _same_curve(run: Run, made: Run, fix: str) -> None:
    """One learning curve of the run is the same in the rebuild."""
    logged, again = curves(run), curves(made)
    long = [name for name, curve in logged.items() if len(set(curve.values())) > 1 and len(curve) >= CURVE_STEPS]
    apart = {name: _apart(logged[name], again.get(name, {})) for name in long}
    name = min(long, key=lambda name: (len(apart[name]) > 0, -len(logged[name])))
    for at in apart[name][:1]:
        value, other = (curve.get(name, {}).get(at) for curve in (logged, again))
        about = expect.Subject(f"the learning curve {name} of {label(run)}, and of a rebuild", fix)
        about.fail("the same values", f"{value} at step {at}, the rebuild {'nothing' if other is None else other}")


def _apart(one: Curve, other: Curve) -> list[int]:
    """The steps at which two curves have not the same value."""
    return [at for at in sorted({*one, *other}) if not rebuilt.same(one.get(at, math.nan), other.get(at, math.nan))]


def computed(rebuilds: Rebuilds, run: Run, fix: str) -> None:
    """With data from which nothing can be learned, the script logs other errors than those of the run."""
    other = rebuilds.with_nothing_to_learn(run)
    metrics = other.metrics if other else {}
    typed = [name for name in ERRORS if name in metrics and rebuilt.same(run.metrics[name], metrics[name])]
    about = expect.Subject(f"{SCRIPT}, run once more with the rentals dealt to other hours", fix)
    found = f"again {', '.join(f'{name} {run.metrics[name]:.6g}' for name in typed)}: typed in, and not computed"
    about.that(not typed, f"other errors than those of {label(run)}: nothing can be learned from such data", found)
