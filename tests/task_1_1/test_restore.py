"""`dvc pull` in a fresh clone, with the real DVC and sandbox: what comes back, and what can't pass for it."""

from __future__ import annotations

from contextlib import suppress

import pytest

from checks.core.clone import Clone
from checks.core.course import load_course
from checks.core.workspace import Version, Workspace
from checks.evidence.files import FileHash
from checks.expect import Failure
from checks.rebuild.rebuilder import Rebuilder
from checks.rebuild.unconfined import Unconfined
from tests.task_modules import module_of

TASK = load_course().task("1.1")
restore = module_of(TASK, "restore")
OBJECT = "object=$(find ../../.storage/files/md5 -type f | sort | head -n 1)\nchmod u+w $object\n"


def pulled(clone, rebuilder: Rebuilder) -> list[FileHash]:
    """The data of both versions after `dvc pull`."""
    work = Workspace(Clone(clone.root), TASK.folder, rebuilder)
    try:
        return [restore.pulled(work, version) for version in work.versions("data/rentals.csv")]
    finally:
        work.close()


def test_one_s_own_work_without_a_sandbox(done) -> None:
    done.passes(Rebuilder(Unconfined()))


def test_damaged_object_has_another_hash_or_does_not_come_back(done, rebuilder: Rebuilder) -> None:
    """DVC wants to delete it from its remote, or takes it as it is: the learner's own stays, and the second we see."""
    found, own = None, pulled(done, rebuilder)
    done.sh(f"{OBJECT}echo damaged > $object")
    with suppress(Failure):
        found = pulled(done, rebuilder)
    assert found != own
    assert done.sh(f"{OBJECT}cat $object") == "damaged\n"


def test_missing_object_does_not_come_back(done, rebuilder: Rebuilder) -> None:
    done.sh(f"{OBJECT}rm $object")
    with pytest.raises(Failure):
        pulled(done, rebuilder)


def test_file_that_git_carries_is_not_pulled(done, rebuilder: Rebuilder) -> None:
    """DVC refuses this configuration: nothing comes back, and the file of the commit does not count."""
    done.sh(
        "git add -f data/rentals.csv; printf '[cache]\\ntype = nonsense\\n' >> .dvc/config; git commit -qam Carried"
    )
    work = Workspace(Clone(done.root), TASK.folder, rebuilder)
    version = Version(work.snapshot.commit, work.versions("data/rentals.csv")[-1].tracked)
    with pytest.raises(Failure, match="no such file; DVC said"):
        restore.pulled(work, version)
    work.close()


def test_address_in_a_committed_local_configuration_reaches_nothing_of_the_machine(
    done, rebuilder: Rebuilder, tmp_path
) -> None:
    done.sh(
        f"cp -r ../../.storage {tmp_path}/secret; dvc remote modify -q --local storage url {tmp_path}/secret\n"
        "git add -f .dvc/config.local; git commit -qm Local; git tag -f data-v1.1.0"
    )
    results = done.results(rebuilder)
    assert results["remote"].outcome == "passed"
    assert results["restore"].outcome == "failed"
    assert "no such file; DVC said" in (results["restore"].found or "")
