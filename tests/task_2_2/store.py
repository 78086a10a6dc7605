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
    """The clone, whose store logs new models into itself: MLflow keeps the folder of an experiment as it was made."""
    with edited(clone) as store:
        for (number,) in store.execute("select experiment_id from experiments").fetchall():
            place = (clone.folder / "mlruns" / str(number)).as_uri().removeprefix("file://")
            store.execute("update experiments set artifact_location = ? where experiment_id = ?", [place, number])
    return clone
