"""A learner's MLflow store, edited by hand, as somebody who fakes does it. No MLflow: that takes seconds to import."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.learner_clone import LearnerClone

COMMIT = "mlflow.source.git.commit"
"""The tag in which MLflow notes the commit."""
ADDRESSES = (
    "experiments.artifact_location",
    "runs.artifact_uri",
    "logged_models.artifact_location",
    "model_versions.storage_location",
)


def edit(clone: LearnerClone, statements: str) -> None:
    """Change the store of a task folder with SQL."""
    with closing(sqlite3.connect(clone.folder / "mlflow.db")) as store:
        store.executescript(statements)


def ask(clone: LearnerClone, query: str) -> list[str]:
    """The first column of what a query finds."""
    with closing(sqlite3.connect(clone.folder / "mlflow.db")) as store:
        return [row[0] for row in store.execute(query)]


def metric(name: str, change: str) -> str:
    """Change a metric in its history and in its latest value, such as `value = 0`."""
    return "".join(f"update {table} set {change} where key = '{name}';" for table in ("metrics", "latest_metrics"))


def settle(clone: LearnerClone) -> LearnerClone:
    """A copied clone, whose store reads and logs in itself: MLflow keeps whole paths, which lead to where it was made."""
    (first,) = ask(clone, "select artifact_location from experiments where experiment_id = 0")
    old, new = first.removesuffix("/0"), str(clone.folder / "mlruns")
    for table, _, column in (address.partition(".") for address in ADDRESSES):
        edit(clone, f"update {table} set {column} = replace({column}, '{old}', '{new}')")
    return clone
