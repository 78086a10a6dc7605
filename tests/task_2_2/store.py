"""A learner's MLflow store, edited by hand, as somebody who fakes does it. No MLflow: that takes seconds to import."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.learner_clone import LearnerClone

CHILDREN = """
    select run_uuid from runs join tags using (run_uuid) join latest_metrics using (run_uuid)
    where tags.key = 'mlflow.parentRunId' and latest_metrics.key = 'rmse' order by latest_metrics.value
"""
ADDRESSES = (
    "experiments.artifact_location",
    "runs.artifact_uri",
    "logged_models.artifact_location",
    "model_versions.storage_location",
)


@contextmanager
def edited(clone: LearnerClone) -> Iterator[sqlite3.Connection]:
    """The store, open for changes."""
    with closing(sqlite3.connect(clone.folder / "mlflow.db")) as store:
        yield store
        store.commit()


def children(store: sqlite3.Connection) -> list[str]:
    """The ids of the grid's children, the best first."""
    return [row[0] for row in store.execute(CHILDREN)]


def everywhere(store: sqlite3.Connection, change: str, *values: object) -> None:
    """Change the metric `rmse` in its history and in its latest value."""
    for table in ("metrics", "latest_metrics"):
        store.execute(f"update {table} set {change} key = 'rmse'", values)


def moved(clone: LearnerClone) -> LearnerClone:
    """The clone, whose store reads and logs in itself: MLflow keeps each folder's name as it was when it was made."""
    with edited(clone) as store:
        ((first,),) = store.execute("select artifact_location from experiments where experiment_id = 0").fetchall()
        here = (clone.folder / "mlruns").as_uri().removeprefix("file://")
        for column in ADDRESSES:
            table, _, name = column.partition(".")
            store.execute(f"update {table} set {name} = replace({name}, ?, ?)", [first.removesuffix("/0"), here])
    return clone
