"""Contradictions in the times that Git and MLflow wrote down, each as a sentence. Only differences within one submission are judged here.

A clock that was wrong makes such times too, and so does who copies a folder to another computer and works on there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.evidence.git.objects import Commit
    from checks.evidence.mlflow.entities import Run

SKEW = 600
"""Seconds by which the clocks of honest computers may differ."""
DAY = 86_400
_SENTENCES = 3


def of_runs(runs: Iterable[Run], made: Callable[[str], int | None]) -> tuple[str, ...]:
    """The contradictions in the times of MLflow runs.

    `made` gives the time of a commit, in seconds since 1970, or None where the submission does not hold it.
    """
    found = []
    times: dict[str, int | None] = {}
    for run in runs:
        if run.start is None:
            continue
        start = run.start // 1000
        if run.end is not None and run.end < run.start:
            found.append(f"run {run.id[:8]} ended at {moment(run.end // 1000)}, before its start at {moment(start)}")
        if not run.commit:
            continue
        if run.commit not in times:
            times[run.commit] = made(run.commit)
        commit = times[run.commit]
        if commit is not None and start < commit - SKEW:
            found.append(
                f"run {run.id[:8]} started at {moment(start)} from commit {run.commit[:7]}, "
                f"which was made later, at {moment(commit)}"
            )
    return _shown(found)


def of_commits(commits: Iterable[Commit], known: Mapping[str, Commit]) -> tuple[str, ...]:
    """Commits that are older than those which they build on. `known` has their parents by id."""
    return _shown(
        [
            f"commit {commit.short} was made at {moment(commit.time)}, before {parent[:7]}, "
            f"which it builds on, at {moment(known[parent].time)}"
            for commit in commits
            for parent in commit.parents
            if parent in known and commit.time < known[parent].time - SKEW
        ]
    )


def rewritten(commits: Iterable[Commit]) -> tuple[str, ...]:
    """Commits that were made again later, or whose times were set by hand."""
    found = []
    for commit in commits:
        if commit.authored > commit.time + SKEW:
            found.append(
                f"commit {commit.short} was made at {moment(commit.time)}, before its author wrote it at "
                f"{moment(commit.authored)}: one of the two times was set by hand"
            )
        elif commit.time > commit.authored + DAY:
            found.append(
                f"commit {commit.short} was written at {moment(commit.authored)} and made again at "
                f"{moment(commit.time)}: amended, rebased or taken from another branch"
            )
    return _shown(found)


def latest(runs: Iterable[Run]) -> int:
    """The latest start or end of a run, in seconds since 1970; 0 where there is none."""
    return max((time // 1000 for run in runs for time in (run.start, run.end) if time is not None), default=0)


def moment(seconds: int) -> str:
    """A time for people, in UTC."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return f"a time that no calendar has ({seconds} seconds)"


def _shown(found: list[str]) -> tuple[str, ...]:
    more = len(found) - _SENTENCES
    return (*found[:_SENTENCES], *([f"and {more:,} more"] if more > 0 else []))
