"""Plausible wrong answers, and faked ones, do not pass: each fails at its step, in words that name what was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.core import data
from checks.evidence.files import FileHash
from checks.model import Identity, Outcome
from checks.selftest.build import solve

EVE = "eve@example.org"
RE_COMMIT = "git commit -qam 'Version'"
ADD = "dvc add -q data/rentals.csv; git add data"
AGAIN = "git branch -q old; git reset -q --hard HEAD~3; git restore --source old ../../learner.toml append_month.py;"
BACK = "git reset -q --hard data-v1.0.0; git tag -d data-v1.1.0"
OBJECT = "object=$(find ../../.storage/files/md5 -type f -size -40k); chmod u+w $object;"
POINTER = "data/rentals.csv.dvc"

# What is typed in the finished clone, the step that must fail, and phrases of its message.
WRONG: dict[str, tuple[str, str, list[str]]] = {
    "configuration as a link": (
        "mv .dvc/config real; ln -s ../real .dvc/config; git add real .dvc/config; git commit -qm Link", "init", ["not"]),
    "cache ignored on this machine only": (
        ("git rm -q .dvc/.gitignore; git commit -qm Gone; printf '/cache\\n/tmp\\n' > ../../.git/info/exclude;"
        "echo cache >> ../../.git/info/exclude"), "init", ["a line that makes Git ignore .dvc/cache", "none"]),
    "temporary files in Git": (
        "mkdir -p .dvc/tmp; touch .dvc/tmp/lock; git add -f .dvc/tmp/lock; git commit -qm Temporary",
        "init", [".dvc/tmp", "files of it in commit"]),
    "an ignore rule that a later line takes back": (
        "echo '!/cache' >> .dvc/.gitignore; git commit -qam Keep", "init", ["makes Git ignore .dvc/cache"]),
    "data ignored on this machine only": (
        "git rm -q data/.gitignore; git commit -qm Gone; echo rentals.csv >> ../../.git/info/exclude",
        "track", ["none: the next `git add .` would put it into Git"]),
    "the pointer as a link": (
        ("git reset -q HEAD~3; mv {POINTER} real; ln -s ../real {POINTER}; git add real data ../../learner.toml;"
        "git commit -qm Link"), "track", ["data/rentals.csv.dvc is committed, and is a link or a folder"]),
    "the pointer as a folder": (
        ("git reset -q HEAD~3; mkdir tmp; mv {POINTER} tmp/pointer; mv tmp {POINTER}; git add data ../../learner.toml;"
        "git commit -qm Folder"), "track", ["data/rentals.csv.dvc is committed, and is a link or a folder"]),
    "the pointer only in a commit on another branch": (
        AGAIN, "track", ["the commits of solution/ada-example-org", "no pointer to it in any commit"]),
    "month 2 first": (
        AGAIN + "cp incoming/rentals-2025-02.csv data/rentals.csv; {ADD}; {COMMIT};"
        "rm data/rentals.csv; mlsd start 1.1; python append_month.py incoming/rentals-2025-02.csv; {ADD}; {COMMIT}",
        "track", ["this is month 2 without month 1"]),
    "another pointer": (
        AGAIN + "mv data/rentals.csv data/Rentals.csv; dvc add -q data/Rentals.csv; git add data; git commit -qm Data",
        "track", ["pointers to something else: data/Rentals.csv.dvc"]),
    "a wrong size beside the right md5": (
        "git reset -q --hard HEAD~2; sed -i 's/size: ./size: 9/' {POINTER}; git commit -qa --amend -m x",
        "track", ["month 1 of ada@example.org", "9"]),
    "a wrong size in the second version": (
        BACK + "; python append_month.py incoming/rentals-2025-02.csv || true; dvc add -q data/rentals.csv;"
        "sed -i 's/size: ./size: 9/' {POINTER}; {COMMIT}", "update", ["months 1 and 2 of ada@example.org"]),
    "versions on another branch": (
        "b=$(git branch --show-current); git branch -q old; git reset -q --hard data-v1.0.0", "update", ["one version"]),
    "a tag of a file in place of a commit": (
        "git tag -f data-v1.0.0 HEAD:./{POINTER}", "tag", ["data-v1.0.0, which marks no commit"]),
    "a branch in place of a tag": (
        "git branch -q data-v1.0.0 data-v1.0.0^{{}}; git tag -d data-v1.0.0", "tag", ["only data-v1.1.0"]),
    "a tag before the data": (
        "git tag -f data-v1.0.0 data-v1.0.0~1", "tag", ["data-v1.0.0 is at", "the pointer says nothing"]),
    "a tag whose name only ends alike": (
        "git tag my-data-v1.0.0 data-v1.0.0; git tag -d data-v1.0.0", "tag", ["only data-v1.1.0, my-data-v1.0.0"]),
    "an empty file in the remote": (OBJECT + ": > $object", "remote", ["content whose hash is", "(0 bytes)"]),
    "another file under the name in the remote": (
        OBJECT + "cat README.md > $object", "remote", ["content whose hash is", "1 of 2 versions"]),
    "a folder under the name in the remote": (OBJECT + "rm $object; mkdir $object", "remote", ["folder", "1 of 2"]),
    "a link out of the clone in the remote": (
        OBJECT + "away=$(realpath ../../..)/away; cp $object $away; rm $object; ln -s $away $object",
        "remote", ["leads out of"]),
    "the objects outside files/md5": (
        "mv ../../.storage/files/md5 ../../.storage/md5", "remote", ["nothing; the remote holds 0 of 2 versions"]),
    "the default remote is none": (
        "dvc config core.remote nowhere; git commit -qam x", "remote", ["[core] remote = nowhere", "storage"]),
    "no default remote": ("dvc config -u core.remote; git commit -qam x", "remote", ["without a default: storage"]),
    "an absolute path": (
        ('sed -i "s|url = .*|url = $(realpath ../../.storage)|"'
        " .dvc/config; git commit -qam x"), "remote", ["a folder outside your clone"]),
    "a password in a url": (
        "dvc remote add far https://ada:secret@example.org/data; git commit -qam x", "remote", ["url with a password"]),
    "config.local in Git": (
        ("dvc remote add -q --local far s3://b; dvc remote modify --local far secret_access_key k;"
        "git add -f .dvc/config.local; git commit -qm x"), "remote", [".dvc/config.local", "secret_access_key"]),
    "a secret, committed beside a configuration that was malformed and mended": (
        ("cp .dvc/config kept; echo '[' >> .dvc/config; printf '[remote]\\nsecret_access_key = k\\n' > .dvc/config.local;"
        "git add -f .dvc/config .dvc/config.local; git commit -qm x; mv kept .dvc/config; git rm -qf .dvc/config.local;"
        "git commit -qam y"), "remote", [".dvc/config.local in commit", "secret_access_key"]),
    "a link out of the clone in the data's place": (
        "away=$(realpath ../../..)/away; mv data/rentals.csv $away; ln -s $away data/rentals.csv",
        "restore", ["leads out of"]),
    "a folder in the data's place": ("rm data/rentals.csv; mkdir data/rentals.csv", "restore", ["folder"]),
    "the data with other bytes of the same length": (
        "sed -i '2s/./9/' data/rentals.csv", "restore", ["changed since it was added"]),
}  # fmt: skip


@pytest.mark.parametrize("answer", WRONG)
def test_wrong_answer(done, answer: str) -> None:
    script, step, phrases = WRONG[answer]
    for name, text in {"POINTER": POINTER, "COMMIT": RE_COMMIT, "ADD": ADD}.items():
        script = script.replace(f"{{{name}}}", text)
    done.sh(script.replace("^{{}}", "^{}"))
    done.fails(step, *phrases)


def test_another_learners_complete_clone_under_one_s_own_name(clone_at, tmp_path: Path) -> None:
    theirs = clone_at(tmp_path / "theirs")
    solve(theirs.course, [theirs.task], theirs.root, Identity(EVE, "Eve"))
    theirs.passes()
    theirs.sh("git branch -m solution/ada-example-org; sed -i s/eve@example.org/ada@example.org/ ../../learner.toml")
    theirs.passes()  # what counts is committed, and that still says Eve
    theirs.sh("git commit -qam 'My work'")
    theirs.fails("track", "month 1 of ada@example.org", "neither month 1 nor months 1 and 2 of your data")


def test_hand_written_remote_with_the_right_names(begun) -> None:
    """Pointers typed by hand from a neighbour who knows the data: all that is missing is the data itself."""
    versions = [FileHash.of(data.months("ada@example.org", months)) for months in (1, 2)]
    begun.sh("dvc init -q --subdir; dvc remote add -q -d storage ../../.storage; git add .dvc; git commit -qm Init")
    (begun.folder / "data/.gitignore").write_text("/rentals.csv\n")
    for number, version in enumerate(versions):
        pointer = f"outs:\n- md5: {version.md5}\n  size: {version.size}\n  hash: md5\n  path: rentals.csv\n"
        (begun.folder / POINTER).write_text(pointer)
        begun.sh(f"git add data ../../learner.toml; git commit -qm 'Version'; git tag data-v1.{number}.0")
        place = begun.root / ".storage/files/md5" / version.md5[:2] / version.md5[2:]
        place.parent.mkdir(parents=True)
        place.write_bytes(bytes(version.size))
    begun.fails("remote", "content whose hash is", "0 of 2 versions")


@pytest.mark.parametrize("fake", [b'id = ""\n', b"name = 'Ada'\n", b"id = 5\n", b"\xff\xfe", b"id = 'a'\nid = 'b'\n"])
def test_without_an_id_there_is_no_data_to_version(done, fake: bytes) -> None:
    (done.root / "learner.toml").write_bytes(fake)
    done.sh("git commit -qam 'Who am I'")
    done.fails("init", "learner.toml")


def test_folder_without_git(done) -> None:
    done.sh("rm -rf ../../.git")
    assert done.fails("init", ".git").fix


def test_branch_alone_earns_what_it_can_show(done) -> None:
    """A bare repository carries no remote: what can't be looked at is not a zero, and not a pass."""
    results = done.branch().results()
    assert [result.outcome for result in results.values()] == [Outcome.PASSED] * 4 + [Outcome.UNAVAILABLE] * 2
    assert "hand in the clone" in results["remote"].reason


def test_branch_alone_with_the_folder_tracked(begun) -> None:
    begun.sh("dvc init -q --subdir; dvc add -q data; git add data.dvc .gitignore ../../learner.toml; git commit -qm x")
    assert begun.branch().results()["track"].outcome is Outcome.UNAVAILABLE
