"""Committed files that are plausible and wrong, or faked: each fails at its step, in words that name what was found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.learner_clone import LearnerClone

COMMIT = "git add -A .; git commit -qm 'Something else'\n"


def write(name: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        document = json.loads((folder / name).read_text())
        change(document)
        (folder / name).write_text(json.dumps(document))

    return make


def text(name: str, old: str, new: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        path = folder / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return make


def content(name: str, data: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(data)


FILES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "best: no JSON": (content("best_run.json", b"max_depth: 8"), "best", "JSON"),
    "best: a list": (content("best_run.json", b"[]"), "best", "another value"),
    "best: no parameters": (write("best_run.json", lambda d: d.pop("params")), "best", "no params"),
    "best: an empty object": (write("best_run.json", lambda d: d.update(params={})), "best", "nothing"),
    "best: the error as text": (write("best_run.json", lambda d: d.update(rmse=str(d["rmse"]))), "best", "rmse"),
    "best: the error near it": (write("best_run.json", lambda d: d.update(rmse=d["rmse"] + 1e-5)), "best", "rmse"),
    "best: an endless number": (write("best_run.json", lambda d: d.update(rmse=10**400)), "best", "rmse"),
    "best: a run of nowhere": (write("best_run.json", lambda d: d.update(run_id="f" * 32)), "best", "no child"),
    "best: an invented parameter": (write("best_run.json", lambda d: d["params"].update(magic=1)), "best", "magic"),
    "best: true in place of 1": (
        write("best_run.json", lambda d: d["params"].update(min_samples_leaf=True)), "best", "min_samples_leaf"
    ),
    "best: the parameters of another run": (
        write("best_run.json", lambda d: d["params"].update(max_depth=99)), "best", "max_depth = 99"
    ),
    "project: no YAML": (content("MLproject", b"entry_points: [\n"), "project", "YAML"),
    "project: no name for a placeholder": (text("MLproject", "{seed}", "{sed}"), "project", "{sed}"),
    "project: a brace without its pair": (text("MLproject", "{seed}", "{seed"), "project", "without a pair"),
    "project: another name than main": (text("MLproject", "  main:", "  search:"), "project", "the entry point main"),
    "project: parameters that are not passed on": (
        text("MLproject", "tune.py --data {data} --depths {depths} --leaves {leaves} --trees {trees} --seed {seed}",
             "tune.py"), "project", "none of them in: python tune.py"
    ),
    "project: an image": (
        text("MLproject", "python_env: python_env.yaml", "docker_env: {image: bikes}"), "project", "docker_env: bikes"
    ),
    "project: an environment elsewhere": (
        text("MLproject", "python_env.yaml", "../../../../etc/passwd"), "project", "no such file"
    ),
    "project: no Python version": (text("python_env.yaml", 'python: "3.11"\n', ""), "project", "the version of Python"),
    "project: a Python version without quotes": (text("python_env.yaml", '"3.11"', "3.11"), "project", "quotes"),
    "project: nothing to install": (content("python_env.yaml", b'python: "3.11"\n'), "project", "no dependencies"),
    "project: requirements that are not there": (
        text("python_env.yaml", "dependencies:", "dependencies:\n  - -r r.txt"), "project", "r.txt in the last commit"
    ),
    "serve: the server's error as the answer": (
        write("prediction.json", lambda d: d.update(response={"error_code": "INVALID_PARAMETER_VALUE"})),
        "serve", "no list of predictions",
    ),
    "serve: words": (
        write("prediction.json", lambda d: d["response"].update(predictions=["many", "some", "few"])), "serve", "finite"
    ),
    "serve: one number for a morning and a night": (
        write("prediction.json", lambda d: d["response"].update(predictions=[120.0] * 3)), "serve", "120 for each of 3"
    ),
    "serve: more bikes than the city has": (
        write("prediction.json", lambda d: d["response"].update(predictions=[1e6, 1, 2])), "serve", "between"
    ),
    "serve: no answer": (write("prediction.json", lambda d: d.pop("response")), "serve", "no 'response'"),
    "serve: rows without names": (
        write("prediction.json", lambda d: d.update(request={"inputs": [[8, 1]]})), "serve", "none in inputs"
    ),
    "serve: two requests": (write("prediction.json", lambda d: d["request"].update(inputs=[])), "serve", "2 of them"),
    "serve: no rows": (
        write("prediction.json", lambda d: d["request"]["dataframe_split"].update(data=[])), "serve", "none in"
    ),
    "serve: text in a row": (
        write("prediction.json", lambda d: d["request"]["dataframe_split"]["data"][0].__setitem__(0, "eight")),
        "serve", "a double in hour",
    ),
    "serve: not a number": (
        write("prediction.json", lambda d: d["response"].update(predictions=[float("nan"), 1, 2])), "serve", "finite"
    ),
    "serve: far below zero": (
        write("prediction.json", lambda d: d["response"].update(predictions=[-9e9, 1, 2])), "serve", "between"
    ),
    "serve: a malformed request that was answered": (
        write("prediction.json", lambda d: d["malformed"].update(status=200)), "serve", "status 200"
    ),
}  # fmt: skip


@pytest.mark.parametrize("answer", FILES)
def test_wrong_file(done: LearnerClone, answer: str) -> None:
    change, step, phrase = FILES[answer]
    change(done.folder)
    done.sh(COMMIT)
    done.fails(step, phrase)
