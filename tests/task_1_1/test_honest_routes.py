"""Other honest routes to the same state pass every step, whatever their commands were."""

from __future__ import annotations

import pytest

from checks.rebuild.rebuilder import Rebuilder

INIT = 'dvc init --subdir -q\ngit commit -qm "Initialise DVC"\n'
ADD = "dvc add -q data/rentals.csv\ngit add data ../../learner.toml\n"
APPEND = "python append_month.py incoming/rentals-2025-02.csv\n"
TAGS = "git tag data-v1.0.0 HEAD~1\ngit tag data-v1.1.0 HEAD\n"
REMOTE = "dvc remote add -q --default storage ../../.storage\ngit add .dvc/config\ngit commit -qm Remote\n"
OLD_POINTER = "git restore --source data-v1.0.0 data/rentals.csv.dvc\n"
PUSH = f"dvc push -q\n{OLD_POINTER}dvc push -q\ngit restore data/rentals.csv.dvc\n"
TWO_VERSIONS = f'{ADD}git commit -qm "Month 1"\n{APPEND}{ADD}git commit -qm "Month 2"\n'
ORDINARY = INIT + TWO_VERSIONS + TAGS + REMOTE + PUSH

ROOT_LEVEL = f"(cd ../..; dvc init -q; git commit -qm Initialise)\n{TWO_VERSIONS}{TAGS}" + (
    "dvc remote add -q --default storage ../../.storage\ngit add ../../.dvc/config\ngit commit -qm Remote\n" + PUSH
)
FOLDER = f"""{INIT}
dvc add -q data
git add data.dvc .gitignore ../../learner.toml
git commit -qm "Month 1"
{APPEND}dvc add -q data
git commit -qam "Month 2"
{TAGS}{REMOTE}{PUSH.replace("data/rentals.csv.dvc", "data.dvc")}rm -rf .dvc/cache .dvc/tmp
"""
REMOTE_FIRST = f"""{INIT}{REMOTE}{TWO_VERSIONS}{TAGS}dvc push -q
git switch -q --detach data-v1.0.0
dvc checkout -q
dvc push -q
rm -rf .dvc/cache data/rentals.csv
dvc pull -q
git switch -q -
dvc pull -q
"""
API = """
from dvc.repo import Repo
import subprocess, append_month, pathlib

def git(*command): subprocess.run(["git", *command], check=True)

repo = Repo.init(".", subdir=True)
git("commit", "-qm", "Initialise")
for month in (None, "incoming/rentals-2025-02.csv"):
    if month:
        append_month.append_month(pathlib.Path(month))
    repo = Repo(".")
    repo.add("data/rentals.csv")
    git("add", "data", "../../learner.toml")
    git("commit", "-qm", "Version")
with repo.config.edit("repo") as config:
    config["remote"] = {"storage": {"url": "../../.storage"}}
    config["core"] = {"remote": "storage"}
git("add", ".dvc/config")
git("commit", "-qm", "Remote")
git("tag", "data-v1.0.0", "HEAD~2")
git("tag", "data-v1.1.0", "HEAD~1")
for version in ("data-v1.0.0", "data-v1.1.0"):
    git("restore", "--source", version, "data/rentals.csv.dvc")
    Repo(".").push()
git("restore", "data/rentals.csv.dvc")
"""
MERGED = f"""{INIT}git switch -qc feature
{TWO_VERSIONS}{TAGS}git switch -q -
git commit -q --allow-empty -m "Meanwhile, here"
git merge -q --no-ff -m "Merge the data" feature
{REMOTE}{PUSH}"""
AMENDED = f"""{INIT}{ADD}git commit -qm "Mnoth 1"
git commit -q --amend -m "Month 1"
echo "# notes" > notes.md
git add notes.md
git commit -q --amend --no-edit
{APPEND}{ADD}git commit -qm "Month 2"
git commit -q --amend -m "Add month 2"
{TAGS}{REMOTE}{PUSH}git commit -q --amend --allow-empty -m "The remote"
"""
THREE = f"""{INIT}{ADD}git commit -qm "Month 1"
{APPEND}cp data/rentals.csv right.csv
{APPEND.replace("rentals-2025-02", "wrong")}{ADD}git commit -qm "Oh no"
mv right.csv data/rentals.csv
{ADD}git commit -qm "Month 2, put right"
git tag data-v1.0.0 HEAD~2
git tag data-v1.1.0
python append_month.py incoming/march.csv
{ADD}git commit -qm "Month 3"
git tag data-v1.2.0
{REMOTE}{PUSH}git restore --source data-v1.1.0 data/rentals.csv.dvc
dvc push -q
git restore data/rentals.csv.dvc
"""


def linked(kind: str) -> str:
    """A cache whose files are linked into the working tree: to be unprotected before they are changed."""
    cache = f"dvc config cache.type {kind}\ngit add .dvc/config\ngit commit -qm Links\n"
    unprotect = APPEND.replace("python", "dvc unprotect -q data/rentals.csv\npython")
    return INIT + cache + TWO_VERSIONS.replace(APPEND, unprotect) + TAGS + REMOTE + PUSH


FROM_THE_START = {
    "a .dvc at the clone's root": ROOT_LEVEL,
    "the folder tracked in place of the file": FOLDER,
    "the remote before the data": REMOTE_FIRST,
    "work merged from a feature branch": MERGED,
    "commits amended on the way": AMENDED,
    "a cache of symbolic links": linked("symlink"),
    "a cache of hard links": linked("hardlink"),
    "the first commit holds all of the first version": ORDINARY.replace(INIT, "dvc init --subdir -q\n"),
}
WITH_A_REBUILD = [
    "a .dvc at the clone's root",
    "the folder tracked in place of the file",
    "the remote before the data",
    "a cache of symbolic links",
]

FROM_THE_SOLUTION = {
    "annotated tags": "for v in 1.0.0 1.1.0; do git tag -f -a -m 'A version' data-v$v data-v$v^{}; done",
    "a tag of a tag": "git tag -a -m Inner inner data-v1.0.0; git tag -f -a -m Outer data-v1.0.0 inner",
    "tags behind a prefix": "for v in 1.0.0 1.1.0; do git tag ada/data-v$v data-v$v; git tag -d data-v$v; done",
    "a misplaced tag of the same name behind a prefix": "git tag a/data-v1.0.0 HEAD; git tag z/data-v1.1.0 HEAD~2",
    "a pointer with another name": "git mv data/rentals.csv.dvc data/bikes.dvc; git commit -qm Rename; dvc pull -q",
    "main, and no solution branch": "b=$(git branch --show-current); git switch -qC main; git branch -qD $b",
    "a branch with another name": "git branch -m bike-data",
    "a detached HEAD": "git switch -q --detach",
    "a detached HEAD at the old version, the data as the branch has it": "git switch -q --detach data-v1.0.0",
    "packed objects and references": "git gc -q --prune=now; git pack-refs --all",
    "a remote folder of another name": "mv ../../.storage ../../store; dvc remote modify storage url ../../store;"
    "git commit -qam 'Another folder'; dvc pull -q",
    "a remote folder in the task folder": "mv ../../.storage .store; dvc remote modify storage url .store;"
    "git commit -qam 'Another folder'; dvc pull -q",
    "a remote of another name": "dvc remote rename storage team; git commit -qam 'Another name'",
    "a second remote elsewhere": "dvc remote add far s3://bucket/rentals; git commit -qam 'Far'",
    "a secret that stayed in config.local": "dvc remote add --local far https://example.org;"
    "dvc remote modify --local far password secret",
    "a malformed pointer that was mended": "cp data/rentals.csv.dvc p; echo '<<<<<<< HEAD' >> data/rentals.csv.dvc;"
    "git commit -qam 'A conflict'; mv p data/rentals.csv.dvc; git commit -qam 'Mended'",
    "a malformed configuration that was mended": "cp .dvc/config p; echo '<<<<<<< HEAD' >> .dvc/config;"
    "git commit -qam 'A conflict'; mv p .dvc/config; git commit -qam 'Mended'",
    "work that goes on after the task": "git rm -q append_month.py; git commit -qm 'Clean up'; git tag v9",
    "a cache that was emptied": "rm -rf .dvc/cache .dvc/tmp",
    "one .gitignore in the clone's root": "git rm -q data/.gitignore; echo 'rentals.csv' >> ../../.gitignore;"
    "git commit -qam 'One list'",
}


@pytest.mark.parametrize("route", FROM_THE_START)
def test_route_from_the_start(begun, request: pytest.FixtureRequest, route: str) -> None:
    begun.sh(FROM_THE_START[route])
    begun.passes()
    if route in WITH_A_REBUILD:
        begun.passes(request.getfixturevalue("rebuilder"))


@pytest.mark.parametrize("route", FROM_THE_SOLUTION)
def test_route_from_the_solution(done, route: str) -> None:
    done.sh(FROM_THE_SOLUTION[route])
    done.passes()


def test_rebuild_of_the_solution(done, rebuilder: Rebuilder) -> None:
    done.passes(rebuilder)


def test_python_api_in_place_of_the_command_line(begun) -> None:
    (begun.folder / "api.py").write_text(API)
    begun.sh("python api.py; rm api.py")
    begun.passes()


def test_three_versions_and_a_wrong_one_put_right(begun) -> None:
    from checks.core import data

    incoming = begun.folder / "incoming"
    (incoming / "wrong.csv").write_bytes(data.month("eve@example.org", 2))
    (incoming / "march.csv").write_bytes(data.month("ada@example.org", 3))
    begun.sh(THREE)
    begun.passes()


def test_commits_dated_before_their_parents(begun) -> None:
    clock = 'day=29\nback() { day=$((day - 1)); export GIT_AUTHOR_DATE="2020-01-$day 12:00" GIT_COMMITTER_DATE='
    clock += '"2020-01-$day 12:00"; }\n'
    begun.sh(clock + ORDINARY.replace("git commit", "back; git commit"))
    dates = begun.sh("git log --format=%ct -n 4").split()
    assert dates == sorted(dates)
    begun.passes()


def test_windows_checkout(done) -> None:
    """Git wrote the working copies with CRLF; what is committed has LF."""
    done.sh("git config core.autocrlf true")
    for path in ("data/rentals.csv.dvc", ".dvc/config", "data/.gitignore", ".dvc/.gitignore", "../../learner.toml"):
        file = done.folder / path
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    done.passes()


@pytest.mark.parametrize("path", [".dvc/config", "data/rentals.csv.dvc", ".dvc/.gitignore", "../../learner.toml"])
def test_line_ends_of_windows_in_the_commit(done, path: str) -> None:
    file = done.folder / path
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    done.sh(
        f"blob=$(git hash-object -w --no-filters {path})\n"
        f"git update-index --cacheinfo 100644,$blob,$(git ls-files --full-name {path})\ngit commit -qm 'CRLF'\n"
        f'test "$(git cat-file -s HEAD:./{path})" = {file.stat().st_size}'
    )
    done.passes()
