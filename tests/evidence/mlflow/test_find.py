"""Which store counts: the one that the learner's environment names, then those in the folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.core.clone import Clone
from checks.core.workspace import Workspace
from checks.expect import Unavailable
from tests.evidence.mlflow.conftest import TASK, Made, read

Database = Callable[..., Path]


def test_nothing_was_tracked_yet(tmp_path: Path) -> None:
    (tmp_path / TASK / "mlruns").mkdir(parents=True)
    tracking = read(tmp_path, TASK)
    assert not tracking.exists
    assert (tracking.runs, tracking.place) == ((), f"mlflow.db and mlruns in {TASK}")


@pytest.mark.parametrize("place", [f"{TASK}/mlflow.db", "mlflow.db", f"{TASK}/my.db"])
def test_a_store_that_is_elsewhere(database: Database, place: str) -> None:
    root = database()
    (root / TASK / "mlflow.db").rename(root / place)
    tracking = read(root, TASK)
    assert (root / TASK / tracking.place).resolve() == root / place
    (run,) = (run for run in tracking.runs if run.name == "first")
    assert tracking.models(run)


def test_of_two_other_databases_none_counts(database: Database) -> None:
    root = database()
    (root / TASK / "a.db").write_bytes((root / TASK / "mlflow.db").read_bytes())
    (root / TASK / "mlflow.db").rename(root / TASK / "b.db")
    assert not read(root, TASK).exists


@pytest.mark.parametrize(
    "address", ["sqlite:///b.db", "sqlite:///{root}/2_course/task/b.db", "sqlite:///../task/b.db?x=1"]
)
def test_the_database_that_the_environment_names(database: Database, address: str) -> None:
    root = database()
    (root / TASK / "b.db").write_bytes((root / TASK / "mlflow.db").read_bytes())
    assert read(root, TASK, MLFLOW_TRACKING_URI=address.format(root=root)).place == "b.db"


@pytest.mark.parametrize(
    "address", ["sqlite:////etc/passwd", "sqlite:///../../../x.db", "sqlite:///\0", "databricks", ""]
)
def test_an_address_that_leads_out_of_the_clone_is_nothing(database: Database, address: str) -> None:
    assert read(database(), TASK, MLFLOW_TRACKING_URI=address).place == "mlflow.db"


def test_the_environment_counts_only_for_whoever_sits_here(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    root = database()
    (root / ".git").mkdir()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert Workspace(Clone(root), TASK).mlflow.place == "mlflow.db"
    with pytest.raises(Unavailable, match=r"http://127.0.0.1:9 does not answer"):
        _ = Workspace(Clone(root, here=True), TASK).mlflow


def test_a_deleted_experiment_is_not_found_by_its_name(kept: Callable[[str], Made]) -> None:
    tracking = read(kept("mlflow_2_22").folder, TASK)
    assert tracking.experiment("old") is None
    assert [one.active for one in tracking.experiments if one.name == "old"] == [False]


def test_reading_imports_no_heavy_library(database: Database) -> None:
    program = (
        "import sys; from pathlib import Path; from checks.evidence.files import Files;"
        "from checks.evidence.mlflow.find import find; find(Files(Path(sys.argv[1])), sys.argv[2], {});"
        "print(*{'mlflow', 'pandas', 'numpy', 'requests', 'urllib.request', 'pygit2', 'sqlalchemy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program, database(), TASK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
