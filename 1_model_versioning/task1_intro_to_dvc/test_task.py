"""Task 1.1: does the state that Git and DVC left behind show that the data is versioned, shared and restorable?"""

from checks import Unavailable, Workspace, step
from checks.core.workspace import Form

from .checking import months, remote, repository, restore, versions


@step("init")
def test_init(work: Workspace) -> None:
    """`.dvc/config` is committed, and Git ignores the cache and temporary files."""
    _ = work.learner  # without an id there is no data to version: `mlsd start` comes before everything
    repository.configuration_committed(work)


@step("track")
def test_track(work: Workspace) -> None:
    """The first version that DVC tracked is month 1 of this learner, and Git holds only its pointer."""
    months.first_is_month_1(work)
    repository.data_ignored(work)
    repository.data_not_in_git(work)


@step("update")
def test_update(work: Workspace) -> None:
    """A later commit's pointer is months 1 and 2, and month 1 is still in the history."""
    months.later_are_both_months(work)


@step("tag")
def test_tag(work: Workspace) -> None:
    """Each version's tag is on the branch, at a commit that holds this version."""
    for name in versions.MONTHS:
        versions.tagged(work, name)


@step("remote")
def test_remote(work: Workspace) -> None:
    """The committed configuration names a default remote, no secret, and the remote holds every tagged version."""
    remote.no_credentials(work)
    folder = remote.default_remote(work)
    if work.form is Form.BRANCH:
        raise Unavailable("a branch does not carry the DVC remote: hand in the clone")
    remote.holds_every_version(work, folder)


@step("restore")
def test_restore(work: Workspace) -> None:
    """The working file is what its pointer says, and every version comes back from the remote."""
    if work.form is Form.BRANCH:
        raise Unavailable("a branch carries no working files: hand in the clone")
    restore.working_file(work)
    restore.sound_cache(work)
    if work.rebuild is not None:
        restore.every_version_comes_back(work)
