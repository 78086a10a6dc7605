"""Other honest routes to a finished pipeline pass every step, whatever their commands were."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.core.course import load_course

SOLUTION = load_course().task("1.2").path / "solution"
BEGIN = f"""
dvc init -q --subdir
dvc add -q data/rentals.csv
cp {SOLUTION}/pipeline/*.py pipeline/
"""
FIRST = 'dvc repro -q\ngit add -A . ../../learner.toml\ngit commit -qm "The first run"\n'
BETTER = "sed -i.bak 's/max_depth: 4/max_depth: 12/' params.yaml\nrm params.yaml.bak\ndvc repro -q\n"
BETTER += 'git commit -qam "Deeper trees"\n'
BOTH = FIRST + BETTER
ADD_STAGES = """
dvc stage add -q -n preprocess -d data/rentals.csv -d pipeline/preprocess.py -p split.test_share,split.seed \\
  -o data/prepared/cleaned.csv -o data/prepared/train.csv -o data/prepared/test.csv python pipeline/preprocess.py
dvc stage add -q -n train -d data/prepared/train.csv -d pipeline/train.py \\
  -p train.n_estimators,train.max_depth,train.min_samples_leaf,train.seed -o model/model.pkl python pipeline/train.py
dvc stage add -q -n evaluate -d data/prepared/test.csv -d model/model.pkl -d pipeline/evaluate.py \\
  -o predictions.csv -M metrics.json python pipeline/evaluate.py
"""
TEMPLATED = """
vars:
  - prepared: data/prepared
  - names: [preprocess, train]
stages:
  preprocess:
    cmd: python pipeline/${names[0]}.py
    deps: [data/rentals.csv, "pipeline/${names[0]}.py"]
    params: [split]
    outs: ["${prepared}"]
  train:
    cmd: python pipeline/${names[1]}.py
    deps: ["${prepared}", pipeline]
    params:
      - params.yaml: [train]
    outs: [model]
  evaluate:
    cmd:
      - python pipeline/evaluate.py
    deps: ["${prepared}/test.csv", model/model.pkl, pipeline/evaluate.py]
    outs:
      - predictions.csv
      - metrics.json: {cache: false}
  count:
    foreach: [train, test]
    do:
      cmd: wc -l ${prepared}/${item}.csv > counts-${item}.txt
      deps: ["${prepared}"]
      outs: ["counts-${item}.txt"]
metrics: [metrics.json]
"""
TOML = """
[split]
test_share = 0.25
seed = 7

[train]
n_estimators = 10
max_depth = 4
min_samples_leaf = 5
seed = 7
"""


def written(name: str, text: str) -> str:
    """A command that writes a file."""
    return f"cat > {name} <<'END'\n{text}\nEND\n"


PYCACHE = "echo __pycache__ >> .dvcignore\n"
PIPELINE = f"cp {SOLUTION}/stages.yaml dvc.yaml\n"
IN_TOML = (
    "git rm -q --cached params.yaml 2> /dev/null || true\nrm params.yaml\n"
    + written("params.toml", TOML)
    + PIPELINE
    + "sed -i.bak -e 's/^      - \\(split\\|train\\)\\.\\(.*\\)/          - \\1.\\2/'"
    " -e 's/^    params:/    params:\\n      - params.toml:/' dvc.yaml\n"
    'sed -i.bak \'s/yaml.safe_load(Path("params.yaml")/tomllib.loads(Path("params.toml")/; s/^import yaml/import tomllib/\''
    " pipeline/*.py\nrm dvc.yaml.bak pipeline/*.bak\n"
)
IN_A_FOLDER = (
    f"mkdir flow\nsed 's/^    cmd:/    wdir: ..\\n    cmd:/' {SOLUTION}/stages.yaml > flow/dvc.yaml\n"
    "sed -i.bak 's#- predictions.csv:#- ../predictions.csv:#' flow/dvc.yaml\nrm flow/dvc.yaml.bak\n"
)
ROUTES = {
    "stages by `dvc stage add`": BEGIN + ADD_STAGES + BOTH,
    "templates, folders as outputs, a list of commands, a loop": (
        BEGIN + PYCACHE + written("dvc.yaml", TEMPLATED) + "dvc repro -q\n" + BOTH),
    "parameters in TOML": BEGIN + IN_TOML + BOTH.replace("params.yaml", "params.toml").replace("max_depth: 4/max_depth: 12", "max_depth = 4/max_depth = 12"),
    "a .dvc at the clone's root": BEGIN.replace("dvc init -q --subdir", "(cd ../..; dvc init -q)") + PIPELINE + FIRST + BETTER,
    "an experiment applied": (
        BEGIN + PIPELINE + FIRST + "dvc exp run -q -n deep -S train.max_depth=12\ngit stash -q\ndvc checkout -q\n"
        "dvc exp apply -q deep\ngit commit -qam 'Deeper trees'\n"),
    "dvc.yaml in a folder of its own": BEGIN + IN_A_FOLDER + BOTH.replace("dvc repro -q", "dvc repro -q flow/dvc.yaml"),
    "a split by time, rows without humidity dropped": (
        BEGIN + PIPELINE
        + "sed -i.bak 's/cleaned.fillna(.*/cleaned.dropna()/; s/train, test = .*/n = round(len(cleaned) * split[\"test_share\"]); train, test = cleaned[:-n], cleaned[-n:]/'"
        " pipeline/preprocess.py\nrm pipeline/preprocess.py.bak\n" + BOTH),
    "parameters filled into the command": (
        BEGIN + PIPELINE
        + "sed -i.bak -e '/- train.max_depth/d' -e 's#train.py$#train.py ${train.max_depth}#' dvc.yaml\n"
        "sed -i.bak -e 's/params\\[\"max_depth\"\\]/int(sys.argv[1])/' -e 's/^import yaml/import sys\\n\\nimport yaml/' pipeline/train.py\n"
        "sed -i.bak 's#- pipeline/train.py .*#- pipeline/train.py#' dvc.yaml\nrm *.bak pipeline/*.bak\n" + BOTH),
}  # fmt: skip

FROM_THE_SOLUTION = {
    "the data gone from the folder, all in the cache": "rm -rf data/prepared/*.csv predictions.csv model/model.pkl",
    "the cache in the remote": "dvc remote add -q -d storage ../../.storage; git add .dvc/config;"
    "git commit -qm Remote; dvc push -q; rm -rf .dvc/cache",
    "work that goes on": "echo notes > notes.md; git add notes.md; git commit -qm Notes",
    "packed objects": "git gc -q --prune=now",
    "words that are names of parameters": (
        'printf \'WORDS = {"max_depth": 1}\nprint(WORDS["max_depth"], "n_estimators", WORDS.get("seed"))\n\''
        " >> pipeline/preprocess.py\ndvc repro -q; git commit -qam Words"
    ),
    "metrics rounded to two decimals": (
        "sed -i.bak 's/json.dumps(metrics/json.dumps({k: round(v, 2) for k, v in metrics.items()}/' pipeline/evaluate.py\n"
        "rm pipeline/evaluate.py.bak\ndvc repro -q\ngit commit -qam Rounded"
    ),
    "a worse try in between": (
        "dvc exp run -q -S train.max_depth=2\ngit commit -qam Worse\n"
        "dvc exp run -q -S train.max_depth=12\ngit commit -qam Back"
    ),
    "a key in params.yaml that nobody uses": "printf 'city: my own\\n' >> params.yaml; git commit -qam 'A note'",
}


@pytest.mark.parametrize("route", ROUTES)
def test_route_from_the_start(begun, route: str) -> None:
    begun.sh(ROUTES[route])
    begun.passes()


@pytest.mark.parametrize("route", FROM_THE_SOLUTION)
def test_route_from_the_solution(done, route: str) -> None:
    done.sh(FROM_THE_SOLUTION[route])
    done.passes()


def test_line_ends_of_windows(done) -> None:
    """Scripts checked out with CRLF: DVC hashed these bytes, Git holds the others."""
    for script in Path(done.folder, "pipeline").glob("*.py"):
        script.write_bytes(script.read_bytes().replace(b"\n", b"\r\n"))
    done.sh("git config core.autocrlf true\ndvc repro -q\ngit add dvc.lock metrics.json\ngit commit -qm Windows")
    done.passes()
