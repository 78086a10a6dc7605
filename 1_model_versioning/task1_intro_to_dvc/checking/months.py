"""Whether a version is the learner's own months of data; where it is not, what else it may be, and how to mend it."""

from __future__ import annotations

import posixpath

from checks import Unavailable, Workspace, expect
from checks.core.workspace import Form, Version
from checks.evidence.dvc.repository import Tracked
from checks.evidence.files import Kind

from .versions import (
    DATA,
    MONTHS,
    POINTER,
    described,
    holds,
    says,
    tag_name,
    tagged,
    tracked_at,
    versions,
    working_hash,
)

DELIVERY = "incoming/rentals-2025-02.csv"


def first_is_month_1(work: Workspace) -> None:
    """The first version that DVC tracked is month 1 of this learner."""
    found = versions(work)
    if not found:
        _explain_missing_pointer(work)
    if not holds(work, found[0].tracked, months=1):
        _explain(work, found[0], months=1, fix=_fix_first(work, found[0]))


def later_are_both_months(work: Workspace) -> None:
    """A later version is months 1 and 2."""
    first, *later = versions(work)
    if any(holds(work, version.tracked, months=2) for version in later):
        return
    if later:
        _explain(work, later[-1], months=2, fix=_fix_update(work, first))
    both = working_hash(work) == work.data(2)
    expect.fail(
        looked_at=f"the versions of {work.shown(first.tracked.pointer)} on {work.branch}",
        expected="a second version: months 1 and 2",
        found="one version, month 1"
        + ("; the file already holds both months, but no committed pointer says so" if both else ""),
        fix=_fix_update(work, first),
    )


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
    about = expect.Subject(f"the commits of {work.branch}", fix)
    about.fail(f"{POINTER}, the pointer that `dvc add` writes", found)


def _explain(work: Workspace, version: Version, *, months: int, fix: str) -> None:
    if version.tracked.md5 is None and work.form is Form.BRANCH:
        raise Unavailable("a branch carries neither cache nor remote, where a tracked folder's listing is")
    about = expect.Subject(f"{work.shown(version.tracked.pointer)} in commit {version.commit.short}", fix)
    expected = f"month{'s 1 and 2' if months == 2 else ' 1'} of {work.learner.id}: {described(work.data(months))}"
    about.fail(expected, says(version.tracked) + _guess(work, version.tracked.md5))


def _guess(work: Workspace, md5: str | None) -> str:
    """The data that this hash belongs to, where we can tell."""
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


def _fix_data(work: Workspace, months: int) -> str | None:
    """Have months 1 to `months` in the working file, where they are not: the course can lay them out at any time."""
    there, delivery = working_hash(work), work.path(DELIVERY)
    if there == work.data(months):
        return None
    again = there != work.data(1)
    own = months == 1 or (work.files.is_file(delivery) and work.files.hash(delivery) == work.month(2))
    return expect.commands(
        f"rm {DATA}" if again and work.files.kind(work.path(DATA)) is not Kind.MISSING else None,
        None if own or not work.files.is_file(delivery) else f"rm {DELIVERY}",
        "mlsd start 1.1" if again or not own else None,
        f"python append_month.py {DELIVERY}" if months == 2 else None,
    )


def _fix_add(work: Workspace) -> str:
    """Let DVC track the data. It refuses a file that Git tracks already."""
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
        _fix_data(work, 1),
        f"dvc add {_target(work, first.tracked)}",
        _fix_commit_first(work, work.shown(first.tracked.pointer)),
    )


def _fix_update(work: Workspace, first: Version) -> str:
    """Months 1 and 2 in the working file, from wherever it is now, and a commit of the pointer."""
    pointer, target = work.shown(first.tracked.pointer), _target(work, first.tracked)
    add = f'dvc add {target}\ngit add {pointer}\ngit commit -m "Add month 2 of the rentals"'
    return expect.commands(_fix_data(work, 2), add)


def fix_push(work: Workspace, name: str) -> str:
    """Push one version; where the cache lost it too, make it again first, as the learner's data can be."""
    output = tagged(work, name).tracked.output
    current = tracked_at(work, work.snapshot)
    pointer = work.shown(current.pointer) if current else POINTER
    faults = work.dvc.cache.faults(output)
    if not faults:
        if current and current.output == output:
            return "dvc push"
        return f"git restore --source {tag_name(work, name)} {pointer}\ndvc push\ngit restore {pointer}"
    damaged = [f"rm -f {work.shown(work.dvc.cache.folder)}/{fault.path}" for fault in faults if not fault.missing]
    return expect.commands(
        *damaged,
        _fix_data(work, MONTHS[name]),
        f"dvc add {_target(work, current) if current else DATA}\ndvc push\ngit restore {pointer}",
        "dvc checkout" if current and not work.dvc.cache.faults(current.output) else None,
    )


def _target(work: Workspace, tracked: Tracked) -> str:
    """The file, or the folder that holds it, that `dvc add` was given."""
    return work.shown(tracked.output.path)
