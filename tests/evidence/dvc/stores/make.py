"""Keep a repository that another DVC made: python make.py NAME, in an empty folder, with that DVC's Python.

It writes `NAME.json` beside this file: the texts of the working folder, of the cache and of the remote, and what that
DVC's own API said of them. The one of two years ago was made so:

    python -m venv old && old/bin/pip install 'dvc==3.58.0' 'pathspec<0.13'
    old/bin/python make.py dvc_3_58
"""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FILES = {
    ".gitignore": "/.storage/\n",
    "task/params.yaml": "n: 3\ndeep: {list: [1, 0.5, on]}\nnames: [a, b]\n",
    "task/more.json": '{"x": {"y": null}}',
    "task/other.toml": "depth = 4\n",
    "task/data.txt": "1\n2\n",
    "task/photos/a.txt": "a",
    "task/photos/more/b.txt": "b",
    "task/dvc.yaml": """\
vars: [{factor: 2}]
stages:
  make:
    cmd: mkdir -p out && cp data.txt out/a.txt && cp data.txt out/b.txt
    deps: [data.txt]
    params: [n, deep.list, {more.json: }, {other.toml: [depth]}]
    outs: [out]
  each:
    foreach: ${names}
    do:
      cmd: echo ${item} ${factor} > ${item}.txt
      outs: ["${item}.txt"]
  grid:
    matrix: {size: [1, 2], kind: [x]}
    cmd: echo ${item.size} > ${item.kind}-${item.size}.txt
    outs: ["${item.kind}-${item.size}.txt"]
  count:
    cmd: wc -l < out/a.txt > count.txt && echo '{"m":1.5}' > m.json
    deps: [out/a.txt, a.txt]
    outs: [count.txt]
    metrics: [{m.json: {cache: false}}]
""",
}
COMMANDS = (
    "git init -q",
    "dvc init -q --subdir",
    "dvc remote add -q -d storage ../.storage",
    "dvc add -q data.txt photos",
    "dvc repro -q",
    "dvc push -q",
)


def said(folder):
    """What DVC says: each stage with its outputs, dependencies and parameters, the graph, the metrics, the remote."""
    from dvc.dependency import ParamsDependency
    from dvc.repo import Repo

    with Repo(folder) as repo:
        stages = list(repo.index.stages)
        told = {}
        for stage in stages:
            plain = [dep for dep in stage.deps if not isinstance(dep, ParamsDependency)]
            told[stage.addressing] = {
                "command": stage.cmd,
                "outputs": {out.def_path: [out.hash_info.value, out.meta.size] for out in stage.outs},
                "dependencies": {dep.def_path: [dep.hash_info.value, dep.meta.size] for dep in plain},
                "parameters": {
                    dep.def_path: dep.hash_info.value for dep in stage.deps if isinstance(dep, ParamsDependency)
                },
                "needs": sorted(other.addressing for other in repo.index.graph.successors(stage)),
            }
        return {
            "stages": told,
            "metrics": repo.metrics.show()[""]["data"],
            "remote": repo.config["core"]["remote"],
        }


def texts(*folders):
    """Every file below the folders, by its path."""
    paths = [path for folder in folders for path in sorted(Path(folder).rglob("*")) if path.is_file()]
    kept = [path for path in paths if "/tmp/" not in path.as_posix() and path.name != "btime"]
    return {path.as_posix(): path.read_text() for path in kept}


def main(name):
    for path, text in FILES.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text)
    environment = os.environ | {"DVC_NO_ANALYTICS": "1", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for command in COMMANDS:
        subprocess.run(command.split(), cwd="." if command.startswith("git") else "task", env=environment, check=True)
    kept = {"said": said("task"), "files": {".gitignore": FILES[".gitignore"]} | texts("task", ".storage")}
    (HERE / f"{name}.json").write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
