"""Opening what a learner handed in: a clone, a folder, a bare repository, an archive or a bundle of one, or a branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from checks import limits
from checks.core.clone import Clone, Form
from checks.evidence.files import Files, Kind
from checks.evidence.manifest import BUNDLE, MANIFEST, Manifest, parse_manifest
from checks.expect import Failure, Malformed
from checks.submissions.archive import SubmissionProblem, extract, is_archive
from checks.submissions.branches import Branch
from checks.submissions.bundle import BUNDLE_ENDING, lay_out_bundle

if TYPE_CHECKING:
    from checks.core.course import Course

Submission = Path | Branch
"""The place of a learner's work: a folder, an archive, a Git bundle, or one branch of a repository."""
_ADDED = ("__MACOSX", ".mlsd")
"""Folders that a Mac or we add beside the work."""
_FAULTS = 20
"""Differences from the manifest that are told."""


@contextmanager
def open_submission(course: Course, submission: Submission, *, here: bool = False) -> Iterator[Clone]:
    """The learner's work; an archive is unpacked into a folder of ours for as long as the work is open.

    A folder that holds nothing but the clone's folder is as good as the clone, and one with nothing but an archive or a
    bundle as good as that. `here` says that it is the clone of whoever sits at this machine. Raises SubmissionProblem.
    """
    if isinstance(submission, Branch):
        yield Clone(submission.path, branch=submission.reference)
        return
    path = submission
    if path.is_symlink():
        raise SubmissionProblem("link", f"{path.name} is a symbolic link: put the folder or archive itself here")
    if path.is_dir():
        path = _only_file(path) or path
    with ExitStack() as folders:

        def scratch() -> Path:
            return Path(folders.enter_context(TemporaryDirectory(prefix="mlsd-submission-")))

        if path.is_dir():
            yield _clone(course, path, scratch, here=here)
        elif not path.is_file():
            raise SubmissionProblem("not-a-submission", f"{path.name} is neither a folder nor a file")
        elif path.name.lower().endswith(BUNDLE_ENDING):
            with path.open("rb") as bundle:
                repository = scratch() / "repository"
                lay_out_bundle(bundle, path.name, repository)
            yield Clone(repository)
        elif is_archive(path):
            unpacked = scratch()
            extract(path, unpacked)
            yield _clone(course, unpacked, scratch)
        else:
            raise SubmissionProblem(
                "not-a-submission",
                f"{path.name} is neither a folder nor a .zip, .tar, .tar.gz, .tar.zst or .bundle file",
            )


def is_submission(course: Course, folder: Path) -> bool:
    """Whether a folder is one learner's work itself, and holds no others': the course's task folders are in it."""
    return any((folder / task.folder).is_dir() for task in course.tasks)


def _clone(course: Course, root: Path, scratch: Callable[[], Path], *, here: bool = False) -> Clone:
    for candidate in (root, _only_folder(root)):
        if candidate is None:
            continue
        clone = Clone(candidate, here=here)
        if clone.form is Form.FOLDER and clone.files.is_file(MANIFEST):
            return _open_packed(candidate, scratch())
        if clone.form is not Form.FOLDER or any(clone.files.is_folder(task.folder) for task in course.tasks):
            return clone
    modules = ", ".join(sorted({task.folder.partition("/")[0] for task in course.tasks}))
    raise SubmissionProblem(
        "not-a-submission", f"neither a Git repository nor a folder of this course ({modules}) is in it"
    )


def _open_packed(root: Path, scratch: Path) -> Clone:
    """The clone that was packed into the unpacked archive `root`; its repository is laid out below `scratch`.

    What the manifest says and what is there may differ: `Clone.manifest_faults` tells. Raises SubmissionProblem where
    the manifest or the bundle can't be read.
    """
    files = Files(root)
    try:
        manifest = parse_manifest(files.read(MANIFEST, limits.MANIFEST_BYTES))
    except Malformed as malformed:
        raise SubmissionProblem("unreadable-manifest", f"{MANIFEST}: {malformed.found}") from None
    repository = scratch / "repository"
    try:
        with files.open(BUNDLE, limits.BUNDLE_BYTES) as bundle:
            lay_out_bundle(bundle, BUNDLE, repository / ".git", manifest.shallow)
        clone = Clone(root, repository=repository)
        clone.manifest_faults = (*_other_commit(clone, manifest), *islice(manifest.faults(files), _FAULTS))
    except Failure as failure:
        raise SubmissionProblem("unreadable-archive", f"{failure.looked_at}: {failure.found}") from None
    return clone


def _other_commit(clone: Clone, manifest: Manifest) -> list[str]:
    """The differences between the manifest, and the repository and `learner.toml`."""
    tip = clone.git.tip
    found = [
        ("the branch", clone.git.branch, manifest.branch),
        ("the commit", tip.id if tip else None, manifest.commit),
    ]
    try:
        learner = clone.learner
        found += [("the learner's id", learner.id, manifest.learner.id)]
    except Failure:  # told by the steps that need it
        pass
    return [f"{what}: {there}, and the manifest says {said}"[:300] for what, there, said in found if there != said]


def _only_folder(root: Path) -> Path | None:
    """The folder in a folder, as unpacked archives have it; what a Mac or Windows adds beside it does not count."""
    try:
        entries = Files(root).entries()
    except Malformed as malformed:
        raise SubmissionProblem("too-large", f"it holds {malformed.found}") from None
    folders = [entry.name for entry in entries if entry.kind is Kind.FOLDER and entry.name not in _ADDED]
    return root / folders[0] if len(folders) == 1 else None


def _only_file(folder: Path) -> Path | None:
    """The archive or bundle in a folder that holds nothing else, as Moodle has one for each learner."""
    try:
        entries = [entry for entry in Files(folder).entries() if entry.name not in (*_ADDED, ".DS_Store")]
    except Failure:  # too many: told where the folder is opened
        return None
    path = folder / entries[0].name if len(entries) == 1 and entries[0].kind is Kind.FILE else None
    return path if path and (is_archive(path) or path.name.lower().endswith(BUNDLE_ENDING)) else None
