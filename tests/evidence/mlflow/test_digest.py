"""The digest of a data set, without pandas: MLflow's own is the oracle, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from checks.core import data
from checks.evidence.mlflow.digest import dataset_digests

LEARNERS = ("ada@example.org", "eve@example.org", "Ünal Ñandú")
ORACLE = """
import json, sys
import pandas as pd
from mlflow.data.digest_utils import compute_pandas_digest

found = {}
for path in sys.argv[1:]:
    plain, dated = pd.read_csv(path), None
    tables = [plain, plain.drop_duplicates()]
    if "timestamp" in plain:
        dated = pd.read_csv(path, parse_dates=["timestamp"])
        tables += [dated, dated.drop_duplicates()]
    found[path] = [compute_pandas_digest(table) for table in tables]
print(json.dumps(found))
"""
TABLES = {
    "short": b"name,value\nred,1\nblue,2\n",
    "unsorted": b"z,a,m\n1.5,x,-3\n,y,4\n2.25,abcdefgh,18446744\n",
    "twice": b"a\n1\n1\n2\n",
    "texts": b"text\n" + b"".join(b"x" * length + b"y\n" for length in range(1, 20)),
    "many": b"hour,load\n" + b"".join(b"%d,%d.5\n" % (row, row % 7) for row in range(10_050)),
}


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("tables")
    paths: dict[str, Path] = {}
    for learner in LEARNERS:
        for months in (1, 2, 3):
            name = f"{learner} {months}"
            paths[name] = folder / f"{len(paths)}.csv"
            paths[name].write_bytes(data.months(learner, months))
    for name, table in TABLES.items():
        paths[name] = folder / f"{name}.csv"
        paths[name].write_bytes(table)
    done = subprocess.run(
        [sys.executable, "-c", ORACLE, *map(str, paths.values())], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    return {name: found[str(path)] for name, path in paths.items()}


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("months", [1, 2, 3])
def test_digests_of_the_rentals(oracle: dict[str, list[str]], learner: str, months: int) -> None:
    digests = dataset_digests(data.months(learner, months))
    assert digests >= set(oracle[f"{learner} {months}"])
    assert len(digests) <= 6


@pytest.mark.parametrize("table", TABLES)
def test_digests_of_other_tables(oracle: dict[str, list[str]], table: str) -> None:
    assert dataset_digests(TABLES[table]) >= set(oracle[table])


def test_other_data_have_other_digests() -> None:
    ada, eve = (dataset_digests(data.months(learner, 1)) for learner in LEARNERS[:2])
    assert not ada & eve
    assert dataset_digests(data.months("ada@example.org", 1).replace(b"94", b"95", 1)).isdisjoint(ada)
