"""Findings in classes of many, from fingerprints alone."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins as plain

from checks import limits
from checks.findings import find
from checks.findings.fingerprint import HashedFile, TaskPrint, WholePrint, fingerprint
from checks.findings.similarity import groups, signature
from checks.grading.journal import Graded, Journal
from checks.model import Finding, SubmissionReport

NOW = 1_795_000_000.0
Evidence = Mapping[str, Any]


def own(number: int, *, task: Mapping[str, object] | None = None, **whole: object) -> Evidence:
    """The evidence of a learner who took nothing from anybody."""
    name = hashlib.md5(str(number).encode()).hexdigest()
    fields = {"runs": (f"run{name}",), "outputs": (HashedFile("model.pkl", f"out{name}"),)} | dict(task or {})
    wholes = {"learner": f"learner-{number}", "data": (f"data{name}",), "commits": (f"commit{name}",)} | whole
    return {"": plain(WholePrint(**wholes)), "2.1": plain(TaskPrint(**fields))}  # type: ignore[arg-type]


def a_class(size: int, taken: int, **task: object) -> dict[str, Evidence]:
    """A class in which the first few have the same."""
    return {f"{number:05}": own(number, task=task if number < taken else {}) for number in range(size)}


def test_a_class_of_honest_learners_has_no_finding() -> None:
    assert find(a_class(1000, 0), now=NOW) == {}


@pytest.mark.parametrize(
    "same", [{"runs": ("r",)}, {"outputs": (HashedFile("m", "o"),)}, {"script": signature({*range(300)})}]
)
def test_what_a_part_of_a_class_shares_is_told_with_few_names(same: dict[str, object]) -> None:
    everybody = range(1000)
    scripts = {number: {"script": signature(_script(number))} for number in everybody}
    prints = {f"{number}": own(number, task=scripts[number] | (same if number < 300 else {})) for number in everybody}
    found = find(prints, now=NOW)
    assert len(found) == 300
    for submission, (finding,) in found.items():
        assert len(finding.others) == limits.FINDING_NAMES
        assert submission not in finding.others
        assert "299 other submissions" in finding.detail


def test_what_most_of_a_class_shares_was_given() -> None:
    assert find(a_class(1000, 501, runs=("given",)), now=NOW) == {}
    assert len(find(a_class(1000, 500, runs=("given",)), now=NOW)) == 500


def test_in_a_small_class_nothing_counts_as_given() -> None:
    assert len(find(a_class(9, 9, runs=("r",)), now=NOW)) == 9
    assert find(a_class(10, 10, runs=("r",)), now=NOW) == {}


def test_those_who_have_nothing_of_a_kind_make_no_majority() -> None:
    prints = a_class(20, 12, runs=("given",)) | {
        f"none-{number}": own(number + 100, task={"runs": ()}) for number in range(100)
    }
    assert find(prints, now=NOW) == {}


def test_what_is_shared_in_one_task_is_one_finding() -> None:
    prints = a_class(4, 2, runs=("abcdefgh1", "abcdefgh2"), outputs=(HashedFile("model.pkl", "same"),))
    assert find(prints, now=NOW)["00000"] == (
        Finding(
            "shared-evidence",
            "2.1",
            "the same as in 1 other submission: 2 MLflow runs (abcdefgh, abcdefgh), 1 personal output (model.pkl)",
            ("00001",),
        ),
    )


def test_data_of_somebody_outside_the_class_is_not_told() -> None:
    prints = a_class(3, 1, foreign=(HashedFile("data/rentals.csv", "unknown"),))
    assert find(prints, now=NOW) == {}


def test_a_manifest_that_does_not_match_is_told() -> None:
    said = "manifest.json lists metrics.json with another hash"
    prints = {"ada": own(1, manifest=said), "bob": own(2)}
    assert find(prints, now=NOW) == {"ada": (Finding("manifest", "", said),)}


def test_the_future_begins_a_day_after_grading() -> None:
    for later, kinds in ((3_600, []), (100_000, ["time-order"])):
        prints = {"ada": own(1, latest=int(NOW) + later)}
        assert [one.kind for one in find(prints, now=NOW).get("ada", ())] == kinds


def _script(seed: int, size: int = 300) -> set[int]:
    return set(random.Random(seed).sample(range(1 << 32), size))


def _grouped(**scripts: set[int]) -> list[dict[str, float]]:
    return groups((name, signature(own)) for name, own in scripts.items())


def test_scripts_are_grouped_around_one_of_them() -> None:
    scripts: dict[str, str] = {f"own-{number}": signature(_script(number)) for number in range(200)}
    for number in range(100):
        script = sorted(_script(999))
        script[number * 2 : number * 2 + 3] = [number, number + 1000, number + 2000]
        scripts[f"copy-{number}"] = signature(set(script))
    (group,) = groups(scripts.items())
    assert set(group) == {f"copy-{number}" for number in range(100)}
    assert all(similarity >= 0.8 for similarity in group.values())


def test_scripts_that_share_a_half_are_no_group() -> None:
    half = _script(1)
    assert _grouped(a=half | _script(2, 150), b=half | _script(3, 150)) == []


def test_the_first_of_a_group_has_the_similarity_of_the_nearest() -> None:
    (group,) = _grouped(a=_script(1), b=_script(1))
    assert group == {"a": 1.0, "b": 1.0}


_TEXTS = st.lists(st.text(max_size=10), max_size=3).map(tuple)
_FILES = st.lists(st.builds(HashedFile, st.text(max_size=10), st.text(max_size=10)), max_size=3).map(tuple)
_TASKS = st.builds(
    TaskPrint,
    runs=_TEXTS,
    outputs=_FILES,
    foreign=_FILES,
    script=st.none() | st.text(),
    times=_TEXTS,
    latest=st.integers(0, 2**63),
)


_WHOLES = st.builds(
    WholePrint,
    learner=st.none() | st.text(),
    data=_TEXTS,
    commits=_TEXTS,
    times=_TEXTS,
    rewritten=_TEXTS,
    latest=st.integers(0, 2**40),
    manifest=st.none() | st.text(),
)


@given(whole=_WHOLES, tasks=st.dictionaries(st.text(min_size=1, max_size=5), _TASKS, max_size=3))
def test_a_fingerprint_comes_back_from_the_journal(whole: WholePrint, tasks: dict[str, TaskPrint]) -> None:
    evidence = {"": plain(whole)} | {task: plain(one) for task, one in tasks.items()}
    with TemporaryDirectory() as folder:
        path = Path(folder, "results.jsonl")
        with Journal(path) as journal:
            journal.add(SubmissionReport("ada"), Graded(), evidence)
        with Journal(path) as journal:
            found = fingerprint(journal.evidence("ada") or {})
    assert (found.whole, found.tasks) == (whole, tasks)
