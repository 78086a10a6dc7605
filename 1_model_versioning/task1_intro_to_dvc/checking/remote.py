"""The DVC remote: it is the committed default, it holds every tagged version, and no secret of it is in a commit."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from checks import Failure, Unavailable, Workspace, expect
from checks.evidence.dvc.config import Config, parse_config
from checks.evidence.git.objects import Commit

from .months import fix_push
from .repository import edited
from .versions import MONTHS, tagged


def no_credentials(work: Workspace) -> None:
    """No commit of the branch holds a DVC configuration with a secret."""
    for commit, path, config in _configs(work):
        fix = _fix_credential(work, work.shown(path), commit)
        about = expect.Subject(f"{work.shown(path)} in commit {commit.short}", fix)
        found = ", ".join(config.credentials)
        about.that(not config.credentials, "no credential in any commit: whoever has a clone has it", found)


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


def _fix_credential(work: Workspace, config: str, commit: Commit) -> str:
    """Take the secret out of its commit. Which lines those are, and who must be told, a person knows."""
    last = commit.id == work.snapshot.commit.id
    again = f"(if that stops at a conflict: delete those lines again, git add {config}, git rebase --continue)"
    return expect.commands(
        "(first make that credential invalid where you got it: whoever has a clone knows it)",
        edited(work, commit, f"(delete the lines of the credential from {config})", f"git add {config}"),
        None if last else again,
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
        mend = expect.commands(_fix_default(work, path, config), commit)
        about = expect.Subject(f"{work.shown(path)} in the last commit", mend)
        about.fail("a default remote: [core] remote = storage", _no_default(work, path, config))
    if remote.scheme:
        raise Unavailable(f"the remote {remote.name} is at {remote.scheme}://, which is not looked at from here")
    fix = f"dvc remote modify {remote.name} url ../../.storage\n{commit}\ndvc push"
    about = expect.Subject(f'{work.shown(path)}: remote "{remote.name}" -> {remote.url}', fix)
    expected = "a folder of your clone, such as ../../.storage: it is handed in with your work"
    return about.some(work.remote_folder(), expected, "a folder outside your clone")


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


def holds_every_version(work: Workspace, folder: str) -> None:
    """The remote in a folder of the submission holds the content of every tagged version."""
    store = work.dvc.remote_store(folder)
    faults = {name: store.faults(tagged(work, name).tracked.output) for name in MONTHS}
    incomplete = [name for name in MONTHS if faults[name]]
    if not incomplete:
        return
    name = incomplete[0]
    first = faults[name][0]
    damaged = None if first.missing else f"rm -f {work.shown(folder)}/{first.path}"
    fix = expect.commands(damaged, fix_push(work, name))
    about = expect.Subject(f"the remote {work.shown(folder)}, for {name}", fix)
    about.fail(first.path, f"{first.found}; the remote holds {len(MONTHS) - len(incomplete)} of {len(MONTHS)} versions")
