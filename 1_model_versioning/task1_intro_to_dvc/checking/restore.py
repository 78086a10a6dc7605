"""Whether the data comes back: in the working file, from a sound cache, and by `dvc pull` in a fresh clone."""

from __future__ import annotations

import posixpath

from checks import Workspace, expect, limits
from checks.core.workspace import Script, Version
from checks.evidence.dvc.repository import Tracked
from checks.evidence.files import FileHash, Kind

from .months import fix_push
from .remote import default_remote
from .versions import DATA, MONTHS, described, tagged, tracked_at

# The file goes first, so that one that Git carried does not count as pulled. Two jobs: DVC starts four threads for
# each processor otherwise, and threads are counted. A link is never followed by whoever reads the results, so a file
# that DVC linked to its cache (`cache.type = symlink`) is put in the link's place.
_PULL = f"""rm -rf -- {DATA}
dvc pull -j 2 {DATA} || code=$?
if [ -L {DATA} ]; then cp --remove-destination -- "$(readlink -f -- {DATA})" {DATA}; fi
exit "${{code:-0}}"
"""


def working_file(work: Workspace) -> None:
    """The working file is what the branch's pointer names."""
    tracked, path = tracked_at(work, work.snapshot), work.path(DATA)
    if tracked is None:
        fix = f'dvc add {DATA}\ngit add {DATA}.dvc\ngit commit -m "Track {DATA} again"'
        about = expect.Subject(f"the pointers in the last commit of {work.branch}", fix)
        about.fail(f"one that names {DATA}", "none: a later commit took it away")
    size = "" if tracked.size is None else f", {tracked.size:,} bytes"
    named = f"md5 {tracked.md5}{size}, as {work.shown(tracked.pointer)} on {work.branch} says"
    kind = work.files.kind(path)
    if kind is not Kind.FILE:
        mend = expect.commands(None if kind is Kind.MISSING else f"rm {DATA}", _fix_working(work, tracked))
        about = expect.Subject(DATA, mend)
        about.fail(named, "no such file" if kind is Kind.MISSING else str(kind))
    known = {work.data(months): name for name, months in MONTHS.items()}
    there = work.files.size(path)
    found = (
        work.files.hash(path) if there in (tracked.size, *(one.size for one in known)) or tracked.size is None else None
    )
    if found and found.md5 == tracked.md5:
        return
    version = known.get(found) if found else None
    expect.fail(
        looked_at=DATA,
        expected=named,
        found=(described(found) if found else f"{there:,} bytes")
        + (f", the version {version}" if version else ", changed since it was added"),
        fix=expect.commands(
            None if version else f"(copy {DATA} first, if you need your changes)", _fix_working(work, tracked)
        ),
    )


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


def sound_cache(work: Workspace) -> None:
    """What the cache holds of the tagged versions has the content that its name says.

    A damaged object would be the next checkout's wrong data, without a word from DVC. A missing one is fine.
    """
    cache = work.dvc.cache
    for name in MONTHS:
        output = tagged(work, name).tracked.output
        for fault in cache.faults(output) if cache.holds(output.md5, output.legacy) else ():
            place = f"{work.shown(cache.folder)}/{fault.path}"
            about = expect.Subject(f"{place}, the cached data of {name}", f"rm -f {place}\ndvc pull --force")
            expected = f"content whose hash is its name, {''.join(fault.path.split('/')[-2:])}"
            about.that(fault.missing, expected, fault.found)


def every_version_comes_back(work: Workspace) -> None:
    """`dvc pull` in a fresh clone at each tag gives this learner's data. Raises what `Workspace.made` raises."""
    for name, months in MONTHS.items():
        found = pulled(work, tagged(work, name))
        about = expect.Subject(
            f"{DATA} after `dvc pull` in a fresh clone at {name}", lambda name=name: fix_push(work, name)
        )
        about.that(found == work.data(months), described(work.data(months)), described(found))


def pulled(work: Workspace, version: Version) -> FileHash:
    """The hash of the data after `dvc pull` in a fresh clone of a version's commit.

    Of the submission's remote, the version's objects alone are laid into the clone. The DVC configuration is that of
    the branch: a version that was tagged before the remote was added can be pulled by everybody who has the branch.
    Raises Failure where the file does not come back.
    """
    remote, tracked = default_remote(work), version.tracked
    store = work.dvc.remote_store(remote)
    objects = [store.path(md5, tracked.output.legacy) for md5 in {tracked.output.md5, tracked.md5} if md5]
    files = {f"{remote}/{path}": work.files.read(f"{remote}/{path}", limits.HASHED_BYTES) for path in objects}
    config = posixpath.join(work.dvc.root(work.snapshot) or "", ".dvc/config")
    files[config] = work.snapshot.read(config) or b""
    laid = {work.shown(path): content for path, content in sorted(files.items())}
    made = work.rebuilt(Script(_PULL, at=version.commit, files=laid, results=(DATA,)))
    path = made.work.path(DATA)
    about = expect.Subject(f"`dvc pull` in a fresh clone of commit {version.commit.short}", "dvc push")
    about.that(made.work.files.is_file(path), DATA, f"no such file; DVC said:\n{made.output}")
    return made.work.files.hash(path)
