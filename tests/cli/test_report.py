"""`mlsd report`: results written in another form, without grading again."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.test_usage_errors import one_line


@pytest.fixture
def results(mlsd, started: Path, tmp_path: Path) -> Path:
    """What a check of a beginner's clone wrote."""
    where = tmp_path / "results.json"
    mlsd("check", "1.1", "--in", started, "--format", "json", "--output", where)
    return where


def test_every_form_holds_the_same_score(mlsd, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_SHA", raising=False)
    written = {form: mlsd("report", results, "--format", form).out for form in ("html", "csv", "junit", "markdown")}
    (row,) = csv.DictReader(written["csv"].splitlines())
    assert (row["score"], row["total"]) == ("0", "10")
    assert "**Score: 0 / 10.**" in written["markdown"]
    assert "](<1_model_versioning/task1_intro_to_dvc/README.md#" in written["markdown"]
    assert ElementTree.fromstring(written["junit"]).get("tests") == "6"
    assert written["html"].startswith("<!DOCTYPE html>")


def test_annotations_name_the_step_that_failed(mlsd, results: Path) -> None:
    first, *others = mlsd("report", results, "--format", "annotations").out.splitlines()
    assert first.startswith("::error file=1_model_versioning/task1_intro_to_dvc/README.md,title=")
    assert first.endswith("%0Anext: dvc init --subdir")
    assert {line.partition(" ")[0] for line in others} == {"::warning"}


def test_what_is_no_results(mlsd, results: Path, tmp_path: Path) -> None:
    one_line(mlsd("report", tmp_path / "none.json", "--format", "csv"), "RESULTS", "none.json", "No such file")
    results.write_text("{}")
    one_line(mlsd("report", results, "--format", "csv"), "RESULTS", "schema")
    results.write_bytes(b"\xff\xfe")
    one_line(mlsd("report", results, "--format", "csv"), "RESULTS", "results.json")
    one_line(mlsd("report", results), "--format", "markdown")
    one_line(mlsd("report", results, "--format", "pdf"), "--format", "pdf", "junit")
