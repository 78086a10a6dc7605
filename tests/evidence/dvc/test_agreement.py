"""A repository of today and one of two years ago are read as the DVC that made each reads it. See `stores/make.py`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from checks.evidence.dvc.objects import ObjectStore
from checks.evidence.dvc.pointer import parse_pointer
from checks.evidence.dvc.repository import Dvc
from checks.evidence.files import Files

if TYPE_CHECKING:
    from tests.evidence.conftest import Repo

STORES = Path(__file__).parent / "stores"


@dataclass(frozen=True)
class Kept:
    """The repository, laid out again and committed, and what its own DVC said of it."""

    repo: Repo
    said: dict[str, Any]

    @property
    def dvc(self) -> Dvc:
        return Dvc(Files(self.repo.root), "task")


@pytest.fixture(scope="module", params=["dvc_3_58", "installed"])
def kept(
    request: pytest.FixtureRequest, new_repo: Callable[..., Repo], tmp_path_factory: pytest.TempPathFactory
) -> Kept:
    stores = STORES
    if request.param == "installed":
        stores = Path(shutil.copy(STORES / "make.py", tmp_path_factory.mktemp("stores"))).parent
        make = [sys.executable, stores / "make.py", "installed"]
        subprocess.run(make, cwd=tmp_path_factory.mktemp("made"), env=new_repo().env, check=True, capture_output=True)
    document = json.loads((stores / f"{request.param}.json").read_text())
    repo = new_repo()
    for path, text in document["files"].items():
        repo.write(path, text)
    repo.commit("As it was")
    return Kept(repo, document["said"])


def test_stages_lock_and_graph(kept: Kept) -> None:
    ours = kept.dvc.pipelines(kept.repo.last)
    told = {name.partition(":")[2]: stage for name, stage in kept.said["stages"].items() if ":" in name}
    assert ours.stages.keys() == told.keys()
    for name, stage in told.items():
        entry = ours.locked(ours.stages[name])
        assert entry is not None
        assert entry.command == stage["command"]
        assert {path: [out.md5, out.size] for path, out in entry.outputs.items()} == stage["outputs"]
        assert {path: [dep.md5, dep.size] for path, dep in entry.dependencies.items()} == stage["dependencies"]
        assert entry.parameters == stage["parameters"]
        assert sorted(ours.edges[name]) == [need.partition(":")[2] for need in stage["needs"] if ":" in need]
    assert ours.metrics == {f"task/{path}" for path in kept.said["metrics"]}
    outputs = {f"task/{path}" for stage in told.values() for path in stage["outputs"]}
    assert {entry.output.path for entry in ours.outputs} == outputs


def test_pointers_cache_and_remote(kept: Kept) -> None:
    snapshot, dvc = kept.repo.last, kept.dvc
    config = dvc.config(snapshot)
    assert config is not None
    assert config.default is not None
    assert config.default.name == kept.said["remote"]
    cache = ObjectStore(Files(kept.repo.root), "task/.dvc/cache")
    remote = dvc.remote_store(".storage")
    pointers = {name: stage for name, stage in kept.said["stages"].items() if ":" not in name}
    assert len(pointers) == 2
    for pointer, stage in pointers.items():
        ((path, (md5, size)),) = stage["outputs"].items()
        (output,) = parse_pointer(snapshot.read(pointer) or b"", pointer)
        assert (output.path, output.md5, output.size) == (f"task/{path}", md5, size)
        assert cache.faults(output) == remote.faults(output) == []
