"""What goes into the archive of a clone, what stays out, and what the learner is told."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from checks.core.course import Course
from checks.core.selection import select
from checks.core.task import Task
from checks.evidence.files import Files
from checks.evidence.manifest import BUNDLE, MANIFEST, parse_manifest
from checks.evidence.mlflow.tables import read_sqlite_store
from checks.learner.clone import NotAClone
from checks.learner.packing.submission import pack
from checks.selftest import build
from checks.submissions.check import check_submission
from checks.submissions.submission import open_submission
from tests.commands import git
from tests.grading.archives import members
from tests.learner_clone import LearnerClone

TASK = "1_model_versioning/task1_intro_to_dvc"
TRACKING = "2_experiment_tracking/task1_intro_to_mlflow"


def test_the_same_state_gives_the_same_bytes(course: Course, solution: Path, tmp_path: Path) -> None:
    """However Git stores its objects, wherever the clone is, and whenever its files were written."""
    build.copy_clone(solution, tmp_path / "elsewhere")
    git(tmp_path / "elsewhere", "repack", "-adfq", "--depth=3", "--window=3")
    git(tmp_path / "elsewhere", "pack-refs", "--all")
    (tmp_path / "elsewhere/learner.toml").touch()
    pack(course, solution, tmp_path / "one")
    pack(course, tmp_path / "elsewhere", tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_git_reads_the_bundle(course: Course, solution: Path, tmp_path: Path) -> None:
    pack(course, solution, tmp_path / "ada")
    (tmp_path / BUNDLE).write_bytes(members(tmp_path / "ada")[BUNDLE])
    git(tmp_path, "clone", "--quiet", BUNDLE, "clone")
    git(tmp_path / "clone", "fsck", "--strict")
    assert git(tmp_path / "clone", "rev-parse", "HEAD") == git(solution, "rev-parse", "HEAD")
    assert git(tmp_path / "clone", "branch", "--show-current") == "solution/ada-example-org"
    assert git(tmp_path / "clone", "tag") == "data-v1.0.0\ndata-v1.1.0"


def test_the_manifest_says_what_is_there(course: Course, solution: Path, tmp_path: Path) -> None:
    packed = pack(course, solution, tmp_path / "ada")
    found = members(tmp_path / "ada")
    manifest = parse_manifest(found.pop(MANIFEST))
    assert packed.manifest == manifest
    assert {file.path: file.size for file in manifest.files} == {path: len(data) for path, data in found.items()}
    assert manifest.commit == git(solution, "rev-parse", "HEAD")
    assert (manifest.learner.id, manifest.tasks, packed.notes) == ("ada@example.org", ("1.1",), ())
    assert sum(share.files for share in packed.shares) == len(found)


def test_nothing_else_of_the_clone(course: Course, solved: Path, tmp_path: Path) -> None:
    secrets = {
        f"{TASK}/.dvc/config.local": "[remote]\n password = s3cret\n",
        ".dvc/config.local": "s3cret",
        ".git/hooks/pre-commit": "s3cret",
        ".env": "s3cret",
        f"{TASK}/.env": "s3cret",
        f"{TASK}/notes.txt": "s3cret",
        f"{TASK}/.dvc/tmp/lock": "s3cret",
        f"{TASK}/.dvc/cache/files/md5/00/" + "0" * 30: "s3cret",
        ".mlsd/hints.json": "s3cret",
    }
    for path, text in secrets.items():
        (solved / path).parent.mkdir(parents=True, exist_ok=True)
        (solved / path).write_text(text)
    git(solved, "config", "user.password", "s3cret")
    packed = pack(course, solved, tmp_path / "ada")
    found = members(tmp_path / "ada")
    assert not any(b"s3cret" in content for content in found.values())
    assert not {*secrets} & {*found}
    assert any(f"{TASK}/notes.txt" in note and note.startswith("not committed") for note in packed.notes)


def test_links_that_lead_out_are_left(course: Course, solved: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    data = solved / TASK / "data/rentals.csv"
    data.unlink()
    data.symlink_to(tmp_path / "secret")
    pack(course, solved, tmp_path / "ada")
    assert f"{TASK}/data/rentals.csv" not in members(tmp_path / "ada")


def test_what_is_missing_is_told(course: Course, solved: Path, tmp_path: Path) -> None:
    for folder in (solved / ".storage", solved / TASK / ".dvc/cache"):
        shutil.rmtree(folder)
    git(solved, "tag", "elsewhere", git(solved, "commit-tree", "HEAD^{tree}", "-m", "x"))
    notes = pack(course, solved, tmp_path / "ada").notes
    missing = next(note for note in notes if note.startswith("missing: your commits name data"))
    assert missing.count("data/rentals.csv (") == 2
    assert "left out: tags that are not on your branch: elsewhere" in notes


def test_a_shallow_clone(course: Course, solution: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=3", f"file://{solution}", "shallow")
    shutil.copytree(solution / ".storage", tmp_path / "shallow/.storage")
    pack(course, tmp_path / "shallow", tmp_path / "ada.tar.gz")
    with open_submission(course, tmp_path / "ada.tar.gz") as clone:
        assert (len(clone.git.history), clone.manifest_faults) == (3, ())
    one, other = (
        check_submission(course, tmp_path / name, select(course, ["1.1"])) for name in ("shallow", "ada.tar.gz")
    )
    assert [step.outcome for step in one.steps] == [step.outcome for step in other.steps]


def test_nothing_begun(course: Course, tmp_path: Path) -> None:
    build.clone_course(course, tmp_path / "clone")
    (tmp_path / "clone/learner.toml").write_text('id = "ada@example.org"\nname = "Ada"\n')
    with pytest.raises(NotAClone, match="no task was begun"):
        pack(course, tmp_path / "clone", tmp_path / "ada")


def test_a_store_that_is_being_written_to(course: Course, solution_of: Callable[[Task], Path], tmp_path: Path) -> None:
    """What only the write-ahead log holds comes along, and the clone is left as it was."""
    build.copy_clone(solution_of(course.task("2.1")), tmp_path / "clone")
    store = tmp_path / "clone" / TRACKING / "mlflow.db"
    with closing(sqlite3.connect(store)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("UPDATE runs SET name = 'from the log'")
        writer.commit()
        writer.execute("UPDATE runs SET name = 'never committed'")  # in memory or in the log: no commit, no evidence
        before = {path.name: path.read_bytes() for path in store.parent.glob("mlflow.db*") if path.suffix != ".db-shm"}
        pack(course, tmp_path / "clone", tmp_path / "ada.tar.gz")
        assert before == {name: (store.parent / name).read_bytes() for name in before}
        assert f"{TRACKING}/mlflow.db-wal" in members(tmp_path / "ada.tar.gz")
        assert f"{TRACKING}/mlflow.db-shm" not in members(tmp_path / "ada.tar.gz")
        with open_submission(course, tmp_path / "ada.tar.gz") as clone:
            there = read_sqlite_store(clone.files, f"{TRACKING}/mlflow.db")
        assert there == read_sqlite_store(Files(tmp_path / "clone"), f"{TRACKING}/mlflow.db")
        assert any(run.run_name == "from the log" for run in there.runs)


def test_artifacts_at_a_place_of_their_own(course: Course, solution_of: Callable[[Task], Path], tmp_path: Path) -> None:
    """An experiment may name any folder: it comes along, unless the work itself lies in it."""
    build.copy_clone(solution_of(course.task("2.1")), tmp_path / "clone")
    folder = tmp_path / "clone" / TRACKING
    shutil.move(folder / "mlruns", folder / "kept")
    with closing(sqlite3.connect(folder / "mlflow.db")) as store:
        for table, column in (("runs", "artifact_uri"), ("logged_models", "artifact_location")):
            store.execute(f"UPDATE {table} SET {column} = replace({column}, '/mlruns/', '/kept/')")
        store.execute("UPDATE model_versions SET source = ?", (str(folder),))
        store.commit()
    (folder / "mine.txt").write_text("mine")
    pack(course, tmp_path / "clone", tmp_path / "ada.tar.gz")
    found = members(tmp_path / "ada.tar.gz")
    assert any(path.startswith(f"{TRACKING}/kept/") and path.endswith("/MLmodel") for path in found)
    assert f"{TRACKING}/mine.txt" not in found
    for name in ("clone", "ada.tar.gz"):
        report = check_submission(course, tmp_path / name, select(course, ["2.1"]))
        assert report.score == report.max_score > 0


def test_a_tracked_folder(course: Course, begun: LearnerClone, tmp_path: Path) -> None:
    """Its listing, its files in the cache, and its files on the disk."""
    begun.sh("dvc init --quiet --subdir && mkdir many && echo 1 > many/one.txt && echo 2 > many/two.txt")
    begun.sh("dvc add --quiet many && git add . ../../learner.toml && git commit --quiet --message 'Track a folder'")
    pack(course, begun.root, tmp_path / "ada")
    found = {path.removeprefix(f"{TASK}/"): data for path, data in members(tmp_path / "ada").items()}
    assert (found["many/one.txt"], found["many/two.txt"]) == (b"1\n", b"2\n")
    cached = [path for path in found if path.startswith(".dvc/cache/")]
    assert sorted(path.endswith(".dir") for path in cached) == [False, False, True]


def test_the_image_itself_only_where_asked(course: Course, start_of: Callable[[Task], Path], tmp_path: Path) -> None:
    task = course.task("3.1")
    build.copy_clone(start_of(task), tmp_path / "clone")
    image = f"{task.folder}/image.tar"
    (tmp_path / "clone" / image).write_bytes(b"an image")
    notes = pack(course, tmp_path / "clone", tmp_path / "without").notes
    assert any(note.startswith(f"left out: {image}") and "--with-image" in note for note in notes)
    assert image not in members(tmp_path / "without")
    pack(course, tmp_path / "clone", tmp_path / "with", with_image=True)
    assert members(tmp_path / "with")[image] == b"an image"


@pytest.mark.parametrize(
    ("number", "missing"),
    [("2.1", "an MLflow store"), ("3.1", "image.json"), ("3.2", "an environment in the task folder")],
)
def test_a_tool_that_left_nothing_is_told(
    number: str, missing: str, course: Course, start_of: Callable[[Task], Path], tmp_path: Path
) -> None:
    notes = pack(course, start_of(course.task(number)), tmp_path / "ada").notes
    assert f"missing: {missing}, for task {number}" in notes


def test_a_remote_at_the_root_of_the_clone(course: Course, solved: Path, tmp_path: Path) -> None:
    """Its objects have plain paths, which a manifest may hold."""
    shutil.move(solved / ".storage/files", solved / "files")
    config = solved / TASK / ".dvc/config"
    config.write_text(config.read_text().replace("../../../.storage", "../../.."))
    git(solved, "commit", "--quiet", "--all", "--message", "Move the remote")
    pack(course, solved, tmp_path / "ada.tar.gz")
    report = check_submission(course, tmp_path / "ada.tar.gz", select(course, ["1.1"]))
    assert (report.problem, report.score) == (None, 10)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", [b"a\x1bb", b"a\\b", b"\xff"])
def test_a_name_that_graders_refuse(name: bytes, course: Course, solved: Path, tmp_path: Path) -> None:
    folder = solved / TASK / "mlruns"
    folder.mkdir()
    try:
        (folder / os.fsdecode(name)).write_text("x")
    except OSError:
        pytest.skip("this file system has no such names either")
    notes = pack(course, solved, tmp_path / "ada.tar.gz").notes
    assert any(note.startswith("left out, as graders refuse such a name") for note in notes)
    assert check_submission(course, tmp_path / "ada.tar.gz", select(course, ["1.1"])).score == 10
