"""Assertions over the DVC repository of a workspace, in words that every task with DVC shares.

Each raises `Failure` with the commands that mend the state as it is now.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from checks import expect
from checks.evidence.dvc.config import Config, parse_config
from checks.evidence.files import FileHash, Kind
from checks.evidence.git.ignore import is_ignored
from checks.expect import Failure, Unavailable

if TYPE_CHECKING:
    from checks.core.workspace import Workspace
    from checks.evidence.dvc.pointer import Output
    from checks.evidence.dvc.repository import Tracked
    from checks.evidence.git.commit import Commit


def repository_committed(work: Workspace) -> None:
    """`.dvc/config` is committed in the task folder or above it, and cache and temporary files stay out of Git."""
    root = work.dvc.root(work.snapshot)
    if root is None:
        there = work.dvc.working_root
        folder = work.shown(posixpath.join(work.folder if there is None else there, ".dvc"))
        expect.fail(
            looked_at=f".dvc/config in the last commit of {work.branch}",
            expected="the configuration of a DVC repository",
            found="no .dvc folder" if there is None else f"{folder} is there, but not committed",
            fix="dvc init --subdir" if there is None else f'git add {folder}\ngit commit -m "Initialise DVC"',
        )
    for folder in (".dvc/cache", ".dvc/tmp"):
        path = posixpath.join(root, folder)
        expect.that(
            work.snapshot.id(path) is None,
            looked_at=work.shown(path),
            expected="nothing of it in Git: it belongs to your machine alone",
            found=f"files of it in commit {work.snapshot.commit.short}",
            fix=f'git rm -r --cached {work.shown(path)}\ngit commit -m "Keep the DVC cache out of Git"',
        )
        ignored_by_git(work, path, example=f"{path}/any")


def ignored_by_git(work: Workspace, path: str, *, example: str) -> None:
    """The committed `.gitignore` files make Git ignore `path`, a file or folder of which `example` is a file."""
    if work.snapshot.ignores(example):
        return
    expect.fail(
        looked_at=f"the committed .gitignore files, {work.shown(_rules_beside(path))} first",
        expected=f"a line that makes Git ignore {work.shown(path)}",
        found="none: the next `git add .` would put it into Git",
        fix=_fix_ignored(work, path, example),
    )


def _rules_beside(path: str) -> str:
    return posixpath.join(posixpath.dirname(path), ".gitignore")


def _fix_ignored(work: Workspace, path: str, example: str) -> str:
    """Commit the `.gitignore` beside `path` where it would do; else bring it back, or write the line."""
    rules = _rules_beside(path)
    shown = work.shown(rules)
    commit = f'git add {shown}\ngit commit -m "Ignore {work.shown(path)}"'
    if is_ignored(example, lambda file: work.files.read(file) if work.files.is_file(file) else None):
        return commit
    for before in reversed(work.git.history):
        if work.git.at(before).is_file(rules) and work.git.at(before).ignores(example):
            return f"git restore --source {before.short} {shown}\n{commit}"
    return f"echo /{posixpath.basename(path)} >> {shown}\n{commit}"


def _configs(work: Workspace) -> Iterator[tuple[Commit, str, Config]]:
    """The configurations of the branch's commits, each where it came. A malformed one that was mended is past.

    Those of the last commit come at the end, once more: one of them that is malformed is a Failure.
    """
    for path in work.dvc.config_paths:
        for commit, there in work.git.changes(path):
            snapshot = work.git.at(commit)
            if there is None or not snapshot.is_file(path):
                continue
            try:
                config = parse_config(snapshot.read(path) or b"", path)
            except Failure:
                continue
            yield commit, path, config
    yield from ((work.snapshot.commit, path, config) for path, _, config in work.dvc.configs(work.snapshot))


def no_credentials(work: Workspace) -> None:
    """No commit of the branch holds a DVC configuration with a secret."""
    for commit, path, config in _configs(work):
        if config.credentials:
            expect.fail(
                looked_at=f"{work.shown(path)} in commit {commit.short}",
                expected="no credential in any commit: whoever has a clone has it",
                found=", ".join(config.credentials),
                fix=_fix_credential(work, work.shown(path), commit),
            )


def _fix_credential(work: Workspace, config: str, commit: Commit) -> str:
    """Take the secret out of its commit. Which lines those are, and who must be told, a person knows."""
    last = commit.id == work.snapshot.commit.id
    return expect.commands(
        "(first make that credential invalid where you got it: whoever has a clone knows it)",
        None if last else f"git rebase --interactive --empty=drop {commit.short}~1",
        None if last else f"(in the list that opens, put `edit` in place of `pick` before {commit.short}, and save)",
        f"(delete the lines of the credential from {config})",
        f"git add {config}\ngit commit --amend --allow-empty --no-edit",
        None if last else "git rebase --continue",
        None
        if last
        else f"(if that stops at a conflict: delete those lines again, git add {config}, git rebase --continue)",
        "(from now on, set it with dvc remote modify --local: Git does not keep that)",
    )


def default_remote(work: Workspace) -> str:
    """The folder that is the committed default remote, relative to the submission.

    Raises Failure where there is none, or where it is outside of the clone and can't be handed in; Unavailable where
    it is in a cloud.
    """
    config = work.dvc.config(work.snapshot)
    remote = config.default if config else None
    path = posixpath.join(work.dvc.root(work.snapshot) or "", ".dvc/config")
    commit = f'git add {work.shown(path)}\ngit commit -m "Add the storage as default remote"'
    if config is None or remote is None:
        expect.fail(
            looked_at=f"{work.shown(path)} in the last commit",
            expected="a default remote: [core] remote = storage",
            found=_no_default(work, path, config),
            fix=expect.commands(_fix_default(work, path, config), commit),
        )
    if remote.scheme:
        raise Unavailable(f"the remote {remote.name} is at {remote.scheme}://, which is not looked at from here")
    return expect.some(
        work.remote_folder(),
        looked_at=f'{work.shown(path)}: remote "{remote.name}" -> {remote.url}',
        expected="a folder of your clone, such as ../../.storage: it is handed in with your work",
        found="a folder outside your clone",
        fix=f"dvc remote modify {remote.name} url ../../.storage\n{commit}\ndvc push",
    )


def _no_default(work: Workspace, path: str, config: Config | None) -> str:
    names = ", ".join(config.remotes) if config else ""
    if config and config.default_name:
        return f"[core] remote = {config.default_name}, which is none of the remotes: {names or 'there is none'}"
    if names:
        return f"remotes without a default: {names}"
    local = f"{path}.local"
    aside = f"; {work.shown(local)} does not count, as Git does not share it" if work.files.is_file(local) else ""
    return f"no remote{aside}"


def _fix_default(work: Workspace, path: str, config: Config | None) -> str | None:
    """Make a remote the default one; None where the working tree's configuration has one already."""
    working = parse_config(work.files.read(path), path) if work.files.is_file(path) else config
    if working and working.default:
        return None
    if working and working.remotes:
        return f"dvc remote default {next(iter(working.remotes))}"
    return "dvc remote add --default storage ../../.storage"


def working_file(work: Workspace, inner: str, tracked: Tracked | None, known: Mapping[str, FileHash]) -> None:
    """The working file at `inner` of the task folder is what the branch's pointer (`tracked`) names.

    `known` are the versions that a message can name.
    """
    path = work.path(inner)
    kind = work.files.kind(path)
    if tracked is None:
        expect.fail(
            looked_at=f"the pointers in the last commit of {work.branch}",
            expected=f"one that names {inner}",
            found="none: a later commit took it away",
            fix=f'dvc add {inner}\ngit add {inner}.dvc\ngit commit -m "Track {inner} again"',
        )
    if kind is not Kind.FILE:
        expect.fail(
            looked_at=inner,
            expected=_named(work, tracked),
            found="no such file" if kind is Kind.MISSING else str(kind),
            fix=expect.commands(None if kind is Kind.MISSING else f"rm {inner}", _fix_working(work, tracked)),
        )
    size = work.files.size(path)
    worth_hashing = tracked.size in (size, None) or any(size == version.size for version in known.values())
    found = work.files.hash(path) if worth_hashing else None
    if found and found.md5 == tracked.md5:
        return
    version = next((name for name, version in known.items() if version == found), None)
    keep = None if version else f"(copy {inner} first, if you need your changes)"
    expect.fail(
        looked_at=inner,
        expected=_named(work, tracked),
        found=(f"md5 {found.md5}, {size:,} bytes" if found else f"{size:,} bytes")
        + (f", the version {version}" if version else ", changed since it was added"),
        fix=expect.commands(keep, _fix_working(work, tracked)),
    )


def _named(work: Workspace, tracked: Tracked) -> str:
    """What the branch's pointer names."""
    size = "" if tracked.size is None else f", {tracked.size:,} bytes"
    return f"md5 {tracked.md5}{size}, as {work.shown(tracked.pointer)} on {work.branch} says"


def _fix_working(work: Workspace, tracked: Tracked) -> str:
    """The branch, its pointer, and the data that the pointer names: each where it is not what was committed."""
    pointer = tracked.pointer
    elsewhere = work.git.branch not in (work.git.references.head, "HEAD")
    on_disk = work.files.read(pointer) if work.files.is_file(pointer) else None
    changed = on_disk is None or on_disk.replace(b"\r\n", b"\n") != work.snapshot.read(pointer)
    return expect.commands(
        f"git switch {work.branch}" if elsewhere else None,
        f"git restore --staged --worktree {work.shown(pointer)}" if changed and not elsewhere else None,
        "dvc pull --force",
    )


def sound_cache(work: Workspace, outputs: Mapping[str, Output]) -> None:
    """What the cache holds of these outputs, by a name for each, has the content that its name says.

    A damaged object would be the next checkout's wrong data, without a word from DVC. A missing one is fine.
    """
    cache = work.dvc.cache
    for name, output in outputs.items():
        if not cache.holds(output.md5, output.legacy):
            continue
        for fault in cache.faults(output):
            place = f"{work.shown(cache.folder)}/{fault.path}"
            expect.that(
                fault.missing,
                looked_at=f"{place}, the cached data of {name}",
                expected=f"content whose hash is its name, {''.join(fault.path.split('/')[-2:])}",
                found=fault.found,
                fix=f"rm -f {place}\ndvc pull --force",
            )
