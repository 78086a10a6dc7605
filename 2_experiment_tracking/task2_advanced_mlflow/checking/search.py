"""The search of this learner: its files, the commands that make and commit them, and whose runs it left behind."""

import posixpath
import re
from collections.abc import Iterable, Sequence

from checks import Workspace, expect
from checks.assertions.data import months_named, put_back
from checks.evidence.mlflow.entities import DatasetInput, Run
from checks.expect import Fix

NAME = "bike-demand"
"""The name of the experiment, and of the registered model."""
SCRIPT = "tune.py"
DATA = "data/rentals.csv"
MONTHS = 3
_MD5 = re.compile(r"(?:md5:)?([0-9a-f]{32})\Z")


def another_search(work: Workspace) -> str:
    """Search again with the learner's own script, or finish it first."""
    script = work.path(SCRIPT)
    unfinished = not work.files.is_file(script) or b"NotImplementedError" in work.files.read(script)
    committed = not unfinished and work.snapshot.id(script) is not None
    return expect.commands(
        f"(finish the TODOs in {SCRIPT})" if unfinished else None,
        None if committed else f'git add {SCRIPT} ../../learner.toml\ngit commit -m "Search a grid"',
        f"python {SCRIPT}",
    )


def commit(name: str, message: str) -> str:
    """Commit one file."""
    return f'git add {name}\ngit commit -m "{message}"'


def committed(work: Workspace, name: str, expected: str, *, message: str, make: str) -> bytes:
    """A file of the task folder in the last commit. Where it is nowhere, `make` is what makes and commits it."""
    path = posixpath.normpath(work.path(name))
    content = work.snapshot.read(path)
    if content is None:
        there = work.files.is_file(path)
        about = expect.Subject(f"{name} in the last commit of {work.branch}", commit(name, message) if there else make)
        about.fail(expected, "it is there, but not committed" if there else "no such file")
    return content


def has_an_origin(work: Workspace, parent: Run, children: Sequence[Run], *, fix: Fix) -> None:
    """A commit of the branch or the learner's data ties the runs to this learner, and no data of others contradicts.

    One run of the group is enough: a program that logs through `MlflowClient` records no commit, and a commit that was
    amended after the search is not on the branch any more.
    """
    runs = (parent, *children)
    inputs = [dataset for run in runs for dataset in run.datasets]
    own = {work.data(months).md5 for months in range(1, MONTHS + 1)}
    for dataset in inputs:
        md5 = _md5_of_the_file(dataset)
        expect.that(
            md5 is None or md5 in own,
            looked_at=f"the data set {dataset.name} of the parent run {parent.name}",
            expected=f"the data of {work.learner.id}: {DATA} with md5 {work.data(MONTHS).md5}",
            found=f"{DATA} with md5 {md5}: the data of somebody else, or a changed file",
            fix=lambda: expect.commands(put_back(work, DATA, MONTHS, "2.2"), fix),
        )
    # A parameter or a tag may hold the hash that DVC gives the data.
    told = {text for run in runs for text in (*run.tags.values(), *run.params.values())}
    told |= {dataset.digest for dataset in inputs}
    if _on_the_branch(work, runs) or months_named(work, told, MONTHS):
        return
    commits = sorted({run.commit[:7] for run in runs if run.commit})
    digests = sorted({dataset.digest[:32] for dataset in inputs})
    about = expect.Subject(f"the parent run {parent.name} and its children: Git commits and data sets", fix)
    found = f"{', '.join(commits) or 'no commit'}; {', '.join(digests) or 'no data set'}"
    about.fail(f"a commit of {work.branch} that holds your work, or a data set with md5 {work.data(MONTHS).md5}", found)


def _on_the_branch(work: Workspace, runs: Iterable[Run]) -> bool:
    """Whether a run was made at a commit of the branch that is the learner's own: the course's are everybody's."""
    own = ("learner.toml", work.path(SCRIPT))
    for commit in {run.commit for run in runs if run.commit}:
        if commit in work.git.reachable:
            at = work.git.at(work.git.commit(commit))
            if any(at.id(path) is not None for path in own):
                return True
    return False


def _md5_of_the_file(dataset: DatasetInput) -> str | None:
    """The digest, where the data set says that it is the data file, and its digest is an MD5."""
    match = _MD5.match(dataset.digest.strip().lower())
    return match[1] if match and DATA in str(dataset.source).replace("\\\\", "/").replace("\\", "/") else None
