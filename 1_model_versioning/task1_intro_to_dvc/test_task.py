"""Task 1.1: does the state that Git and DVC left behind show that the data is versioned, shared and restorable?"""

import posixpath

from checks import Unavailable, Workspace, expect, step
from checks.evidence.files import FileHash, Kind
from checks.workspace import Form, Version

DATA = "data/rentals.csv"
POINTER = "data/rentals.csv.dvc"
VERSIONS = {"data-v1.0.0": 1, "data-v1.1.0": 2}  # tag -> months of data that it marks


@step("init")
def test_init(work: Workspace) -> None:
    """`.dvc/config` is committed, and Git ignores the cache and temporary files."""
    _ = work.learner  # without an id there is no data to version: `mlsd start` comes before everything
    root = work.dvc.root(work.snapshot)
    if root is None:
        there = work.dvc.working_root is not None
        expect.fail(
            looked_at=f".dvc/config in the last commit of {_branch(work)}",
            expected="the configuration of a DVC repository",
            found=".dvc is there, but not committed" if there else "no .dvc folder",
            fix='git add .dvc .dvcignore\ngit commit -m "Initialise DVC"' if there else "dvc init --subdir",
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
        expect.that(
            work.snapshot.ignores(f"{path}/any"),
            looked_at=f"the committed .gitignore files, {work.shown(posixpath.join(root, '.dvc/.gitignore'))} first",
            expected=f"a line that makes Git ignore {work.shown(path)}",
            found="none",
            fix="dvc init --subdir --force\ngit add .dvc/.gitignore\ngit commit",
        )


@step("track")
def test_track(work: Workspace) -> None:
    """The first version that DVC tracked is month 1 of this learner, and Git holds only its pointer."""
    versions = work.versions(DATA)
    if not versions:
        _explain_missing_pointer(work)
    first = versions[0]
    _expect_data(work, first, months=1, fix=_fix_first(work, first))
    expect.that(
        work.snapshot.ignores(work.path(DATA)),
        looked_at="the committed .gitignore files",
        expected=f"a line that makes Git ignore {DATA}",
        found="none: the next `git add .` would put the data into Git",
        fix='git add data/.gitignore\ngit commit -m "Ignore the data"',
    )
    for commit in work.git.history:
        expect.that(
            work.git.at(commit).id(work.path(DATA)) is None,
            looked_at=f"commit {commit.short} ({commit.subject[:60]})",
            expected=f"the pointer {POINTER}, and not the data",
            found=f"{DATA} itself, committed to Git",
            fix=_fix_data_in_git(work, commit.id),
        )


@step("update")
def test_update(work: Workspace) -> None:
    """A later commit's pointer is months 1 and 2, and month 1 is still in the history."""
    first, *later = work.versions(DATA)
    wanted = work.data(2)
    if any(version.tracked.md5 == wanted.md5 for version in later):
        return
    if later:
        _expect_data(work, later[-1], months=2, fix=_fix_update(first))
    working = _working_hash(work)
    expect.fail(
        looked_at=f"the versions of {POINTER} on {_branch(work)}",
        expected="a second version: months 1 and 2",
        found="one version, month 1"
        + ("; the file already holds both months, but no committed pointer says so" if working == wanted else ""),
        fix=f'dvc add {DATA}\ngit add {POINTER}\ngit commit -m "Add month 2 of the rentals"'
        if working == wanted
        else "python append_month.py incoming/rentals-2025-02.csv",
    )


@step("tag")
def test_tag(work: Workspace) -> None:
    """Each version's tag is on the branch, at a commit that holds this version."""
    for name, months in VERSIONS.items():
        _tagged(work, name, months)


@step("remote")
def test_remote(work: Workspace) -> None:
    """The committed configuration names a default remote, no secret, and the remote holds every tagged version."""
    _expect_no_credentials(work)
    folder = _remote_folder(work)
    if work.form is Form.BRANCH:
        raise Unavailable("a branch does not carry the DVC remote: hand in the clone, or check with --rebuild")
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
            fix=_fix_push(work, name)
            if first.missing
            else f"rm {work.shown(folder)}/{first.path}\n{_fix_push(work, name)}",
        )


@step("restore")
def test_restore(work: Workspace) -> None:
    """The working file is what its pointer says, and every version comes back from the remote."""
    if work.form is Form.BRANCH and work.rebuild is None:
        raise Unavailable("a branch carries no working files: hand in the clone, or check with --rebuild")
    tagged = {name: _tagged(work, name, months) for name, months in VERSIONS.items()}
    if work.form is not Form.BRANCH:
        _expect_working_file(work)
        _expect_sound_cache(work, tagged)
    if work.rebuild is None:
        return
    for name, months in VERSIONS.items():
        version = tagged[name]
        found = work.rebuild.dvc_pull(work, version.commit, version.tracked, _remote_folder(work), DATA)
        expect.that(
            found == work.data(months),
            looked_at=f"{DATA} after `dvc pull` in a fresh clone at {name}",
            expected=_described(work.data(months)),
            found=_described(found),
            fix=_fix_push(work, name),
        )


def _branch(work: Workspace) -> str:
    return work.git.branch.removeprefix("refs/heads/").removeprefix("refs/remotes/")


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


def _explain_missing_pointer(work: Workspace) -> None:
    near = [work.shown(path) for path in work.dvc.pointers(work.snapshot)]
    uncommitted = work.files.is_file(work.path(POINTER)) or work.files.is_file(work.path("data.dvc"))
    found = "no pointer to it in any commit"
    if near:
        found = f"pointers to something else: {', '.join(near[:5])}"
    elif uncommitted:
        found = "the pointer is there, but not committed"
    commit = f'git add {POINTER} data/.gitignore ../../learner.toml\ngit commit -m "Track month 1 of the rentals"'
    expect.fail(
        looked_at=f"the commits of {_branch(work)}",
        expected=f"{POINTER}, the pointer that `dvc add` writes",
        found=found,
        fix=commit if uncommitted else f"dvc add {DATA}",
    )


def _expect_data(work: Workspace, version: Version, *, months: int, fix: str) -> None:
    """The version is this learner's own data; what else it may be is named where we can tell."""
    wanted, tracked = work.data(months), version.tracked
    if tracked.md5 == wanted.md5 and tracked.size in (wanted.size, None):
        return
    size = "" if tracked.size is None else f", {tracked.size:,} bytes"
    expect.fail(
        looked_at=f"{work.shown(tracked.pointer)} in commit {version.commit.short}",
        expected=f"month{'s 1 and 2' if months == 2 else ' 1'} of {work.learner.id}: {_described(wanted)}",
        found=f"md5 {tracked.md5 or 'unknown'}{size}" + _guess(work, tracked.md5),
        fix=fix,
    )


def _guess(work: Workspace, md5: str | None) -> str:
    if md5 is None:
        return ": the folder's listing is neither in the cache nor in the remote"
    for text, version in {
        ": this is month 1 alone": work.data(1),
        ": these are months 1 and 2": work.data(2),
        ": this is month 2 without month 1": work.month(2),
    }.items():
        if version.md5 == md5:
            return text
    return ": this is neither month 1 nor months 1 and 2 of your data"


def _fix_first(work: Workspace, first: Version) -> str:
    """Back to before the wrong version was tracked: a later commit can't make the first version another one."""
    again = f"rm {DATA}\nmlsd start 1.1\n" if _working_hash(work) != work.data(1) else ""
    return f"git reset {first.commit.short}~1\n{again}dvc add {DATA}\n(then commit, as in step 2)"


def _fix_update(first: Version) -> str:
    """Month 1 again, as it was tracked, and month 2 behind it."""
    return (
        f"git restore --source {first.commit.short} {POINTER}\ndvc checkout --force\n"
        f"python append_month.py incoming/rentals-2025-02.csv\ndvc add {DATA}\n(then commit, as in step 3)"
    )


def _fix_push(work: Workspace, tag: str) -> str:
    """Push one version; where the cache lost it too, make it again first, as the learner's data can be."""
    output = _tagged(work, tag, VERSIONS[tag]).tracked.output
    if work.dvc.cache.fault(output.md5, output.legacy) is None:
        restore = f"git restore --source {tag} {POINTER}"
        return f"{restore}\ndvc push\ngit restore {POINTER}"
    append = "python append_month.py incoming/rentals-2025-02.csv\n" if VERSIONS[tag] > 1 else ""
    return f"rm -f {DATA}\nmlsd start 1.1\n{append}dvc add {DATA}\ndvc push\ngit restore {POINTER}\ndvc checkout"


def _fix_data_in_git(work: Workspace, commit: str) -> str:
    if commit == work.snapshot.commit.id:
        return f"git rm --cached {DATA}\ngit commit --amend --no-edit"
    return f"git rebase --interactive {commit[:7]}~1\n(mark {commit[:7]} as `edit`, then: git rm --cached {DATA})"


def _tagged(work: Workspace, name: str, months: int) -> Version:
    """The version that a tag marks. Any prefix that ends in `/` may stand before its name."""
    tags = {tag: commit for tag, commit in work.git.tags.items() if tag == name or tag.endswith(f"/{name}")}
    version = next((v for v in work.versions(DATA) if v.tracked.md5 == work.data(months).md5), None)
    at = version.commit.short if version else "COMMIT"
    if not tags:
        others = sorted(work.git.tags)
        expect.fail(
            looked_at="the tags of the repository",
            expected=f"the tag {name}",
            found=f"only {', '.join(others[:5])}" if others else "no tag",
            fix=f"git tag {name} {at}",
        )
    found = ""
    for tag, target in tags.items():
        commit = work.git.commit(target)
        tracked = work.dvc.tracked(work.git.at(commit), work.path(DATA))
        if target not in work.git.reachable:
            found = f"{tag} is at {commit.short}, which is not on {_branch(work)}"
        elif tracked is None or tracked.md5 != work.data(months).md5:
            found = f"{tag} is at {commit.short}, where the pointer says md5 {tracked.md5 if tracked else 'nothing'}"
        else:
            return Version(commit, tracked)
    expect.fail(
        looked_at=f"the tag {name}",
        expected=f"a commit of the branch whose pointer says md5 {work.data(months).md5}",
        found=found,
        fix=f"git tag --force {next(iter(tags))} {at}",
    )


def _expect_no_credentials(work: Workspace) -> None:
    seen: set[str] = set()
    for commit in work.git.history:
        for path, blob, config in work.dvc.configs(work.git.at(commit)):
            if blob not in seen and config.credentials:
                expect.fail(
                    looked_at=f"{work.shown(path)} in commit {commit.short}",
                    expected="no credential in any commit: whoever has a clone has it",
                    found=", ".join(config.credentials),
                    fix="change that credential at the provider, it is known now\n"
                    f"git rebase --interactive {commit.short}~1\n"
                    "(take it out of the commit; from now on: dvc remote modify --local)",
                )
            seen.add(blob)


def _remote_folder(work: Workspace) -> str:
    """The folder that is the default remote. A remote elsewhere can't be judged, or can't be handed in."""
    config = work.dvc.config(work.snapshot)
    remote = config.default if config else None
    if config is None or remote is None:
        names = ", ".join(config.remotes) if config else ""
        expect.fail(
            looked_at=".dvc/config in the last commit",
            expected="a default remote: [core] remote = storage",
            found=f"remotes without a default: {names}" if names else "no remote (one in config.local stays with you)",
            fix=f"dvc remote default {next(iter(config.remotes))}"  # type: ignore[union-attr]
            if names
            else 'dvc remote add --default storage ../../.storage\ngit add .dvc/config\ngit commit -m "Add a remote"',
        )
    if remote.scheme:
        raise Unavailable(f"the remote {remote.name} is at {remote.scheme}://, which is not looked at from here")
    folder = work.remote_folder()
    return expect.some(
        folder,
        looked_at=f'.dvc/config: remote "{remote.name}" -> {remote.url}',
        expected="a folder of your clone, such as ../../.storage: it is handed in with your work",
        found="a folder outside your clone",
        fix=f'dvc remote modify {remote.name} url ../../.storage\ngit commit --all --message "Move the storage"\ndvc push',
    )


def _expect_working_file(work: Workspace) -> None:
    path = work.path(DATA)
    tracked = work.dvc.tracked(work.snapshot, path)
    kind = work.files.kind(path)
    if kind is not Kind.FILE or tracked is None:
        expect.fail(
            looked_at=DATA,
            expected="the bytes that its pointer names",
            found="no such file" if kind is Kind.MISSING else str(kind),
            fix="dvc pull",
        )
    size = work.files.size(path)
    found = work.files.hash(path) if tracked.size in (size, None) else None
    if found and found.md5 == tracked.md5:
        return
    version = next((name for name, months in VERSIONS.items() if _working_hash(work) == work.data(months)), None)
    expect.fail(
        looked_at=DATA,
        expected=f"md5 {tracked.md5}, as {work.shown(tracked.pointer)} on {_branch(work)} says",
        found=f"{size:,} bytes" + (f", the version {version}" if version else ", changed since it was added"),
        fix=f"git switch {_branch(work)}\ndvc checkout --force",
    )


def _expect_sound_cache(work: Workspace, tagged: dict[str, Version]) -> None:
    """A damaged object in the cache would be the next checkout's wrong data, without a word from DVC."""
    for name, version in tagged.items():
        output = version.tracked.output
        if not work.dvc.cache.holds(output.md5, output.legacy):
            continue
        for fault in work.dvc.cache.faults(output):
            expect.that(
                fault.missing,
                looked_at=f"{work.shown(work.dvc.cache.folder)}/{fault.path}, the cached data of {name}",
                expected="content whose hash is its name",
                found=fault.found,
                fix=f"delete {work.shown(work.dvc.cache.folder)}/{fault.path}\ndvc pull --force",
            )
