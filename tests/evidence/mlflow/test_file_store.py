"""`mlruns` from a stranger: a tree of small files, each of which may be anything."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import limits
from checks.expect import Failure
from tests.evidence.mlflow.conftest import TASK, Made, read

RUN = "lifecycle_stage: active\nrun_id: r\nexperiment_id: '1'\nstatus: 3\nstart_time: 5\nend_time: 6\nartifact_uri: x\n"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """One experiment with one run, as small as can be."""
    write(tmp_path, "1/meta.yaml", "experiment_id: '1'\nname: a\nlifecycle_stage: active\nartifact_location: x\n")
    write(tmp_path, "1/r/meta.yaml", RUN)
    write(tmp_path, "1/r/metrics/rmse", "1 2.5 0\n2 1.5 1\n")
    return tmp_path


def write(root: Path, path: str, content: str | bytes) -> None:
    at = root / "mlruns" / path
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_the_smallest_store(store: Path) -> None:
    (run,) = read(store).runs
    assert (run.id, run.status, run.start, run.end, dict(run.metrics)) == ("r", "FINISHED", 5, 6, {"rmse": 1.5})


def test_an_old_store_without_steps(store: Path) -> None:
    write(store, "1/r/metrics/rmse", "1 2.5\n2 1.5\n")
    (run,) = read(store).runs
    assert [(point.step, point.timestamp) for point in run.history["rmse"]] == [(0, 1), (0, 2)]
    assert run.metrics["rmse"] == 1.5


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("1/meta.yaml", "- a"),
        ("1/meta.yaml", "name: [a]"),
        ("1/r/meta.yaml", "run_id: {a: b}"),
        ("1/r/meta.yaml", "start_time: noon"),
        ("1/r/meta.yaml", "!!python/object/apply:os.system [id]"),
        ("1/r/metrics/rmse", "x"),
        ("1/r/metrics/rmse", "1 low 0"),
        ("1/r/metrics/rmse", "1 2 3.5"),
        ("1/r/metrics/rmse", "9" * 5_000 + " 1 1"),
        ("1/r/params/a", b"\xff\xfe"),
        ("1/models/m-1/meta.yaml", "status: many"),
        ("models/m/meta.yaml", "a: ["),
        ("models/m/aliases/champion", "one"),
        ("models/m/version-1/meta.yaml", "version: [1]"),
    ],
)
def test_a_malformed_file_is_named(store: Path, path: str, content: str | bytes) -> None:
    if path.startswith("models/m/") and not path.endswith("m/meta.yaml"):
        write(store, "models/m/meta.yaml", "name: m\n")
    write(store, path, content)
    with pytest.raises(Failure) as caught:
        read(store)
    assert caught.value.looked_at == f"mlruns/{path}"


def test_links_out_of_the_store_are_nothing(store: Path) -> None:
    (store / "mlruns/1/r/tags").mkdir()
    os.symlink("/etc/passwd", store / "mlruns/1/r/tags/secret")
    os.symlink("/etc", store / "mlruns/1/r/params")
    os.symlink("/", store / "mlruns/2")
    (run,) = read(store).runs
    assert not run.tags
    assert not run.params


@pytest.mark.parametrize(("limit", "value"), [("MLFLOW_FILES", 2), ("MLFLOW_ROWS", 1)])
def test_a_store_without_an_end(store: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    monkeypatch.setattr(limits, limit, value)
    with pytest.raises(Failure, match="a store of more than"):
        read(store)


def test_artifacts_beside_a_database_are_no_store(tmp_path: Path) -> None:
    write(tmp_path, "1/" + "a" * 32 + "/artifacts/x.txt", "")
    assert not read(tmp_path).exists


def test_a_broken_link_of_a_dataset(kept: Callable[[str], Made]) -> None:
    made = kept("mlflow_2_22_files")
    for meta in (made.folder / TASK / "mlruns").glob("*/datasets/*/meta.yaml"):
        meta.unlink()
    assert not any(run.datasets for run in read(made.folder, TASK).runs)


@settings(max_examples=100)
@given(
    path=st.sampled_from(
        ["1/meta.yaml", "1/r/meta.yaml", "1/r/metrics/rmse", "1/r/tags/a", "models/m/meta.yaml", "models/m/aliases/a"]
    ),
    content=st.binary(max_size=100),
)
def test_any_bytes(store: Path, path: str, content: bytes) -> None:
    whole = store / "mlruns" / path
    before = whole.read_bytes() if whole.exists() else None
    write(store, path, content)
    with suppress(Failure):
        read(store)
    if before is not None:
        whole.write_bytes(before)
