"""One learner's work, put together for handing in."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from checks import limits
from checks.core.clone import Clone
from checks.core.learner import LEARNER_FILE, slug
from checks.core.task import COURSE_NAMES
from checks.core.workspace import Workspace
from checks.evidence.manifest import BUNDLE, MANIFEST, CourseVersion, Learner, Manifest, format_manifest
from checks.learner.clone import NotAClone, uncommitted
from checks.learner.layout import own_work
from checks.learner.packing.archive import Source, bundle_of, describe, references_of, write_archive
from checks.learner.packing.contents import Contents, Group
from checks.learner.packing.evidence import add_data, add_environments, add_tracking

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Task

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Share:
    """The room that one kind of evidence takes in an archive. `size` is in bytes, before packing."""

    what: str
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Packed:
    """A submission that was packed."""

    manifest: Manifest
    shares: tuple[Share, ...]
    notes: tuple[str, ...]
    """Notes on what is missing, left out or not committed, a sentence each; paths that belong to it stand in lines below."""


def archive_name(learner_id: str) -> str:
    """The name of a learner's archive."""
    return f"{slug(learner_id)}.tar.gz"


def pack(course: Course, root: Path, target: Path, *, with_image: bool = False) -> Packed:
    """Write the archive of the clone `root` to `target`; nothing of the work is run.

    Raises NotAClone where there is nothing to hand in, Failure where the clone can't be read, ChangedError where
    something was written to meanwhile.
    """
    clone = Clone(root)
    tip = clone.snapshot.commit
    learner = clone.learner
    tasks = [task for task in course.tasks if own_work(task, root)]
    if not tasks:
        raise NotAClone(f"nothing to hand in: no task was begun in {root}. Begin with: mlsd start")
    contents = Contents(clone.files)
    _add_committed(clone, tasks, contents)
    for task in tasks:
        _add_evidence(clone, task, contents, with_image=with_image)
    _note_uncommitted(root, tasks, contents)
    _note_other_tags(clone, contents)
    bundle = bundle_of(clone.git)
    sources = _sources(contents, bundle)
    files = {describe(path, source): source for path, source in sources.items()}
    manifest = Manifest(
        course=CourseVersion(course.stamp.id, course.stamp.version),
        learner=Learner(learner.id, learner.name),
        branch=clone.git.branch,
        commit=tip.id,
        shallow=tuple(sorted(clone.git.references.shallow())),
        tasks=tuple(task.id for task in tasks),
        files=tuple(sorted(files, key=lambda file: file.path)),
    )
    _note_limits(manifest, contents)
    write_archive(target, slug(learner.id), files, (MANIFEST, format_manifest(manifest)), tip.time)
    return Packed(manifest, tuple(_shares(manifest, contents, clone)), tuple(contents.notes))


def _add_committed(clone: Clone, tasks: Sequence[Task], contents: Contents) -> None:
    """The committed files of the begun tasks, as they are on the disk: checks look at both."""
    for task in tasks:
        for path in clone.snapshot.paths(task.folder):
            if path.removeprefix(f"{task.folder}/").partition("/")[0] not in COURSE_NAMES:
                contents.add(path, Group.COMMITTED)
    for path in (LEARNER_FILE, ".gitignore", ".dvcignore", *clone.snapshot.paths(".dvc")):
        contents.add(path, Group.COMMITTED)


def _add_evidence(clone: Clone, task: Task, contents: Contents, *, with_image: bool) -> None:
    add_data(Workspace(clone, task.folder), contents)
    there = {
        "mlflow": ("an MLflow store", add_tracking(task.folder, contents)),
        "conda": ("an environment in the task folder", add_environments(task.folder, contents)),
    }
    for inner in task.hand_in:
        if not contents.add_all(f"{task.folder}/{inner}", Group.ASKED):
            contents.note(f"missing: {inner}, for task {task.id}")
    for path in (f"{task.folder}/{inner}" for inner in task.hand_in_images):
        if with_image:
            contents.add(path, Group.ASKED)
        elif contents.files.is_file(path):
            contents.note(f"left out: {path} is large, and a description of the image does too; --with-image packs it")
    for tool, (what, found) in there.items():
        if tool in task.tools and not found:
            contents.note(f"missing: {what}, for task {task.id}")


def _note_uncommitted(root: Path, tasks: Sequence[Task], contents: Contents) -> None:
    data = {f"{task.folder}/{file.path}" for task in tasks for file in task.data}  # made again from the learner's id
    found = [path for path in uncommitted(root, [task.folder for task in tasks]) if path not in data]
    if found:
        more = [f"and {len(found) - _SHOWN:,} more: git status"] if len(found) > _SHOWN else []
        then = "If it belongs to your work: git add, git commit, and mlsd submit again."
        contents.note(
            "\n".join(["not committed, and what is in no commit proves nothing:", *found[:_SHOWN], *more, then])
        )


def _note_other_tags(clone: Clone, contents: Contents) -> None:
    packed = references_of(clone.git)
    others = sorted(name for name in clone.git.tags if f"refs/tags/{name}" not in packed)
    if others:
        contents.note(f"left out: tags that are not on your branch: {', '.join(others[:_SHOWN])}")


def _note_limits(manifest: Manifest, contents: Contents) -> None:
    size = sum(file.size for file in manifest.files)
    if size > limits.ARCHIVE_BYTES or len(manifest.files) >= limits.ARCHIVE_ENTRIES:
        contents.note(
            f"too large to be graded: {len(manifest.files):,} files with {size:,} bytes, of at most "
            f"{limits.ARCHIVE_ENTRIES:,} with {limits.ARCHIVE_BYTES:,}"
        )


def _sources(contents: Contents, bundle: bytes) -> dict[str, Source]:
    opened = {path: partial(contents.files.open, path, limits.ARCHIVE_BYTES) for path in contents.groups}
    return {**opened, BUNDLE: lambda: io.BytesIO(bundle)}


def _shares(manifest: Manifest, contents: Contents, clone: Clone) -> list[Share]:
    files, sizes = Counter[str](), Counter[str]()
    for file in manifest.files:
        what = contents.groups.get(file.path) or _in_git(clone)
        files[what] += 1
        sizes[what] += file.size
    return [Share(what, files[what], sizes[what]) for what in (_in_git(clone), *Group) if files[what]]


def _in_git(clone: Clone) -> str:
    tags = len(references_of(clone.git)) - 2  # beside the branch and HEAD
    return f"Git: {clone.git.branch.removeprefix('refs/heads/')} with {tags} tag{'' if tags == 1 else 's'}"
