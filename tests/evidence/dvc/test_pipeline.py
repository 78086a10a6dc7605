"""`dvc.yaml` as DVC itself resolves it: DVC's own API is the oracle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from checks.evidence.dvc.pipeline import Pipeline, parse_pipeline
from checks.expect import Malformed, Unavailable

SIMPLE = """
stages:
  one:
    cmd: python one.py
    deps: [one.py, data]
    params: [a, b.c, {other.json: [x]}, {whole.toml: }]
    outs: [out.csv, {kept.csv: {cache: false, persist: true}}]
    metrics: [{m.json: {cache: false}}]
    plots: [{p.csv: {x: a, cache: false}}]
    frozen: true
    always_changed: true
"""
PARAMS = """
a: 1
b: {c: 0.5, d: [10, 20, {e: deep}]}
text: "on"
switch: on
small: 1e-3
yes_: true
time: 12:30
names: [x, y]
models: {forest: {depth: 3}, tree: {depth: 1}}
options: {trees: 5, fast: true, slow: false, label: a b, layers: [1, 2]}
"""
DOCUMENTS = {
    "plain": SIMPLE,
    "a value": "stages: {s: {cmd: 'run ${a} ${b.c} ${b.d[1]} ${b.d.0} ${b.d[2].e}'}}",
    "kinds of values": "stages: {s: {cmd: 'run ${switch} ${text} ${small} ${yes_} ${time}'}}",
    "an escape": r"stages: {s: {cmd: 'run \${HOME} ${a}'}}",
    "a mapping in cmd": "stages: {s: {cmd: 'run ${options}'}}",
    "vars here": "vars: [{v: {w: 1}}]\nstages: {s: {cmd: 'run ${v.w} ${a}'}}",
    "vars merged": "vars: [{b: {z: 9}}]\nstages: {s: {cmd: 'run ${b.z} ${b.c}'}}",
    "vars from a file": "vars: [other.json]\nstages: {s: {cmd: 'run ${x} ${y.z}'}}",
    "vars in part": "vars: ['other.json:x']\nstages: {s: {cmd: 'run ${x}'}}",
    "vars in toml": "vars: [whole.toml]\nstages: {s: {cmd: 'run ${k} ${t.u}'}}",
    "local vars": "stages: {s: {vars: [{l: 5}], cmd: 'run ${l}'}, t: {vars: [{l: 6}], cmd: 'run ${l}'}}",
    "foreach over a list": "stages: {s: {foreach: [1, b, true], do: {cmd: 'run ${item}', outs: ['${item}.txt']}}}",
    "foreach over mappings": "stages: {s: {foreach: [{n: 1}, {n: 2}], do: {cmd: 'run ${item.n}'}}}",
    "foreach over a mapping": "stages: {s: {foreach: {k: {n: 1}, l: {n: 2}}, do: {cmd: 'run ${key} ${item.n}'}}}",
    "foreach over a reference": "stages: {s: {foreach: '${models}', do: {cmd: 'run ${key} ${item.depth}'}}}",
    "foreach over a list by reference": "stages: {s: {foreach: '${names}', do: {cmd: 'run ${item}'}}}",
    "matrix": "stages: {s: {matrix: {m: [a, b], n: [1, 2]}, cmd: 'run ${item.m} ${item.n} ${key}'}}",
    "matrix of mappings": "stages: {s: {matrix: {m: [{x: 1}, {x: 2}], n: '${names}'}, cmd: 'run ${item.m.x} ${item.n}'}}",
    "wdir": "stages: {s: {wdir: inner, cmd: run, deps: [d, ../e], outs: [o]}}",
    "wdir by template": "vars: [{w: inner}]\nstages: {s: {wdir: '${w}', cmd: run, outs: [o]}}",
    "several commands": "stages: {s: {cmd: [first, 'second ${a}']}}",
    "names in params": "stages: {s: {cmd: run, params: [b, 'b.d.0'], outs: [o]}}",
    "several files of params": "stages: {s: {cmd: run, params: [{whole.toml: [k]}, a, {whole.toml: [t.u]}]}}",
    "templates in paths": "stages: {s: {cmd: run, deps: ['${names[0]}.csv'], outs: ['${names[1]}.csv': {cache: false}]}}",
    "no stages": "vars: [{a2: 1}]",
}
FILES = {
    "params.yaml": PARAMS,
    "other.json": '{"x": 1, "y": {"z": "two"}}',
    "whole.toml": "k = 1\n[t]\nu = 'v'\n",
}


def told_by_dvc(root: Path) -> dict[str, Any]:
    """The stages of a repository as DVC's own index has them."""
    from dvc.dependency import ParamsDependency
    from dvc.repo import Repo

    def path(out: Any) -> str:
        return os.path.relpath(out.fs_path, root).replace(os.sep, "/")

    with Repo(str(root)) as repo:
        return {
            stage.name: {
                "command": stage.cmd if isinstance(stage.cmd, str) else tuple(stage.cmd),
                "deps": {path(dep) for dep in stage.deps if not isinstance(dep, ParamsDependency)},
                "params": {path(dep): set(dep.params) for dep in stage.deps if isinstance(dep, ParamsDependency)},
                "outs": {(path(out), out.use_cache) for out in stage.outs},
                "always_changed": bool(stage.always_changed),
            }
            for stage in repo.index.stages
        }


def told_by_us(pipeline: Pipeline) -> dict[str, Any]:
    return {
        stage.name: {
            "command": stage.command,
            "deps": {dependency.path for dependency in stage.dependencies},
            "params": {use.path: set(use.keys) for use in stage.parameters},
            "outs": {(output.path, output.cached) for output in stage.outputs},
            "always_changed": stage.always_changed,
        }
        for stage in pipeline.stages.values()
    }


@pytest.mark.parametrize("name", DOCUMENTS)
def test_dvc_and_we_resolve_the_same(name: str, tmp_path: Path) -> None:
    folder = "" if name == "plain" else "deep/er/"
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = true\n")
    (tmp_path / folder / "inner").mkdir(parents=True)
    for file, text in {**FILES, "dvc.yaml": DOCUMENTS[name]}.items():
        (tmp_path / folder / file).write_text(text)

    def read(path: str) -> bytes | None:
        return (tmp_path / path).read_bytes() if (tmp_path / path).is_file() else None

    ours = parse_pipeline(DOCUMENTS[name].encode(), f"{folder}dvc.yaml", read)
    assert told_by_us(ours) == told_by_dvc(tmp_path)


def test_the_parameters_that_a_template_used_are_known() -> None:
    pipeline = parse_pipeline(b"stages: {s: {cmd: 'x ${b.c} ${own}', vars: [own.yaml]}}", "t/dvc.yaml", {
        "t/params.yaml": PARAMS.encode(), "t/own.yaml": b"own: 1"}.get)  # fmt: skip
    assert pipeline.stages["s"].filled_in == {("t/params.yaml", "b.c"), ("t/own.yaml", "own")}


def test_the_metrics_beside_the_stages_are_read() -> None:
    assert parse_pipeline(b"metrics: [m.json]\nplots: [a.csv]", "dvc.yaml", {}.get).metrics == ("m.json",)


AXES = ", ".join(f"a{axis}: {list(range(60))}" for axis in range(4))
BROKEN = {
    "no mapping": "[a]",
    "stages that are a list": "stages: [a]",
    "a stage without a command": "stages: {s: {outs: [a]}}",
    "a stage that is a text": "stages: {s: x}",
    "an unknown name": "stages: {s: {cmd: '${nothing}'}}",
    "a list in a command": "vars: [{l: [1]}]\nstages: {s: {cmd: 'x ${l}'}}",
    "a name defined twice": "vars: [{a: 1}, {a: 2}]",
    "vars outside": "vars: [../secret.yaml]\nstages: {}",
    "vars outside, absolute": "vars: [/etc/passwd]\nstages: {}",
    "vars of a missing file": "vars: [none.yaml]",
    "a matrix that never ends": f"stages: {{s: {{matrix: {{{AXES}}}, cmd: x}}}}",
    "a foreach that never ends": f"stages: {{s: {{foreach: {list(range(5000))}, do: {{cmd: x}}}}}}",
    "text that never ends": f"vars: [{{t: {'x' * 1000}}}]\n"
    f"stages: {{s: {{foreach: {list(range(1000))}, do: {{cmd: '{'${t}' * 100}'}}}}}}",
    "deps that are a text": "stages: {s: {cmd: x, deps: a}}",
    "a foreach over a number": "stages: {s: {foreach: 3, do: {cmd: x}}}",
    "an unfinished expression": "stages: {s: {cmd: '${a..b}'}}",
    "not YAML": "stages: [",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_resolved_is_a_failure_that_names_the_file(name: str) -> None:
    def read(path: str) -> bytes | None:
        assert not path.startswith((".", "/"))
        return None

    with pytest.raises(Malformed) as caught:
        parse_pipeline(BROKEN[name].encode(), "task/dvc.yaml" if "outside" not in name else "dvc.yaml", read)
    assert "dvc.yaml" in caught.value.looked_at


def test_parameters_in_python_are_not_executed() -> None:
    with pytest.raises(Unavailable):
        parse_pipeline(b"vars: [p.py]", "dvc.yaml", {"p.py": b"raise SystemExit"}.get)
