"""Where a run comes from: a commit that holds the script, and data that is this learner's own."""

import re
from pathlib import Path

from checks import Workspace, expect
from checks.assertions.data import months_named, put_back
from checks.assertions.once import once
from checks.assertions.store import label, listed
from checks.evidence.git.objects import Commit
from checks.evidence.mlflow.entities import Run

from .runs import DATA, MONTHS, SCRIPT, another_run, plain

_COMMIT_ID = re.compile(r"[0-9a-f]{7,40}\Z")
_CLOCKS = 120
"""Seconds by which the clocks of two machines may differ."""


@once
def code_and_data(work: Workspace, run: Run) -> None:
    """The run names a commit of the branch with the learner's own script, and the learner's own data."""
    commit = commit_of(work, run)
    script = work.git.at(commit).read(work.path(SCRIPT))
    starter = Path(__file__).parents[1].joinpath("starter", SCRIPT).read_bytes()
    about = expect.Subject(f"{SCRIPT} in commit {commit.short}, which {label(run)} names", another_run(work))
    found = "the starter: your own script was not committed before it ran"
    about.that(script is None or plain(script) != plain(starter), "the script that made the run", found)
    inputs = [f"{dataset.name} with digest {dataset.digest}" for dataset in run.datasets]
    looked_at, fix = f"the data sets that {label(run)} took in", another_run(work, "lineage")
    expect.that(inputs, looked_at=looked_at, expected="the data set that the model learned from", found="none", fix=fix)
    if months_of(work, run) is None:
        about = expect.Subject(looked_at, expect.commands(put_back(work, DATA, MONTHS, "2.1"), fix))
        found = f"{listed(inputs)}: neither the MD5 nor MLflow's own digest of these data"
        about.fail(f"the rentals of {work.learner.id}: digest {work.data(MONTHS).md5}, the MD5 of {DATA}", found)


def months_of(work: Workspace, run: Run) -> int | None:
    """How many months of this learner's data the run names, or None where it names none of them."""
    told = [text for dataset in run.datasets for text in (dataset.digest, *dataset.tags.values())]
    told += [*run.tags.values(), *run.params.values()]  # a DVC hash may be noted beside the data set
    return months_named(work, told, MONTHS)


def commit_of(work: Workspace, run: Run) -> Commit:
    """The commit of the branch that the run names, which holds the script and is older than the run."""
    told = {text for key, text in {**run.params, **run.tags}.items() if "commit" in key.lower()}
    if run.commit:
        told.add(run.commit)
    ids = sorted(text for text in told if _COMMIT_ID.match(text))
    commit = expect.Subject(f"the Git commit of {label(run)}", another_run(work))
    commit.that(
        ids, "the commit whose code ran, which MLflow notes in a Git repository", listed(sorted(told), "no commit")
    )
    on_branch = [one for one in work.git.history if one.id.startswith(tuple(ids))]
    gone = f"{listed(text[:7] for text in ids)}, which is not on {work.branch}"
    commit.that(on_branch, f"a commit of {work.branch}", gone)
    holding = [one for one in on_branch if work.git.at(one).is_file(work.path(SCRIPT))]
    if not holding:
        expected = f"a commit that holds {SCRIPT}: else nobody knows which code ran"
        commit.fail(expected, f"{on_branch[-1].short} ({on_branch[-1].subject[:60]}), which does not hold it")
    _in_order(work, run, holding[0])
    return holding[0]


def _in_order(work: Workspace, run: Run, commit: Commit) -> None:
    """The commit was made, then the run started, then it ended."""
    start = (run.start or 0) / 1000
    end = start if run.end is None else run.end / 1000
    backwards = f"the run ended {start - end:,.0f} s before it started"
    about = expect.Subject(f"the times of {label(run)} and of its commit {commit.short}", another_run(work))
    expected = "first the commit, then the start of the run, then its end"
    found = backwards if start > end else f"the commit was made {commit.time - start:,.0f} s after the run started"
    about.that(commit.time <= start + _CLOCKS and start <= end, expected, found)
