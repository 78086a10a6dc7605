"""Keep a store that another MLflow made: python make.py NAME TRACKING_URI, in an empty folder, with that MLflow's Python.

It runs `work.py` and `oracle.py`, and writes `NAME.json` beside this file: the rows of the tables that are read (or the
texts of a store of files), the artifacts that are text, and what that MLflow's own client said of it all. The MLflow 2
store was made so:

    python -m venv old && old/bin/pip install 'mlflow==2.22.*' 'sqlalchemy<2.1' 'scikit-learn<1.7'
    old/bin/python make.py mlflow_2_22 sqlite:///mlflow.db
    old/bin/python make.py mlflow_2_22_files ./mlruns
"""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
TABLES = [
    "alembic_version",
    "experiments",
    "experiment_tags",
    "runs",
    "params",
    "metrics",
    "latest_metrics",
    "tags",
    "registered_models",
    "registered_model_tags",
    "registered_model_aliases",
    "model_versions",
    "model_version_tags",
    "datasets",
    "inputs",
    "input_tags",
    "logged_models",
    "logged_model_params",
    "logged_model_tags",
]
LARGEST = 4_000
MOVED = "/home/ada/course/task"


def _sql(path):
    with sqlite3.connect(path) as connection:
        known = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        lines = [known[table] for table in TABLES if table in known]
        starts = tuple(start for table in TABLES for start in (f'INSERT INTO "{table}"', f"INSERT INTO {table} "))
        lines += [line for line in connection.iterdump() if line.startswith(starts)]
    return lines


def _texts(folder):
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file() and path.suffix not in (".pkl", ".skops"):
            text = path.read_bytes().decode()
            found[path.as_posix()] = text if len(text) < LARGEST else ""
    return found


def main(name, uri):
    environment = os.environ | {"MLFLOW_ALLOW_FILE_STORE": "true", "LOGNAME": "ada"}
    subprocess.run([sys.executable, HERE / "work.py", uri], check=True, env=environment)
    oracle = subprocess.run([sys.executable, HERE / "oracle.py", uri], check=True, env=environment, capture_output=True)
    kept = {
        "client": json.loads(oracle.stdout),
        "sql": _sql("mlflow.db") if uri.startswith("sqlite") else [],
        "files": _texts("mlruns"),
    }
    text = json.dumps(kept, indent=1, sort_keys=True).replace(os.getcwd(), MOVED)
    text = text.replace(str(HERE), MOVED)
    (HERE / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
