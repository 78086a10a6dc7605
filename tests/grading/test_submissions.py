"""The forms in which work is handed in: each is opened, and judged as what it can carry."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.core.clone import Form
from checks.core.course import Course
from checks.core.selection import select
from checks.learner.packing.submission import pack
from checks.model import Outcome, SubmissionReport
from checks.submissions.check import check_submission
from checks.submissions.submission import open_submission
from tests.commands import git
from tests.grading.archives import PACKED
from tests.grading.submitted_archives import LIES

BRANCH = "solution/ada-example-org"


@pytest.fixture
def verdicts(course: Course) -> Callable[[Path], dict[str, Outcome]]:
    """The outcome of each step of task 1.1."""

    def judge(path: Path) -> dict[str, Outcome]:
        report: SubmissionReport = check_submission(course, path, select(course, ["1.1"]))
        assert report.problem is None, report.problem
        assert report.submission == path.name
        return {step.step: step.outcome for step in report.steps}

    return judge


@pytest.mark.parametrize("revisions", [["--all"], ["HEAD", "--branches", "--tags"], [BRANCH, "--tags"]])
def test_a_bundle_is_judged_as_the_bare_repository(
    revisions: list[str], solution: Path, tmp_path: Path, verdicts: Callable[[Path], dict[str, Outcome]]
) -> None:
    bundle, bare = tmp_path / "ada.bundle", tmp_path / "bare"
    git(solution, "bundle", "create", "--quiet", str(bundle), *revisions)
    git(tmp_path, "clone", "--quiet", "--bare", str(solution), str(bare))
    assert verdicts(bundle) == verdicts(bare)
    assert verdicts(bundle)["1.1/tag"] is Outcome.PASSED
    assert verdicts(bundle)["1.1/remote"] is Outcome.UNAVAILABLE


def test_names_in_a_bundle_make_no_files(
    solution: Path, tmp_path: Path, course: Course, verdicts: Callable[[Path], dict[str, Outcome]]
) -> None:
    bundle = tmp_path / "ada.bundle"
    git(solution, "bundle", "create", "--quiet", str(bundle), BRANCH, "--tags")
    data, tip = bundle.read_bytes(), git(solution, "rev-parse", "HEAD")
    names = ["../../../../x", "a\\..\\b", "/etc/passwd", "\x1b[2J", "a b", "é" * 200]
    head = "".join(f"{tip} refs/tags/{name}\n" for name in names).encode()
    bundle.write_bytes(data.replace(b"\n", b"\n" + head, 1))
    with open_submission(course, bundle) as clone:
        assert set(names) <= set(clone.git.tags)
        found = {path.relative_to(clone.files.root).as_posix() for path in clone.files.root.rglob("*")}
    pack_files = {name for name in found if re.fullmatch(r"objects/pack/pack-[0-9a-f]{40}\.(pack|idx|rev)", name)}
    assert found - pack_files == {"HEAD", "packed-refs", "shallow", "refs", "objects", "objects/pack"}
    assert verdicts(bundle)["1.1/tag"] is Outcome.PASSED


@pytest.fixture(scope="session")
def handed_in(solution: Path, course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that `mlsd submit` makes of the finished task 1.1."""
    archive: Path = tmp_path_factory.mktemp("handed-in") / "ada.tar.gz"
    pack(course, solution, archive)
    return archive


@pytest.mark.parametrize(
    "place",
    [
        "lovelaceada_LATE_1_2_ada.tar-1.gz",
        "Ada Lovelace_1_assignsubmission_file_/ada.tar.gz",
        "Ada Lovelace_1_assignsubmission_file_ada.tar.gz",
    ],
)
def test_downloads_of_an_lms(
    place: str, handed_in: Path, tmp_path: Path, verdicts: Callable[[Path], dict[str, Outcome]]
) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    shutil.copy(handed_in, tmp_path / place)
    outcomes = verdicts(tmp_path / place.partition("/")[0])
    assert set(outcomes.values()) == {Outcome.PASSED}


def test_an_archive_beside_work_is_not_opened(solution: Path, handed_in: Path, course: Course, tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    for name in ("a.tar.gz", "b.tar.gz"):
        shutil.copy(handed_in, tmp_path / "two" / name)
    report = check_submission(course, tmp_path / "two", select(course, ["1.1"]))
    assert report.problem is not None
    assert report.problem.kind == "not-a-submission"


def test_somebody_unpacked_it(
    handed_in: Path, course: Course, tmp_path: Path, verdicts: Callable[[Path], dict[str, Outcome]]
) -> None:
    """Nothing is written beside what was unpacked."""
    (tmp_path / "ada").mkdir()
    subprocess.run(["tar", "--extract", "--file", handed_in, "--directory", tmp_path / "ada"], check=True)
    before = sorted(tmp_path.rglob("*"))
    assert set(verdicts(tmp_path / "ada").values()) == {Outcome.PASSED}
    with open_submission(course, tmp_path / "ada") as clone:
        assert (clone.form, clone.manifest_faults) == (Form.CLONE, ())
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", LIES)
def test_what_does_not_match_is_told_and_judged(name: str, base: Path, course: Course, tmp_path: Path) -> None:
    PACKED[name].build(tmp_path / name, base / "clone")
    with open_submission(course, tmp_path / name) as clone:
        assert any(fault.startswith(LIES[name]) for fault in clone.manifest_faults), clone.manifest_faults
        assert len(clone.manifest_faults) <= 2
