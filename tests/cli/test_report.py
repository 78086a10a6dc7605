"""`mlsd report`: results written in another form, without grading again, and what it says beside."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.etree import ElementTree

import pytest

from checks.reports import results as written_results
from tests.cli.test_usage_errors import one_line
from tests.reports.canvas_importer import read
from tests.reports.graded_class import graded_class, grades, of
from tests.reports.test_canvas import BOOK, COURSE
from tests.reports.test_exports import gradescope_score
from tests.reports.test_moodle import SHEET


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


@pytest.fixture
def everybody(tmp_path: Path) -> Path:
    """The results of a class."""
    return _class_in(tmp_path / "results.json", range(5))


def _class_in(where: Path, indices) -> Path:
    report = graded_class()
    where.write_text(
        written_results.render(of(report, *(report.submissions[index] for index in indices))), encoding="utf-8"
    )
    return where


def test_a_class_gets_a_folder_with_a_file_each(mlsd, everybody: Path, tmp_path: Path) -> None:
    call = mlsd("report", everybody, "--format", "gradescope", "--output", tmp_path / "out")
    assert (call.code, call.out, call.err) == (0, "", "")
    files = {path.name: gradescope_score(path.read_text(encoding="utf-8")) for path in (tmp_path / "out").iterdir()}
    names = ["ada.tar.gz.json", "b.zip.json", "grace.zip.json", "alan.json", "edsger.json"]
    report = graded_class()
    assert files == pytest.approx(dict(zip(names, grades(of(report, *report.submissions[:5])), strict=True)))


def test_a_folder_with_older_files_is_not_mixed(mlsd, everybody: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.json").write_text("{}")
    one_line(mlsd("report", everybody, "--format", "classroom", "--output", tmp_path / "out"), "--output", "not empty")
    one_line(mlsd("report", everybody, "--format", "classroom"), "--output", "5 are there", "folder")


def test_classroom50_says_what_it_leaves_out(mlsd, everybody: Path, tmp_path: Path) -> None:
    call = mlsd("report", everybody, "--format", "classroom50", "--output", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["grace.zip.json"]
    assert call.err.count("no result: ") == 4
    single = _class_in(tmp_path / "ada.json", [0])
    one_line(mlsd("report", single, "--format", "classroom50"), "RESULTS", "whole points")


def test_canvas_fills_a_gradebook_byte_by_byte(mlsd, everybody: Path, tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_bytes(BOOK.encode())
    into = ("--into", tmp_path / "book.csv", "--assignment", "123", "--output", tmp_path / "new.csv")
    call = mlsd("report", everybody, "--format", "canvas", *into)
    written = (tmp_path / "new.csv").read_bytes()
    assert written == BOOK.replace("4.00,,88.00", "4.00,2,88.00").replace("One,,,1.00,", "One,,,2.7,").encode()
    assert (tmp_path / "book.csv").read_bytes() == BOOK.encode()
    assert call.err.startswith("2 grades in MLSD Workshop (123)\n")
    assert read(written.decode(), COURSE).grades["MLSD Workshop (123)"][9001] == "2"


def test_what_can_not_be_filled_in(mlsd, everybody: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = tmp_path / "sheet.csv"
    one_line(mlsd("report", everybody, "--format", "canvas", "--into", sheet), "--into", "sheet.csv", "No such file")
    sheet.write_bytes(SHEET.encode())
    one_line(mlsd("report", everybody, "--format", "canvas", "--into", sheet), "--into", "no gradebook of Canvas")
    one_line(mlsd("report", everybody, "--format", "csv", "--into", sheet), "--into", "leave it out")
    one_line(
        mlsd("report", everybody, "--format", "moodle", "--into", sheet, "--assignment", "x"), "--assignment", "leave"
    )
    sheet.write_bytes(b"Identifier\xff")
    one_line(mlsd("report", everybody, "--format", "moodle", "--into", sheet), "--into", "byte 11", "UTF-8")
    monkeypatch.setattr("checks.limits.GRADEBOOK_BYTES", 10)
    one_line(mlsd("report", everybody, "--format", "moodle", "--into", sheet), "--into", "larger than")
