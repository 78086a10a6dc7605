"""Plausible fakes and near misses beyond `mistakes/`: each fails its own step, in words that name it."""

from __future__ import annotations

import pytest

from checks.model import Outcome

COMMIT = "\ngit commit -qam 'Improve'"
RUN = f"\ndvc repro -q{COMMIT}"
WRONG: dict[str, tuple[str, str, str]] = {
    "a stage of another name": ("sed -i 's/^  evaluate:/  evaluation:/' dvc.yaml" + COMMIT, "stages", "evaluation"),
    "a template that nothing defines": ("sed -i 's/train.py$/train.py ${nothing}/' dvc.yaml" + COMMIT, "stages", "nothing"),
    "the share under another name": (
        "sed -i 's/test_share/part/' params.yaml dvc.yaml pipeline/preprocess.py" + RUN, "params", "split.part"),
    "a command that was changed after the run": (
        "sed -i 's/cmd: python pipeline.train.py/cmd: python -W ignore pipeline\\/train.py/' dvc.yaml" + COMMIT,
        "lock", "-W ignore"),
    "an output in the lock with an invented hash": (
        "sed -i '/path: model.model.pkl/,+2 s/md5: [0-9a-f]*$/md5: 0123456789abcdef0123456789abcdef/' dvc.lock" + COMMIT,
        "lock", "0123456789abcdef0123456789abcdef"),
    "a damaged object in the cache": (
        "for o in $(find .dvc/cache/files -type f); do chmod u+w $o; echo x >> $o; done", "lock", "content whose hash"),
    "a lock with a conflict": ("echo '<<<<<<< HEAD' >> dvc.lock" + COMMIT, "lock", "dvc.lock"),
    "months one and two alone": (
        "python -c \"p='data/rentals.csv'; t=open(p).read().split('\\n2025-03')[0]; open(p,'w').write(t + chr(10))\"\n"
        "dvc add -q data/rentals.csv" + RUN,
        "lock", "months 1 to 3 of ada@example.org"),
    "rows of somebody's own invention": (
        "sed -i 's/    PREPARED.mkdir/    cleaned = cleaned.assign(rentals=cleaned[\"rentals\"] \\/\\/ 2)\\n    PREPARED.mkdir/'"
        " pipeline/preprocess.py" + RUN,
        "split", "rows that are not in it"),
    "most rows thrown away": (
        "sed -i 's/rentals.drop_duplicates()/rentals.drop_duplicates().head(1000)/' pipeline/preprocess.py" + RUN,
        "split", "1,000 rows"),
    "test rows left out": (
        "sed -i 's/    test.to_csv/    test.head(100).to_csv/' pipeline/preprocess.py" + RUN, "split", "are in neither"),
    "a metric that is missing": ("sed -i '/\"mae\"/d' pipeline/evaluate.py" + RUN, "metrics", "mae"),
    "metrics of other numbers": (
        "sed -i 's/rows\\[\"rentals\"\\], predicted),$/rows[\"rentals\"], (rows[\"rentals\"] + predicted) \\/ 2),/'"
        " pipeline/evaluate.py" + RUN,
        "metrics", "rmse"),
    "predictions for half of the test rows": (
        "sed -i 's/pd.read_csv(TEST)/pd.read_csv(TEST).head(200)/' pipeline/evaluate.py" + RUN, "metrics", "the rentals of the"),
    "a metric that is an output": (
        "sed -i 's/^    metrics:$//; s/- metrics.json:/- metrics.json:/' dvc.yaml\nsed -i '/^$/d' dvc.yaml" + RUN,
        "metrics", "that is no metric"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_fails_its_own_step(done, name: str) -> None:
    commands, step, phrase = WRONG[name]
    done.sh(commands)
    results = done.results()
    first = next(result for result in results.values() if result.outcome is Outcome.FAILED)
    assert first.step == f"1.2/{step}", results
    assert phrase in f"{first.looked_at} | {first.expected} | {first.found}"
    assert not [other for other in results.values() if other.outcome is Outcome.ERROR]


def test_a_lock_of_a_newer_schema_is_not_judged(done) -> None:
    done.sh("sed -i \"s/schema: '2.0'/schema: '9.0'/\" dvc.lock" + COMMIT)
    results = done.results()
    assert {name for name, result in results.items() if result.outcome is Outcome.FAILED} == set()
    assert results["lock"].outcome is Outcome.UNAVAILABLE


def test_a_branch_without_its_cache(done) -> None:
    results = done.branch().results()
    assert results["stages"].outcome is Outcome.PASSED
    assert results["params"].outcome is Outcome.PASSED
    assert results["lock"].outcome is Outcome.UNAVAILABLE
