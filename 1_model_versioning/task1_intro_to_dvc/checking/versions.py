"""The versions of the rentals: which commits name month 1, and months 1 and 2, of this learner, and which tags mark them."""

from __future__ import annotations

from checks import Failure, Workspace, expect
from checks.core.workspace import Version
from checks.evidence.dvc.repository import Tracked
from checks.evidence.files import FileHash
from checks.evidence.git.snapshot import Snapshot

DATA = "data/rentals.csv"
POINTER = "data/rentals.csv.dvc"
MONTHS = {"data-v1.0.0": 1, "data-v1.1.0": 2}
"""Each tag, and how many months of data it marks."""


def versions(work: Workspace) -> tuple[Version, ...]:
    """The versions of the data on the branch. A malformed pointer fails with the commands that mend it."""
    try:
        return work.versions(DATA)
    except Failure as failure:
        if failure.looked_at not in work.dvc.pointers(work.snapshot):
            raise
        pointer = work.shown(failure.looked_at)
        add = f'dvc add {pointer.removesuffix(".dvc")}\ngit add {pointer}\ngit commit -m "Mend the pointer"'
        raise failure.mended_by(f"rm {pointer}\n{add}", looked_at=pointer) from None


def tracked_at(work: Workspace, snapshot: Snapshot) -> Tracked | None:
    """The version that a commit's pointer names; a tracked folder's listing may be in the cache or in the remote."""
    return work.dvc.tracked(snapshot, work.path(DATA), work.stores)


def holds(work: Workspace, tracked: Tracked, *, months: int) -> bool:
    """Whether a pointer names this learner's own months 1 to `months`."""
    wanted = work.data(months)
    return tracked.md5 == wanted.md5 and tracked.size in (wanted.size, None)


def described(version: FileHash) -> str:
    """A version's hash and size in bytes, for a message."""
    return f"md5 {version.md5}, {version.size:,} bytes"


def says(tracked: Tracked | None) -> str:
    """The hash and size that a pointer names, for a message."""
    if tracked is None:
        return "nothing"
    return f"md5 {tracked.md5 or 'unknown'}" + ("" if tracked.size is None else f", {tracked.size:,} bytes")


def working_hash(work: Workspace) -> FileHash | None:
    """The hash of the working file; None where there is none, or where its size is not one of the versions'."""
    path = work.path(DATA)
    known = {work.data(months).size for months in MONTHS.values()}
    return work.files.hash(path) if work.files.is_file(path) and work.files.size(path) in known else None


def tagged(work: Workspace, name: str) -> Version:
    """The version that a tag marks. Raises Failure where there is no such tag, or where it marks something else."""
    months, tags = MONTHS[name], _tags(work, name)
    version = next((version for version in versions(work) if holds(work, version.tracked, months=months)), None)
    at = version.commit.short if version else "COMMIT"
    if not tags:
        others = sorted(work.git.tags)
        there = name in work.git.references.below("refs/tags/")
        found = f"{name}, which marks no commit" if there else f"only {', '.join(others[:5])}" if others else "no tag"
        about = expect.Subject("the tags of the repository", f"git tag {'--force ' if there else ''}{name} {at}")
        about.fail(f"the tag {name}", found)
    found = ""
    for tag, target in tags.items():
        commit = work.git.commit(target)
        if target not in work.git.reachable:
            found = f"{tag} is at {commit.short}, which is not on {work.branch}"
            continue
        tracked = tracked_at(work, work.git.at(commit))
        if tracked is not None and holds(work, tracked, months=months):
            return Version(commit, tracked)
        found = f"{tag} is at {commit.short}, where the pointer says {says(tracked)}"
    about = expect.Subject(f"the tag {name}", f"git tag --force {next(iter(tags))} {at}")
    about.fail(f"a commit of the branch whose pointer says {described(work.data(months))}", found)


def tag_name(work: Workspace, name: str) -> str:
    """The tag of this name as the learner wrote it, prefix and all, at the commit that counts."""
    commit = tagged(work, name).commit.id
    return next(tag for tag, target in _tags(work, name).items() if target == commit)


def _tags(work: Workspace, name: str) -> dict[str, str]:
    """The tags of this name, and the commit of each. Any prefix that ends in `/` may stand before the name."""
    return {tag: commit for tag, commit in work.git.tags.items() if tag == name or tag.endswith(f"/{name}")}
