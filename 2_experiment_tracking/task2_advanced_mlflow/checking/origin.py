"""Whose work a group of MLflow runs is: a commit of the branch, or the learner's own data, says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from checks import expect
from checks.core import data
from checks.evidence.mlflow.digest import dataset_digests

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from checks.core.workspace import Workspace
    from checks.evidence.mlflow.entities import DatasetInput, Run

MONTHS = 3
DATA = "data/rentals.csv"
_MD5 = re.compile(r"(?:md5:)?([0-9a-f]{32})\Z")


def has_an_origin(work: Workspace, parent: Run, children: Sequence[Run], *, fix: str) -> None:
    """A commit of the branch or the learner's data ties the runs to this learner, and no data of others contradicts.

    One run of the group is enough: a program that logs through `MlflowClient` records no commit, and a commit that was
    amended after the search is not on the branch any more.
    """
    runs = (parent, *children)
    inputs = [dataset for run in runs for dataset in run.datasets]
    own = {work.data(months).md5 for months in range(1, MONTHS + 1)}
    stranger = next((one for one in inputs if _is_the_file(one) and (md5 := _md5(one.digest)) and md5 not in own), None)
    if stranger is not None:
        expect.fail(
            looked_at=f"the data set {stranger.name} of the parent run {parent.name}",
            expected=f"the data of {work.learner.id}: {DATA} with md5 {work.data(MONTHS).md5}",
            found=f"{DATA} with md5 {_md5(stranger.digest)}: the data of somebody else, or a changed file",
            fix=expect.commands(_fix_data(work), fix),
        )
    if _on_the_branch(work, runs) or _with_own_data(work, runs, inputs, own):
        return
    commits = sorted({run.commit[:7] for run in runs if run.commit})
    digests = sorted({one.digest[:32] for one in inputs})
    expect.fail(
        looked_at=f"the parent run {parent.name} and its children: Git commits and data sets",
        expected=f"a commit of {work.branch} that holds your work, or a data set with md5 {work.data(MONTHS).md5}",
        found=f"{', '.join(commits) or 'no commit'}; {', '.join(digests) or 'no data set'}",
        fix=fix,
    )


def _on_the_branch(work: Workspace, runs: Iterable[Run]) -> bool:
    """Whether a run was made at a commit of the branch that is the learner's own: the course's are everybody's."""
    commits = {run.commit for run in runs if run.commit}
    return any(
        commit in work.git.reachable
        and any(
            work.git.at(work.git.commit(commit)).id(path) is not None for path in ("learner.toml", work.path("tune.py"))
        )
        for commit in commits
    )


def _with_own_data(work: Workspace, runs: Iterable[Run], inputs: Iterable[DatasetInput], own: set[str]) -> bool:
    """Whether a data set's digest, or a parameter or tag such as DVC's hash, is the learner's data."""
    digests = {one.digest for one in inputs}
    texts = digests | {text for run in runs for text in (*run.tags.values(), *run.params.values())}
    if any((md5 := _md5(text)) and md5 in own for text in texts):
        return True
    # Where no digest was given, MLflow made one: eight digits.
    short = {digest for digest in digests if len(digest) == 8}
    return bool(short) and not short.isdisjoint(dataset_digests(data.months(work.learner.id, MONTHS)))


def _is_the_file(dataset: DatasetInput) -> bool:
    source = dataset.source if isinstance(dataset.source, str) else str(dataset.source)
    return DATA in source.replace("\\\\", "/").replace("\\", "/")


def _md5(text: str) -> str | None:
    match = _MD5.match(text.strip().lower())
    return match[1] if match else None


def _fix_data(work: Workspace) -> str | None:
    """Have the learner's own data in the working file, where it is another."""
    path = work.path(DATA)
    if work.files.is_file(path) and work.files.hash(path) == work.data(MONTHS):
        return None
    return expect.commands(f"rm {DATA}" if work.files.is_file(path) else None, "mlsd start 2.2")
