"""`dvc.lock` as DVC writes it, today and some years ago."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from checks.evidence.dvc.committed import Committed
from checks.evidence.dvc.pointer import parse_lock
from checks.expect import Malformed, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.evidence.conftest import Repo

PIPELINE = """
stages:
  make:
    cmd: mkdir -p out && cp data.txt out/a.txt && cp data.txt out/b.txt
    deps: [data.txt]
    params: [n, deep.list, {more.json: }]
    outs: [out]
  count:
    cmd: wc -l < out/a.txt > count.txt && echo '{"m":1.5}' > m.json
    deps: [out/a.txt]
    outs: [count.txt]
    metrics: [{m.json: {cache: false}}]
"""


@pytest.fixture(scope="module")
def ran(new_repo: Callable[..., Repo]) -> Repo:
    """A pipeline in a sub-folder that the real DVC ran. Only read it."""
    repo = new_repo()
    repo.write("task/data.txt", "1\n2\n")
    repo.write("task/params.yaml", "n: 3\ndeep: {list: [1, 0.5, on]}\n")
    repo.write("task/more.json", '{"x": {"y": null}}')
    repo.write("task/dvc.yaml", PIPELINE)
    repo.dvc("init", "--subdir", folder="task")
    repo.dvc("repro", folder="task")
    repo.commit("Ran")
    return repo


def committed(repo: Repo) -> Committed:
    git = repo.read
    assert git.tip is not None
    return Committed(git.at(git.tip), "task")


@pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")
def test_dvc_and_we_read_the_same_lock(ran: Repo) -> None:
    from dvc.dependency import ParamsDependency
    from dvc.repo import Repo as DvcRepo

    ours = committed(ran)
    with DvcRepo(str(ran.root / "task")) as repo:
        stages: list[Any] = list(repo.index.stages)
        assert {stage.name for stage in stages} == set(ours.stages)
        for stage in stages:
            entry = ours.locked(ours.stages[stage.name])
            assert entry is not None
            assert entry.command == stage.cmd
            for outs, found in ((stage.outs, entry.outputs), (stage.deps, entry.dependencies)):
                plain = [out for out in outs if not isinstance(out, ParamsDependency)]
                assert {out.def_path: (out.hash_info.value, out.meta.size) for out in plain} == {
                    path: (output.md5, output.size) for path, output in found.items()
                }
            parameters = {dep.def_path: dep.hash_info.value for dep in stage.deps if isinstance(dep, ParamsDependency)}
            assert entry.parameters == parameters
        graph = repo.index.graph
        assert {stage.name: frozenset(s.name for s in graph.successors(stage)) for stage in stages} == ours.edges


def test_metrics_and_outputs_are_those_that_dvc_knows(ran: Repo) -> None:
    from dvc.repo import Repo as DvcRepo

    ours = committed(ran)
    with DvcRepo(str(ran.root / "task")) as repo:
        shown = repo.metrics.show()[""]["data"]
        assert ours.metrics == {f"task/{path}" for path in shown}
        paths = {os.path.relpath(out.fs_path, ran.root) for out in repo.index.outs}
    assert {entry.output.path for entry in ours.outputs} == paths


MD5 = "0123456789abcdef0123456789abcdef"
STAGE = f"s:\n  cmd: run\n  deps:\n  - path: d\n    md5: {MD5}\n    size: 1\n"


def test_the_first_schema_is_read() -> None:
    (stage,) = parse_lock(STAGE.encode(), "dvc.lock").values()
    assert stage.dependencies["d"].legacy


def test_a_newer_schema_is_unavailable() -> None:
    with pytest.raises(Unavailable, match=r"3\.0"):
        parse_lock(b"schema: '3.0'\nstages: {}\n", "dvc.lock")


@pytest.mark.parametrize(
    "text",
    [
        "[a]", "stages", "schema: '2.0'\nstages: [a]", "schema: '2.0'\nstages: {s: {}}", "s: {cmd: x, deps: {a: b}}",
        "s: {cmd: x, deps: [a]}", "s: {cmd: x, outs: [{path: a, md5: ../../x}]}", "s: {cmd: x, outs: [{path: a}]}",
        "s: {cmd: x, params: []x}", "s: {cmd: 3}",
    ],
)  # fmt: skip
def test_what_is_no_lock_is_named(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_lock(text.encode(), "task/dvc.lock")
    assert caught.value.looked_at == "task/dvc.lock"
