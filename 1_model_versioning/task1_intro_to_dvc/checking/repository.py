"""The DVC repository in Git: its configuration is committed, and neither the data nor the cache is."""

from __future__ import annotations

import posixpath

from checks import Workspace, expect
from checks.evidence.files import Kind
from checks.evidence.git.ignore import is_ignored
from checks.evidence.git.objects import Commit

from .versions import DATA, POINTER, versions


def configuration_committed(work: Workspace) -> None:
    """`.dvc/config` is committed in the task folder or above it, and cache and temporary files stay out of Git."""
    root = work.dvc.root(work.snapshot)
    if root is None:
        there = work.dvc.working_root
        folder = work.shown(posixpath.join(work.folder if there is None else there, ".dvc"))
        fix = "dvc init --subdir" if there is None else f'git add {folder}\ngit commit -m "Initialise DVC"'
        about = expect.Subject(f".dvc/config in the last commit of {work.branch}", fix)
        instead = "no .dvc folder" if there is None else f"{folder} is there, but not committed"
        about.fail("the configuration of a DVC repository", instead)
    for folder in (".dvc/cache", ".dvc/tmp"):
        path = posixpath.join(root, folder)
        mend = f'git rm -r --cached {work.shown(path)}\ngit commit -m "Keep the DVC cache out of Git"'
        about = expect.Subject(work.shown(path), mend)
        found = f"files of it in commit {work.snapshot.commit.short}"
        about.that(work.snapshot.id(path) is None, "nothing of it in Git: it belongs to your machine alone", found)
        _ignored(work, path, example=f"{path}/any")


def data_ignored(work: Workspace) -> None:
    """Git ignores the data that the newest pointer stands for."""
    _ignored(work, versions(work)[-1].tracked.output.path, example=work.path(DATA))


def data_not_in_git(work: Workspace) -> None:
    """No commit of the branch holds the data itself."""
    commit = next((commit for commit, there in work.git.changes(work.path(DATA)) if there), None)
    if commit:
        about = expect.Subject(f"commit {commit.short} ({commit.subject[:60]})", _fix_data_in_git(work, commit))
        about.fail(f"the pointer {POINTER}, and not the data", f"{DATA} itself, committed to Git")


def edited(work: Workspace, commit: Commit, *mend: str) -> str:
    """The commands that open an older commit, `mend` and close it again, and those for the last commit alone."""
    amend = "git commit --amend --allow-empty --no-edit"
    if commit.id == work.snapshot.commit.id:
        return expect.commands(*mend, amend)
    return expect.commands(
        f"git rebase --interactive --empty=drop {commit.short}~1",
        f"(in the list that opens, put `edit` in place of `pick` before {commit.short}, and save)",
        *mend,
        f"{amend}\ngit rebase --continue",
    )


def _fix_data_in_git(work: Workspace, commit: Commit) -> str:
    # Git would not overwrite the file on its way back to the older commit.
    in_the_way = commit.id != work.snapshot.commit.id and work.files.kind(work.path(DATA)) is not Kind.MISSING
    return expect.commands(f"rm {DATA}" if in_the_way else None, edited(work, commit, f"git rm --cached {DATA}"))


def _ignored(work: Workspace, path: str, *, example: str) -> None:
    """The committed `.gitignore` files make Git ignore `path`, a file or folder of which `example` is a file."""
    rules = posixpath.join(posixpath.dirname(path), ".gitignore")
    if work.snapshot.ignores(example):
        return
    fix = _fix_ignored(work, path, rules, example)
    about = expect.Subject(f"the committed .gitignore files, {work.shown(rules)} first", fix)
    about.fail(f"a line that makes Git ignore {work.shown(path)}", "none: the next `git add .` would put it into Git")


def _fix_ignored(work: Workspace, path: str, rules: str, example: str) -> str:
    """Commit the `.gitignore` beside `path` where it would do; else bring it back, or write the line."""
    shown = work.shown(rules)
    commit = f'git add {shown}\ngit commit -m "Ignore {work.shown(path)}"'
    if is_ignored(example, lambda file: work.files.read(file) if work.files.is_file(file) else None):
        return commit
    for before in reversed(work.git.history):
        if work.git.at(before).is_file(rules) and work.git.at(before).ignores(example):
            return f"git restore --source {before.short} {shown}\n{commit}"
    return f"echo /{posixpath.basename(path)} >> {shown}\n{commit}"
