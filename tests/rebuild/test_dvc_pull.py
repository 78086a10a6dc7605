"""`dvc pull` in a fresh clone, with the real git, DVC and sandbox."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.evidence.files import FileHash
from checks.rebuild.dvc import pull
from checks.rebuild.sandbox import Sandbox
from checks.rebuild.unconfined import Unconfined

TASK = "1_model_versioning/task1_intro_to_dvc"
DATA = "data/rentals.csv"
FIRST = b"day,rides\n1,10\n"
SECOND = FIRST + b"2,20\n"
VERSIONS = {"data-v1.0.0": FIRST, "data-v1.1.0": SECOND}


@dataclass(frozen=True)
class Clone:
    root: Path

    @property
    def storage(self) -> Path:
        return self.root / ".storage"

    def object(self, content: bytes) -> Path:
        digest = hashlib.md5(content).hexdigest()
        return self.storage / "files" / "md5" / digest[:2] / digest[2:]

    def commit(self, version: str) -> Callable[[Path], None]:
        def export(folder: Path) -> None:
            archive = subprocess.run(["git", "archive", version], cwd=self.root, check=True, capture_output=True)
            subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)

        return export


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A learner's clone with two versions in its offline remote, and an empty cache."""
    clone = Clone(tmp_path_factory.mktemp("clone"))
    task = clone.root / TASK
    (task / "data").mkdir(parents=True)
    (clone.root / ".gitignore").write_text("/.storage/\n")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path_factory.mktemp("home")),
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(tmp_path_factory.mktemp("site")),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }

    def run(*command: str) -> None:
        subprocess.run(command, cwd=task, env=environment, check=True, capture_output=True)

    dvc = (sys.executable, "-m", "dvc")
    run("git", "init", "-q", str(clone.root))
    run(*dvc, "init", "--subdir")
    run(*dvc, "remote", "add", "-d", "storage", "../../.storage")
    for version, content in VERSIONS.items():
        (task / DATA).write_bytes(content)
        run(*dvc, "add", DATA)
        run(*dvc, "push")
        run("git", "add", "-A", str(clone.root))
        run("git", "commit", "-qm", version)
        run("git", "tag", version)
    shutil.rmtree(task / ".dvc" / "cache")
    return clone


@pytest.fixture
def clone(made: Clone, tmp_path: Path) -> Clone:
    shutil.copytree(made.root, tmp_path / "clone")
    return Clone(tmp_path / "clone")


def hashed(content: bytes) -> FileHash:
    return FileHash(hashlib.md5(content).hexdigest(), len(content))


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_comes_back(box: Sandbox, clone: Clone, version: str) -> None:
    before = sorted(path.relative_to(clone.root) for path in clone.root.rglob("*"))
    pulled = pull(box, commit_tree=clone.commit(version), task_folder=TASK, outputs=[DATA], storage=clone.storage)
    assert pulled.files == {DATA: hashed(VERSIONS[version])}, pulled.run.last_lines()
    assert (pulled.run.exit_code, pulled.run.ended) == (0, "exited")
    assert sorted(path.relative_to(clone.root) for path in clone.root.rglob("*")) == before


def test_cache_of_links_comes_back_too(box: Sandbox, clone: Clone) -> None:
    def commit(folder: Path) -> None:
        clone.commit("data-v1.0.0")(folder)
        with (folder / TASK / ".dvc" / "config").open("a") as config:
            config.write("[cache]\n    type = symlink\n")

    pulled = pull(box, commit_tree=commit, task_folder=TASK, outputs=[DATA], storage=clone.storage)
    assert pulled.files == {DATA: hashed(FIRST)}, pulled.run.last_lines()


def test_file_in_a_tracked_folder_comes_back(box: Sandbox, clone: Clone) -> None:
    """The learner ran `dvc add data` instead."""
    entries = json.dumps([{"md5": hashed(FIRST).md5, "relpath": "rentals.csv"}]).encode()
    folder_object = clone.object(entries)
    folder_object.parent.mkdir(exist_ok=True)
    folder_object.with_name(f"{folder_object.name}.dir").write_bytes(entries)

    def commit(folder: Path) -> None:
        clone.commit("data-v1.0.0")(folder)
        shutil.rmtree(folder / TASK / "data")
        pointer = {"md5": f"{hashed(entries).md5}.dir", "size": len(FIRST), "nfiles": 1, "hash": "md5", "path": "data"}
        (folder / TASK / "data.dvc").write_text(json.dumps({"outs": [pointer]}))

    pulled = pull(box, commit_tree=commit, task_folder=TASK, outputs=[DATA], storage=clone.storage)
    assert pulled.files == {DATA: hashed(FIRST)}, pulled.run.last_lines()


def test_one_s_own_work_without_a_sandbox(clone: Clone) -> None:
    pulled = pull(
        Unconfined(), commit_tree=clone.commit("data-v1.1.0"), task_folder=TASK, outputs=[DATA], storage=clone.storage
    )
    assert pulled.files == {DATA: hashed(SECOND)}, pulled.run.last_lines()


def test_corrupted_object_has_another_hash(box: Sandbox, clone: Clone) -> None:
    """DVC wants to delete it from the remote, or takes it as it is: the first cannot be, the second we see."""
    target = clone.object(FIRST)
    target.chmod(0o644)
    target.write_bytes(b"corrupted")
    pulled = pull(box, commit_tree=clone.commit("data-v1.0.0"), task_folder=TASK, outputs=[DATA], storage=clone.storage)
    assert pulled.files[DATA] in (None, hashed(b"corrupted"))
    assert target.read_bytes() == b"corrupted"


def test_missing_object_does_not_come_back(box: Sandbox, clone: Clone) -> None:
    clone.object(FIRST).unlink()
    pulled = pull(box, commit_tree=clone.commit("data-v1.0.0"), task_folder=TASK, outputs=[DATA], storage=clone.storage)
    assert pulled.files == {DATA: None}
    assert pulled.run.exit_code not in (0, None)
    assert DATA in pulled.run.last_lines()


@pytest.mark.parametrize("form", ["none", "missing", "link"])
def test_without_storage_nothing_comes_back(box: Sandbox, clone: Clone, tmp_path: Path, form: str) -> None:
    storage = tmp_path / "other"
    if form == "link":
        storage.symlink_to(clone.storage)
    pulled = pull(
        box,
        commit_tree=clone.commit("data-v1.0.0"),
        task_folder=TASK,
        outputs=[DATA],
        storage=None if form == "none" else storage,
    )
    assert pulled.files == {DATA: None}


def test_file_that_git_carries_is_not_pulled(box: Sandbox, clone: Clone) -> None:
    def commit(folder: Path) -> None:
        clone.commit("data-v1.0.0")(folder)
        (folder / TASK / DATA).write_bytes(FIRST)

    pulled = pull(box, commit_tree=commit, task_folder=TASK, outputs=[DATA], storage=None)
    assert pulled.files == {DATA: None}


def test_configuration_of_the_commit_runs_inside_only(box: Sandbox, clone: Clone, tmp_path: Path) -> None:
    """A remote whose address is a file of the machine, and a Git filter: neither reaches it."""
    secret = tmp_path / "secret"
    objects = secret / "files" / "md5"
    shutil.copytree(clone.storage / "files" / "md5", objects)

    def commit(folder: Path) -> None:
        clone.commit("data-v1.0.0")(folder)
        (folder / TASK / ".dvc" / "config").write_text(
            f"[core]\n    remote = storage\n['remote \"storage\"']\n    url = {secret}\n"
        )
        (folder / ".git").mkdir()
        (folder / ".git" / "config").write_text(f'[core]\n\tfsmonitor = "touch {tmp_path}/ran"\n')

    pulled = pull(box, commit_tree=commit, task_folder=TASK, outputs=[DATA], storage=clone.storage)
    assert pulled.files == {DATA: None}
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("output", ["/etc/passwd", "../x", "--help", "", "."])
def test_names_that_are_no_outputs_are_refused(box: Sandbox, output: str) -> None:
    with pytest.raises(ValueError, match="not"):
        pull(box, commit_tree=lambda _: None, task_folder=TASK, outputs=[output], storage=None)
