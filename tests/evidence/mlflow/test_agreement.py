"""Our readers and MLflow's own client say the same of a store, field by field."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.evidence.mlflow.sqlite import REVISIONS
from checks.evidence.mlflow.tracking import Tracking
from tests.evidence.mlflow.as_json import as_json
from tests.evidence.mlflow.conftest import KEPT, TASK, Made, RunningServer, read, run_script


def same(tracking: Tracking, client: dict[str, Any]) -> None:
    ours = as_json(tracking)
    for kind, things in client.items():
        assert ours[kind] == things, kind


@pytest.mark.parametrize("store", ["sqlite_store", "file_store"])
def test_everything_in_a_store_of_the_installed_mlflow(store: str, request: pytest.FixtureRequest) -> None:
    made = request.getfixturevalue(store)
    same(read(made.folder, TASK), made.client)


@pytest.mark.parametrize("name", KEPT)
def test_everything_in_a_store_of_mlflow_2(name: str, kept: Callable[[str], Made]) -> None:
    made = kept(name)
    same(read(made.folder, TASK), made.client)


def test_the_installed_mlflow_writes_a_schema_that_is_known(sqlite_store: Made) -> None:
    program = "from mlflow.store.db.utils import _get_latest_schema_revision as latest; print(latest())"
    head = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    assert head in REVISIONS


@pytest.mark.parametrize("store", ["sqlite_store", "file_store"])
def test_models_of_a_store_that_was_moved(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    made = request.getfixturevalue(store)
    shutil.copytree(made.folder, tmp_path / "elsewhere")
    _models(read(tmp_path / "elsewhere", TASK), tmp_path / "elsewhere")


@pytest.mark.parametrize("name", KEPT)
def test_models_of_mlflow_2_are_among_the_artifacts_of_their_run(name: str, kept: Callable[[str], Made]) -> None:
    made = kept(name)
    _models(read(made.folder, TASK), made.folder)


def _models(tracking: Tracking, root: Path) -> None:
    experiment = tracking.experiment("bike-demand")
    assert experiment
    runs = {run.name: run for run in tracking.runs_of(experiment)}
    assert list(runs) == ["first", "child 0", "child 1", "second", "still going"]
    assert runs["child 0"].parent == runs["first"].id
    assert runs["first"].commit == "a" * 40
    artifacts = tracking.artifacts(runs["first"])
    assert "notes/what # now? 100%.txt" in artifacts.paths()
    assert artifacts.read("notes/what # now? 100%.txt") == b"hello"
    (model,) = tracking.models(runs["first"])
    assert model.run_id == runs["first"].id
    assert model.input_example == "input_example.json"
    assert model.signature
    assert [(column.name, column.type, column.required) for column in model.signature.inputs] == [
        ("hour", "long", True),
        ("temperature", "double", True),
    ]
    assert "sklearn" in model.flavors
    (tensors,) = tracking.models(runs["second"])
    assert tensors.input_example is None
    assert tensors.signature
    assert [(column.name, column.type) for column in tensors.signature.inputs] == [(None, "tensor(float64)")]
    registered = tracking.registered_model("bike-demand")
    assert registered
    assert [tracking.model_of(version) for version in registered.versions] == [model, tensors]
    copy = tracking.registered_model("copy")
    assert copy
    assert tracking.model_of(copy.versions[0]) is model
    assert (root / model.artifacts.folder / "MLmodel").is_file()


def test_a_signature_says_what_mlflow_loads(sqlite_store: Made) -> None:
    tracking = read(sqlite_store.folder, TASK)
    (run,) = (run for run in tracking.runs if run.name == "first")
    (model,) = tracking.models(run)
    program = (
        "import json, sys; from mlflow.models import Model; m = Model.load(sys.argv[1]);"
        "print(json.dumps([m.run_id, m.model_id, sorted(m.flavors),"
        "[[c.name, c.type.name, c.required] for c in m.signature.inputs], m.saved_input_example_info['artifact_path']]))"
    )
    path = sqlite_store.folder / model.artifacts.folder
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert model.signature
    assert json.loads(done.stdout) == [
        model.run_id,
        model.model_id,
        sorted(model.flavors),
        [[column.name, column.type, column.required] for column in model.signature.inputs],
        model.input_example,
    ]


def test_a_server_says_what_its_client_says_and_shows_its_pages(server: RunningServer) -> None:
    with urllib.request.urlopen(f"{server.address}/", timeout=20) as page:
        assert b"<!doctype html>" in page.read().lower()
    client = json.loads(run_script("oracle.py", server.address, cwd=server.folder))
    tracking = read(server.folder, MLFLOW_TRACKING_URI=f"{server.address}/")
    assert tracking.place == server.address
    same(tracking, client)


@pytest.mark.parametrize("by", ["server", "files"])
def test_artifacts_that_went_through_a_server(by: str, server: RunningServer) -> None:
    environment = {"MLFLOW_TRACKING_URI": server.address} if by == "server" else {}
    tracking = read(server.folder, **environment)
    (run,) = (run for run in tracking.runs if run.name == "served")
    assert run.artifact_uri.startswith("mlflow-artifacts:/")
    artifacts = tracking.artifacts(run)
    assert artifacts.paths() == ["notes/deep er/hi.txt"]
    assert artifacts.size("notes/deep er/hi.txt") == 5
    assert artifacts.read("notes/deep er/hi.txt") == b"hello"
    assert artifacts.hash("notes/deep er/hi.txt").md5 == "5d41402abc4b2a76b9719d911017c592"


def test_models_of_a_server(server: RunningServer) -> None:
    tracking = read(server.folder, MLFLOW_TRACKING_URI=server.address)
    registered = tracking.registered_model("bike-demand")
    assert registered
    first = tracking.model_of(registered.versions[0])
    assert first
    assert first.input_example == "input_example.json"
    run = tracking.run(first.run_id or "")
    assert run
    assert tracking.models(run) == (first,)
    assert [point.value for point in run.history["rmse"]] == [3.0, 2.0, 1.0]
