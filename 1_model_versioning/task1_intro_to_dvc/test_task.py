"""Task 1.1: does the state that Git and DVC left behind show that the data is versioned, shared and restorable?"""

import posixpath
from dataclasses import replace

from checks import Failure, Unavailable, Workspace, expect, step
from checks.assertions import dvc
from checks.core.workspace import Form, Version
from checks.evidence.dvc.repository import Tracked
from checks.evidence.files import FileHash, Kind
from checks.evidence.git.commit import Commit
from checks.evidence.git.snapshot import Snapshot

DATA = "data/rentals.csv"
POINTER = "data/rentals.csv.dvc"
DELIVERY = "incoming/rentals-2025-02.csv"
VERSIONS = {"data-v1.0.0": 1, "data-v1.1.0": 2}  # tag -> months of data that it marks


@step("init")
def test_init(work: Workspace) -> None:
    """`.dvc/config` is committed, and Git ignores the cache and temporary files."""
    _ = work.learner  # without an id there is no data to version: `mlsd start` comes before everything
    dvc.repository_committed(work)


@step("track")
def test_track(work: Workspace) -> None:
    """The first version that DVC tracked is month 1 of this learner, and Git holds only its pointer."""
    versions = _versions(work)
    if not versions:
        _explain_missing_pointer(work)
    first = versions[0]
    if not _holds(work, first.tracked, months=1):
        _explain_data(work, first, months=1, fix=_fix_first(work, first))
    dvc.ignored_by_git(work, versions[-1].tracked.output.path, example=work.path(DATA))
    commit = next((commit for commit, there in work.git.changes(work.path(DATA)) if there), None)
    if commit:
        expect.fail(
            looked_at=f"commit {commit.short} ({commit.subject[:60]})",
            expected=f"the pointer {POINTER}, and not the data",
            found=f"{DATA} itself, committed to Git",
            fix=_fix_data_in_git(work, commit),
        )


@step("update")
def test_update(work: Workspace) -> None:
    """A later commit's pointer is months 1 and 2, and month 1 is still in the history."""
    first, *later = _versions(work)
    if any(_holds(work, version.tracked, months=2) for version in later):
        return
    if later:
        _explain_data(work, later[-1], months=2, fix=_fix_update(work, first))
    both = _working_hash(work) == work.data(2)
    expect.fail(
        looked_at=f"the versions of {work.shown(first.tracked.pointer)} on {work.branch}",
        expected="a second version: months 1 and 2",
        found="one version, month 1"
        + ("; the file already holds both months, but no committed pointer says so" if both else ""),
        fix=_fix_update(work, first),
    )


@step("tag")
def test_tag(work: Workspace) -> None:
    """Each version's tag is on the branch, at a commit that holds this version."""
    for name, months in VERSIONS.items():
        _tagged(work, name, months)


@step("remote")
def test_remote(work: Workspace) -> None:
    """The committed configuration names a default remote, no secret, and the remote holds every tagged version."""
    dvc.no_credentials(work)
    folder = dvc.default_remote(work)
    if work.form is Form.BRANCH:
        raise Unavailable("a branch does not carry the DVC remote: hand in the clone")
    store = work.dvc.remote_store(folder)
    faults = {name: store.faults(_tagged(work, name, months).tracked.output) for name, months in VERSIONS.items()}
    incomplete = [name for name in VERSIONS if faults[name]]
    if incomplete:
        name = incomplete[0]
        first = faults[name][0]
        expect.fail(
            looked_at=f"the remote {work.shown(folder)}, for {name}",
            expected=first.path,
            found=f"{first.found}; the remote holds {len(VERSIONS) - len(incomplete)} of {len(VERSIONS)} versions",
            fix=expect.commands(
                None if first.missing else f"rm -f {work.shown(folder)}/{first.path}", _fix_push(work, name)
            ),
        )


@step("restore")
def test_restore(work: Workspace) -> None:
    """The working file is what its pointer says, and every version comes back from the remote."""
    if work.form is Form.BRANCH:
        raise Unavailable("a branch carries no working files: hand in the clone")
    tagged = {name: _tagged(work, name, months) for name, months in VERSIONS.items()}
    known = {name: work.data(months) for name, months in VERSIONS.items()}
    dvc.working_file(work, DATA, _tracked(work, work.snapshot), known)
    dvc.sound_cache(work, {name: version.tracked.output for name, version in tagged.items()})
    if work.rebuild is None:
        return
    for name, months in VERSIONS.items():
        version = tagged[name]
        found = work.rebuild.dvc_pull(work, version.commit, version.tracked, dvc.default_remote(work), DATA)
        expect.that(
            found == work.data(months),
            looked_at=f"{DATA} after `dvc pull` in a fresh clone at {name}",
            expected=_described(work.data(months)),
            found=_described(found),
            fix=_fix_push(work, name),
        )


def _described(version: FileHash) -> str:
    return f"md5 {version.md5}, {version.size:,} bytes"


def _working_hash(work: Workspace) -> FileHash | None:
    """The hash of the working file; None where there is none, or where its size is not one of the versions'."""
    path = work.path(DATA)
    if not work.files.is_file(path):
        return None
    size = work.files.size(path)
    known = {work.data(months).size for months in VERSIONS.values()}
    return work.files.hash(path) if size in known else None


def _versions(work: Workspace) -> tuple[Version, ...]:
    """The versions of the data on the branch. A malformed pointer fails with the commands that mend it."""
    try:
        return work.versions(DATA)
    except Failure as failure:
        if failure.looked_at not in work.dvc.pointers(work.snapshot):
            raise
        pointer = work.shown(failure.looked_at)
        add = f'dvc add {pointer.removesuffix(".dvc")}\ngit add {pointer}\ngit commit -m "Mend the pointer"'
        raise replace(failure, looked_at=pointer, fix=f"rm {pointer}\n{add}") from None


def _tracked(work: Workspace, snapshot: Snapshot) -> Tracked | None:
    """What a commit's pointer says; a tracked folder's listing may be in the cache or in the remote."""
    folder = work.remote_folder()
    stores = [work.dvc.remote_store(folder)] if folder else []
    return work.dvc.tracked(snapshot, work.path(DATA), stores)


def _holds(work: Workspace, tracked: Tracked, *, months: int) -> bool:
    """Whether a pointer names this learner's own months 1 to `months`."""
    wanted = work.data(months)
    return tracked.md5 == wanted.md5 and tracked.size in (wanted.size, None)


def _says(tracked: Tracked | None) -> str:
    """What a pointer says of the data."""
    if tracked is None:
        return "nothing"
    return f"md5 {tracked.md5 or 'unknown'}" + ("" if tracked.size is None else f", {tracked.size:,} bytes")


def _explain_missing_pointer(work: Workspace) -> None:
    names = (POINTER, "data.dvc")
    near = [work.shown(path) for path in work.dvc.pointers(work.snapshot)]
    strange = next((name for name in names if name not in near and work.snapshot.id(work.path(name))), None)
    uncommitted = next((name for name in names if work.files.is_file(work.path(name))), None)
    found, fix = "no pointer to it in any commit", _fix_add(work)
    if strange:
        found = f"{strange} is committed, and is a link or a folder"
        fix = f"git rm -r --cached {strange}\nrm -r {strange}\n{fix}"
    elif uncommitted and uncommitted not in near:
        found, fix = "the pointer is there, but not committed", _fix_commit_first(work, uncommitted)
    elif near:
        found = f"pointers to something else: {', '.join(near[:5])}"
    expect.fail(
        looked_at=f"the commits of {work.branch}",
        expected=f"{POINTER}, the pointer that `dvc add` writes",
        found=found,
        fix=fix,
    )


def _explain_data(work: Workspace, version: Version, *, months: int, fix: str) -> None:
    """The version is not this learner's own data; what else it may be is named where we can tell."""
    if version.tracked.md5 is None and work.form is Form.BRANCH:
        raise Unavailable("a branch carries neither cache nor remote, where a tracked folder's listing is")
    expect.fail(
        looked_at=f"{work.shown(version.tracked.pointer)} in commit {version.commit.short}",
        expected=f"month{'s 1 and 2' if months == 2 else ' 1'} of {work.learner.id}: {_described(work.data(months))}",
        found=_says(version.tracked) + _guess(work, version.tracked.md5),
        fix=fix,
    )


def _guess(work: Workspace, md5: str | None) -> str:
    if md5 is None:
        return ": the folder's listing is neither in the cache nor in the remote"
    for text, version in {
        ": this is month 1 alone": work.data(1),
        ": these are months 1 and 2": work.data(2),
        ": this is month 2 without month 1": work.month(2),
        ": this is month 1, saved by a program that writes Windows line ends": work.data(1, line_end=b"\r\n"),
        ": these are months 1 and 2, saved with Windows line ends": work.data(2, line_end=b"\r\n"),
    }.items():
        if version.md5 == md5:
            return text
    return ": this is neither month 1 nor months 1 and 2 of your data"


def _target(work: Workspace, tracked: Tracked) -> str:
    """What `dvc add` was given: the file, or a folder that holds it."""
    return work.shown(tracked.output.path)


def _fix_month_1(work: Workspace) -> str | None:
    """Have month 1 in the working file, where it is not: it can be made again at any time."""
    if _working_hash(work) == work.data(1):
        return None
    return expect.commands(None if work.files.kind(work.path(DATA)) is Kind.MISSING else f"rm {DATA}", "mlsd start 1.1")


def _fix_append(work: Workspace) -> str:
    """Append month 2 to the working file, with a delivery that is this learner's own."""
    delivery = work.path(DELIVERY)
    if not work.files.is_file(delivery):
        again = "mlsd start 1.1"
    elif work.files.hash(delivery) != work.month(2):
        again = f"rm {DELIVERY}\nmlsd start 1.1"
    else:
        again = None
    return expect.commands(again, f"python append_month.py {DELIVERY}")


def _fix_add(work: Workspace) -> str:
    """Let DVC track the data. It refuses what Git tracks already."""
    in_git = work.snapshot.id(work.path(DATA)) is not None
    return expect.commands(
        None if work.files.is_file(work.path(DATA)) else "mlsd start 1.1",
        f'git rm --cached {DATA}\ngit commit -m "Stop tracking the data with Git"' if in_git else None,
        f"dvc add {DATA}",
    )


def _fix_commit_first(work: Workspace, pointer: str) -> str:
    """Commit the first version, as in step 2."""
    ignore = posixpath.join(posixpath.dirname(pointer), ".gitignore")
    me = work.shown("learner.toml")
    return f'git add {pointer} {ignore} {me}\ngit commit -m "Track month 1 of the rentals"'


def _fix_first(work: Workspace, first: Version) -> str:
    """Back to before the wrong version was tracked: a later commit can't make the first version another one."""
    return expect.commands(
        f"git reset {first.commit.short}~1",
        _fix_month_1(work),
        f"dvc add {_target(work, first.tracked)}",
        _fix_commit_first(work, work.shown(first.tracked.pointer)),
    )


def _fix_update(work: Workspace, first: Version) -> str:
    """Months 1 and 2 in the working file, from wherever it is now, and a commit of the pointer."""
    pointer, target = work.shown(first.tracked.pointer), _target(work, first.tracked)
    working = _working_hash(work)
    append = None if working == work.data(2) else _fix_append(work)
    back = None
    if append and working != work.data(1):
        cached = not work.dvc.cache.faults(first.tracked.output)
        checkout = f"git restore --source {first.commit.short} {pointer}\ndvc checkout --force"
        back = checkout if cached else _fix_month_1(work)
    return expect.commands(
        back, append, f'dvc add {target}\ngit add {pointer}\ngit commit -m "Add month 2 of the rentals"'
    )


def _fix_push(work: Workspace, name: str) -> str:
    """Push one version; where the cache lost it too, make it again first, as the learner's data can be."""
    months = VERSIONS[name]
    output = _tagged(work, name, months).tracked.output
    current = _tracked(work, work.snapshot)
    pointer = work.shown(current.pointer) if current else POINTER
    faults = work.dvc.cache.faults(output)
    if not faults:
        if current and current.output == output:
            return "dvc push"
        return f"git restore --source {_tag_name(work, name)} {pointer}\ndvc push\ngit restore {pointer}"
    damaged = [f"rm -f {work.shown(work.dvc.cache.folder)}/{fault.path}" for fault in faults if not fault.missing]
    made = months == 2 and _working_hash(work) == work.data(2)
    return expect.commands(
        *damaged,
        None if made else _fix_month_1(work),
        _fix_append(work) if months == 2 and not made else None,
        f"dvc add {_target(work, current) if current else DATA}\ndvc push\ngit restore {pointer}",
        "dvc checkout" if current and not work.dvc.cache.faults(current.output) else None,
    )


def _fix_data_in_git(work: Workspace, commit: Commit) -> str:
    if commit.id == work.snapshot.commit.id:
        return f"git rm --cached {DATA}\ngit commit --amend --allow-empty --no-edit"
    return expect.commands(
        None if work.files.kind(work.path(DATA)) is Kind.MISSING else f"rm {DATA}",  # Git would not overwrite it
        f"git rebase --interactive --empty=drop {commit.short}~1",
        f"(in the list that opens, put `edit` in place of `pick` before {commit.short}, and save)",
        f"git rm --cached {DATA}\ngit commit --amend --allow-empty --no-edit\ngit rebase --continue",
    )


def _tags(work: Workspace, name: str) -> dict[str, str]:
    """The tags of this name, and the commit of each. Any prefix that ends in `/` may stand before the name."""
    return {tag: commit for tag, commit in work.git.tags.items() if tag == name or tag.endswith(f"/{name}")}


def _tag_name(work: Workspace, name: str) -> str:
    """The tag of this name as the learner wrote it, prefix and all, at the commit that counts."""
    commit = _tagged(work, name, VERSIONS[name]).commit.id
    return next(tag for tag, target in _tags(work, name).items() if target == commit)


def _tagged(work: Workspace, name: str, months: int) -> Version:
    """The version that a tag marks."""
    tags = _tags(work, name)
    version = next((v for v in _versions(work) if _holds(work, v.tracked, months=months)), None)
    at = version.commit.short if version else "COMMIT"
    if not tags:
        others = sorted(work.git.tags)
        there = name in work.git.references.below("refs/tags/")
        found = f"{name}, which marks no commit" if there else f"only {', '.join(others[:5])}" if others else "no tag"
        expect.fail(
            looked_at="the tags of the repository",
            expected=f"the tag {name}",
            found=found,
            fix=f"git tag {'--force ' if there else ''}{name} {at}",
        )
    found = ""
    for tag, target in tags.items():
        commit = work.git.commit(target)
        if target not in work.git.reachable:
            found = f"{tag} is at {commit.short}, which is not on {work.branch}"
            continue
        tracked = _tracked(work, work.git.at(commit))
        if tracked is not None and _holds(work, tracked, months=months):
            return Version(commit, tracked)
        found = f"{tag} is at {commit.short}, where the pointer says {_says(tracked)}"
    expect.fail(
        looked_at=f"the tag {name}",
        expected=f"a commit of the branch whose pointer says {_described(work.data(months))}",
        found=found,
        fix=f"git tag --force {next(iter(tags))} {at}",
    )
