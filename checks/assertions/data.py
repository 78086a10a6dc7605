"""The learner's own data: how it is named, how it is put back, and the same table with nothing to learn in it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from checks import expect
from checks.core import data
from checks.evidence.files import Kind
from checks.evidence.mlflow.digest import dataset_digests

if TYPE_CHECKING:
    from checks.core.workspace import Workspace

_MLFLOW_DIGITS = 8
"""MLflow cuts its digests to so many digits: so may a learner."""


def months_named(work: Workspace, texts: Collection[str], most: int) -> int | None:
    """How many of the first `most` months of this learner's data a text names by a digest; None where none does."""
    told = {
        text for text in (text.strip().lower().removeprefix("md5:") for text in texts) if len(text) >= _MLFLOW_DIGITS
    }
    cut = any(len(text) == _MLFLOW_DIGITS for text in told)
    return next(
        (
            months
            for months, digests in _digests(work, most, of_tables=cut)
            if any(digest.startswith(text) for text in told for digest in digests)
        ),
        None,
    )


def _digests(work: Workspace, most: int, *, of_tables: bool) -> Iterator[tuple[int, Collection[str]]]:
    """The digests of the data: hashes of the file, then those of MLflow. What most learners log comes first."""
    for months in range(most, 0, -1):
        yield months, [work.data(months).md5]
    versions = {months: data.months(work.learner.id, months) for months in range(most, 0, -1)}
    for months, csv in versions.items():
        yield months, [hashlib.new(name, csv).hexdigest() for name in ("sha1", "sha256")]
    for months, csv in versions.items() if of_tables else ():
        yield months, dataset_digests(csv)


def put_back(work: Workspace, file: str, months: int, task: str) -> str | None:
    """The commands that bring the learner's own data to `file` of the task folder; None where it is there."""
    path = work.path(file)
    if work.files.is_file(path) and work.files.hash(path) == work.data(months):
        return None
    return expect.commands(None if work.files.kind(path) is Kind.MISSING else f"rm {file}", f"mlsd start {task}")


def shuffled(csv: bytes) -> bytes:
    """The same table, but for its last column, whose values change places. Repeated rows stay repeated.

    Nothing can be learned from it: a script that computes its errors has to log others.
    """
    header, *lines = csv.decode("ascii").splitlines()
    rows = [line.rpartition(",") for line in dict.fromkeys(lines)]
    values = [value for _, _, value in rows]
    random.Random(0).shuffle(values)  # noqa: S311 - no secret
    other = {f"{inputs},{value}": f"{inputs},{dealt}" for (inputs, _, value), dealt in zip(rows, values, strict=True)}
    return ("\n".join([header, *(other[line] for line in lines)]) + "\n").encode("ascii")
