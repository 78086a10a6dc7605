"""Addresses of artifacts lead into the submission, or nowhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checks import limits
from checks.evidence.files import Files
from checks.evidence.mlflow.artifacts import FolderArtifacts
from checks.evidence.mlflow.places import relocated
from checks.expect import Failure
from tests.evidence.mlflow.conftest import TASK, read

RUN = "1/" + "a" * 32 + "/artifacts"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    root = tmp_path / "clone"
    for folder in ("mlruns", "mlartifacts", "my art #1"):
        (root / TASK / folder / RUN).mkdir(parents=True)
        (root / TASK / folder / RUN / "here.txt").write_text(folder)
    (tmp_path / "secret.txt").write_text("secret")
    return root


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("/home/ada/course/task/mlruns/", "mlruns"),
        ("file:///home/ada/mlruns/", "mlruns"),
        ("file:///home/ada%20b/mlruns/", "mlruns"),
        ("file:///C:/Users/ada/mlruns/", "mlruns"),
        ("C:\\Users\\ada\\mlruns\\", "mlruns"),
        ("mlruns/", "mlruns"),
        ("./mlruns/", "mlruns"),
        ("file:mlruns/", "mlruns"),
        ("/mlruns/of/another/mlruns/", "mlruns"),
        ("mlflow-artifacts:/", "mlartifacts"),
        ("mlflow-artifacts://127.0.0.1:5000/", "mlartifacts"),
        ("/home/ada/course/mlartifacts/", "mlartifacts"),
        (f"/home/ada/{TASK}/my art #1/", "my art #1"),
        (f"file:///home/ada/{TASK}/my%20art%20%231/", "my art #1"),
        (f"file:///home/ada/{TASK}/my%20art%20#1/", "my art #1"),
        ("{root}/2_course/task/my art #1/", "my art #1"),
        ("file://{root}/2_course/task/my%20art%20%231/", "my art #1"),
    ],
)
def test_where_an_address_leads(clone: Path, address: str, folder: str) -> None:
    found = relocated(Files(clone), TASK, TASK, address.format(root=clone) + RUN)
    assert found == f"{TASK}/{folder}/{RUN}"


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc",
        "/etc",
        "../../..",
        "mlruns/../../../..",
        "/home/mlruns/../../../../..",
        "file:///x/mlruns/%2e%2e/%2e%2e/%2e%2e/%2e%2e",
        "file:///x/mlruns/..%2f..%2f..%2f..",
        "mlflow-artifacts:/../../../..",
        "mlflow-artifacts:/%2e%2e/%2e%2e/%2e%2e/%2e%2e",
        "file://[",
        "s3://bucket/mlruns/1",
        "http://169.254.169.254/mlruns",
        "models:/m-1",
        "",
        "\0",
        "{root}/..",
        "{root}/2_course/task/mlruns/out",
    ],
)
def test_an_address_that_leads_nowhere(database: Callable[..., Path], address: str, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    root = database()
    (root / TASK / "mlruns" / "out").symlink_to(tmp_path)
    tracking = read(root, TASK)
    artifacts = tracking._places.at(address.format(root=root))
    assert artifacts.paths() == []
    for path in ("passwd", "secret.txt", "../secret.txt", ""):
        assert not artifacts.is_file(path)
        with pytest.raises(Failure):
            artifacts.read(path)


@given(st.text(alphabet="./%2eEfF:\\#?mlruns-artifacts\0C[", max_size=60))
@example("file:///%00")
def test_no_address_leads_out(address: str) -> None:
    found = relocated(Files(Path(__file__).parent), "a/b", "a/b", address)
    assert found is None or (not found.startswith("/") and ".." not in found.split("/") and "\0" not in found)


@pytest.mark.parametrize("path", ["../here.txt", "/etc/passwd", "a/../../x", "", "x\0y"])
def test_a_path_that_leaves_its_folder(clone: Path, path: str) -> None:
    artifacts = FolderArtifacts(Files(clone), f"{TASK}/mlruns/{RUN}")
    assert not artifacts.is_file(path)
    for look in (artifacts.read, artifacts.size, artifacts.hash):
        with pytest.raises(Failure):
            look(path)


def test_links_among_the_artifacts(clone: Path) -> None:
    folder = clone / TASK / "mlruns" / RUN
    (folder / "out.txt").symlink_to("/etc/passwd")
    (folder / "folder").symlink_to("/etc")
    (folder / "loop").symlink_to("loop")
    (folder / "inside.txt").symlink_to("here.txt")
    assert FolderArtifacts(Files(clone), f"{TASK}/mlruns/{RUN}").paths() == ["here.txt", "inside.txt"]


def test_more_artifacts_than_a_run_may_have(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MLFLOW_ARTIFACTS", 0)
    with pytest.raises(Failure, match="more than 0 files"):
        FolderArtifacts(Files(clone), f"{TASK}/mlruns/{RUN}").paths()


def test_folders_without_an_end(clone: Path) -> None:
    deep = clone / TASK / "mlruns" / RUN / "/".join("d" * (limits.MLFLOW_DEPTH + 2))
    deep.mkdir(parents=True)
    (deep / "x").write_text("")
    with pytest.raises(Failure, match="deep"):
        FolderArtifacts(Files(clone), f"{TASK}/mlruns/{RUN}").paths()


@pytest.mark.parametrize("name", ["../../../secret", "/etc/passwd", "a/b"])
def test_a_run_id_is_no_path(database: Callable[..., Path], name: str) -> None:
    root = database(f"UPDATE runs SET run_uuid = '{name}' WHERE name = 'second'")
    tracking = read(root, TASK)
    run = tracking.run(name)
    assert run
    assert tracking.models(run)
    version = tracking.registered_models[0].versions[0]
    assert tracking.model_of(version)
