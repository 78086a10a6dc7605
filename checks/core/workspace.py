"""A checker's view of the work: one learner's task folder in its repository. Evidence is read when it is asked for."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from checks.core import data
from checks.core.clone import Clone, Form
from checks.evidence import Reader
from checks.evidence.files import FileHash, Files
from checks.expect import Failure, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

    from checks.evidence.conda.folder import Conda
    from checks.evidence.conda.package import Package
    from checks.evidence.docker.folder import Docker
    from checks.evidence.docker.image import Image
    from checks.evidence.dvc.objects import ObjectStore
    from checks.evidence.dvc.repository import Dvc, Tracked
    from checks.evidence.git.objects import Commit
    from checks.evidence.git.repository import Git
    from checks.evidence.git.snapshot import Snapshot
    from checks.evidence.mlflow.tracking import Tracking
    from checks.model import Identity

__all__ = ["Form", "Rebuild", "Rebuilt", "RebuiltImage", "Script", "Version", "Workspace"]

T = TypeVar("T")


@lru_cache(maxsize=64)
def _hash_of_months(learner: str, months: int, line_end: bytes) -> FileHash:
    return FileHash.of(data.months(learner, months).replace(b"\n", line_end))


@lru_cache(maxsize=4096)
def _seen_from(folder: str, path: str) -> str:
    return posixpath.relpath(path, folder)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a tracked file: the commit that brought it, and its pointer's content."""

    commit: Commit
    tracked: Tracked


class Workspace:
    """One task folder of one submission.

    Paths given to `files`, `snapshot` and `dvc` are relative to the submission's root: `path` makes them.
    """

    def __init__(self, clone: Clone, folder: str, rebuild: Rebuild | None = None) -> None:
        self.clone = clone
        self.folder = folder
        self.rebuild = rebuild
        self._versions: dict[str, tuple[Version, ...]] = {}
        self._made: dict[str, Any] = {}
        self._open = ExitStack()

    def close(self) -> None:
        """Remove the results of rebuilds."""
        self._made.clear()
        self._open.close()

    def rebuilt(self, script: Script) -> Rebuilt:
        """The result of `Rebuild.commands` with this script, made once however many steps ask for it.

        It lasts until `close`. Raises Unavailable where no rebuild was asked for.
        """
        rebuild = self._asked()
        return self._once(f"{script}", lambda: rebuild.commands(self, script))

    def rebuilt_in_environment(self, packages: Sequence[Package], script: Script) -> Rebuilt:
        """The result of `Rebuild.environment`, made once and lasting as `rebuilt` does."""
        rebuild = self._asked()
        return self._once(f"{packages} {script}", lambda: rebuild.environment(self, packages, script))

    def rebuilt_image(self, *, data: Mapping[str, int], output: str, runs: Sequence[str]) -> RebuiltImage:
        """The result of `Rebuild.image`, made once and lasting as `rebuilt` does."""
        rebuild = self._asked()
        return self._once(
            f"image {data} {output} {runs}", lambda: rebuild.image(self, data=data, output=output, runs=runs)
        )

    def _asked(self) -> Rebuild:
        if self.rebuild is None:
            raise Unavailable("it is judged by making your work again: add --rebuild")
        return self.rebuild

    def _once(self, key: str, make: Callable[[], AbstractContextManager[T]]) -> T:
        if key not in self._made:
            try:
                self._made[key] = self._open.enter_context(make())
            except (Failure, Unavailable) as verdict:
                self._made[key] = verdict
        found = self._made[key]
        if isinstance(found, (Failure, Unavailable)):
            raise found
        return cast("T", found)

    def path(self, inner: str) -> str:
        """A path in the task folder, relative to the submission's root."""
        return posixpath.join(self.folder, inner)

    def shown(self, path: str) -> str:
        """A path of the submission as the learner types it in the task folder."""
        return _seen_from(self.folder, path)

    @property
    def form(self) -> Form:
        """The form of this submission."""
        return self.clone.form

    @property
    def files(self) -> Files:
        """The submission's files in the working tree."""
        return self.clone.files

    @property
    def git(self) -> Git:
        """The submission's Git repository."""
        return self.clone.git

    @property
    def branch(self) -> str:
        """The branch that is looked at, as the learner names it."""
        return self.git.branch.removeprefix("refs/heads/").removeprefix("refs/remotes/")

    @property
    def snapshot(self) -> Snapshot:
        """The files of the branch's last commit."""
        return self.clone.snapshot

    @property
    def learner(self) -> Identity:
        """Who the work is from."""
        return self.clone.learner

    @property
    def here(self) -> bool:
        """Whether whoever did the work sits at this machine; see `Clone`."""
        return self.clone.here

    @property
    def history_alone(self) -> bool:
        """Whether the submission is a branch: nothing that Git ignores is in it."""
        return self.form is Form.BRANCH

    def committed(self, path: str) -> bytes | None:
        """A file of the branch's last commit, by its path from the root; None where there is none."""
        return self.snapshot.read(path)

    # Each tool's evidence, by the module that reads it.
    conda: Reader[Conda] = Reader("checks.evidence.conda.folder")
    docker: Reader[Docker] = Reader("checks.evidence.docker.folder")
    dvc: Reader[Dvc] = Reader("checks.evidence.dvc.repository")
    mlflow: Reader[Tracking] = Reader("checks.evidence.mlflow.find")

    def data(self, months: int, *, line_end: bytes = b"\n") -> FileHash:
        """The hash of this learner's own rentals, months 1 to `months`; with another line end, as an editor may save it."""
        return _hash_of_months(self.learner.id, months, line_end)

    def month(self, number: int) -> FileHash:
        """The hash of this learner's own rentals of one month alone."""
        return FileHash.of(data.month(self.learner.id, number))

    def remote_folder(self) -> str | None:
        """The folder of the submission that is its default DVC remote, or None where it is none or elsewhere."""
        config = self.dvc.config(self.snapshot)
        if config is None or config.default is None:
            return None
        return config.default.folder(posixpath.join(self.dvc.root(self.snapshot) or "", ".dvc"))

    @cached_property
    def stores(self) -> tuple[ObjectStore, ...]:
        """Where DVC's objects may be: the cache, and the default remote where it is a folder of the submission."""
        folder = self.remote_folder()
        return (self.dvc.cache, self.dvc.remote_store(folder)) if folder else (self.dvc.cache,)

    def versions(self, inner: str) -> tuple[Version, ...]:
        """The versions of a file of the task folder that pointers named along the branch, the oldest first.

        A commit that says the same as the one before it adds none. A malformed pointer that a later commit mended
        adds none either; one that was not mended raises its Failure.
        """
        if inner not in self._versions:
            self._versions[inner] = self._find_versions(inner)
        return self._versions[inner]

    def _find_versions(self, inner: str) -> tuple[Version, ...]:
        stores = self.stores
        versions: list[Version] = []
        unmended: Failure | None = None
        for commit, _ in self.git.changes(self.folder):
            try:
                tracked = self.dvc.tracked(self.git.at(commit), self.path(inner), stores)
            except Failure as failure:
                unmended = failure
                continue
            if tracked is None:
                continue
            unmended = None
            if not versions or versions[-1].tracked != tracked:
                versions.append(Version(commit, tracked))
        if unmended is not None:
            raise unmended
        return tuple(versions)


@dataclass(frozen=True, slots=True)
class Script:
    """Commands of a shell in the task folder of a fresh clone, what lies there first, and what is kept of what they make.

    Paths are those of the task folder. What lies there is written over the files of the commit.
    """

    commands: str
    _: KW_ONLY
    at: Commit | None = None
    """The commit that is cloned: the branch's last one, unless given."""
    data: Mapping[str, int] = field(default_factory=dict)
    """Files that are not in Git, with the months of this learner's data that they hold."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    folders: Mapping[str, Path] = field(default_factory=dict)
    """Where each lies in the task folder, and the folder of ours that is copied there."""
    results: Sequence[str] = (".",)
    """What is kept; without Git's own folder."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What commands made in a fresh clone. Whoever wrote them chose the output: it explains, and proves nothing."""

    work: Workspace
    """The task folder afterwards, with the repository of the submission: read like any other."""
    output: str
    """The last lines of what the commands printed."""
    exit_code: int
    """What the shell ended with."""


@dataclass(frozen=True, slots=True)
class RebuiltImage:
    """An image that was built from a commit, and run. It is gone; what it wrote is there."""

    work: Workspace
    """The task folder with nothing in it but what the runs wrote, each in a folder of its own."""
    image: Image
    runs: tuple[Rebuilt, ...]
    """How each run ended."""


class Rebuild(Protocol):
    """Makes things again from a commit, in a sandbox. Present only where a rebuild was asked for.

    As text, it says everything about itself that may change a verdict.
    """

    def commands(self, work: Workspace, script: Script) -> AbstractContextManager[Rebuilt]:
        """Run a script in a fresh clone.

        Raises Failure where the work is the reason that nothing was made, and NotJudged where we are.
        """
        ...

    def environment(
        self, work: Workspace, packages: Sequence[Package], script: Script
    ) -> AbstractContextManager[Rebuilt]:
        """Run a script as `commands` does, where `env` is a conda environment of exactly these packages.

        The packages come from where conda on this machine has them, each with its locked hash. Of the environment,
        what was made has the records (`env/conda-meta`), as they were before the script; the script's results are others.

        Raises Failure where the work is the reason that nothing was made, Unavailable where a package cannot be had
        here, and NotJudged where we are.
        """
        ...

    def image(
        self, work: Workspace, *, data: Mapping[str, int], output: str, runs: Sequence[str]
    ) -> AbstractContextManager[RebuiltImage]:
        """Build the image of the branch's last commit, and run it once for each of `runs`, without a network.

        `data` are files of the image's working directory, with the months of this learner's data that they hold.
        What a run left in the folder `output` there comes to the folder of the task that `runs` names.

        Raises Failure where the work is the reason that there is no image or no run, Unavailable where no engine
        answers or it can't build this image, and NotJudged where we are.
        """
        ...
