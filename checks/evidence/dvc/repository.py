"""A DVC repository inside a Git repository: which versions of a file its pointers name, commit by commit."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from checks.evidence.dvc.committed import Committed
from checks.evidence.dvc.config import Config, parse_config
from checks.evidence.dvc.objects import ObjectStore
from checks.evidence.dvc.pointer import Output, parse_pointer
from checks.evidence.files import Files

if TYPE_CHECKING:
    from checks.evidence import Place, Snapshot

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tracked:
    """The version of one file that a commit's pointer names.

    `md5` and `size` (bytes, None where not recorded) are the file's own, also where its folder is tracked. `md5`
    is None where a folder is tracked and its listing can't be found in the cache or the remote.
    """

    pointer: str
    output: Output
    md5: str | None
    size: int | None


def read(place: Place) -> Dvc:
    """The DVC repository of a task folder."""
    return Dvc(place.files, place.folder)


class Dvc:
    """The DVC repository that a task folder belongs to: the folder's own (`dvc init --subdir`) or one above it."""

    def __init__(self, files: Files, folder: str) -> None:
        self._files = files
        self.folder = folder
        self._read: dict[tuple[object, ...], Any] = {}
        """Configurations, pipelines and versions that were read, by the Git objects in which they stand."""

    def _once(self, key: tuple[object, ...], read: Callable[[], T]) -> T:
        if key not in self._read:
            self._read[key] = read()
        found: T = self._read[key]
        return found

    def _candidates(self) -> Iterable[str]:
        folder = self.folder
        while folder:
            yield folder
            folder = posixpath.dirname(folder)
        yield ""

    def root(self, snapshot: Snapshot) -> str | None:
        """The folder whose `.dvc/config` was committed, nearest first; None where there is none."""
        return next((at for at in self._candidates() if snapshot.is_file(posixpath.join(at, ".dvc/config"))), None)

    @cached_property
    def working_root(self) -> str | None:
        """The folder with a `.dvc` in the working tree, nearest first; None where there is none."""
        return next((at for at in self._candidates() if self._files.is_folder(posixpath.join(at, ".dvc"))), None)

    def config(self, snapshot: Snapshot) -> Config | None:
        """The committed configuration, or None where there is none."""
        root = self.root(snapshot)
        return None if root is None else self._parsed(snapshot, posixpath.join(root, ".dvc/config"))

    def configs(self, snapshot: Snapshot) -> Iterator[tuple[str, str, Config]]:
        """Every committed configuration that DVC would read here, local ones too: path, object id, content."""
        for path in self.config_paths:
            blob = snapshot.id(path) if snapshot.is_file(path) else None
            if blob:
                yield path, blob, self._parsed(snapshot, path)

    @cached_property
    def config_paths(self) -> tuple[str, ...]:
        """Every place of a configuration that DVC would read here, local ones too, whether one is there or not."""
        names = (".dvc/config", ".dvc/config.local")
        return tuple(posixpath.join(at, name) for at in self._candidates() for name in names)

    def _parsed(self, snapshot: Snapshot, path: str) -> Config:
        return self._once(("config", path, snapshot.id(path)), lambda: parse_config(snapshot.read(path) or b"", path))

    @cached_property
    def cache(self) -> ObjectStore:
        """The cache in the working tree."""
        return ObjectStore(self._files, posixpath.join(self.working_root or "", ".dvc/cache"))

    def pipelines(self, snapshot: Snapshot) -> Committed:
        """The task folder's pipelines at a commit, with their locks. Raises Malformed where one is malformed."""
        return self._once(("pipelines", snapshot.id(self.folder)), lambda: Committed(snapshot, self.folder))

    def remote_store(self, folder: str) -> ObjectStore:
        """The objects of a remote that is a folder of the submission."""
        return ObjectStore(self._files, folder)

    def tracked(self, snapshot: Snapshot, path: str, stores: Iterable[ObjectStore] = ()) -> Tracked | None:
        """The version of `path` (relative to the repository's root) at a commit, or None where it is not tracked.

        Any pointer in the task folder counts, whatever its name, and a pointer to a folder above the file too.
        `stores` are asked for a tracked folder's listing, or else the cache. Raises Malformed where a pointer is malformed.
        """
        tree = snapshot.id(self.folder)
        if tree is None:
            return None
        asked = list(stores) or [self.cache]
        key = ("tracked", tree, path, *(store.folder for store in asked))
        return self._once(key, lambda: self._find(snapshot, path, asked))

    def _find(self, snapshot: Snapshot, path: str, stores: list[ObjectStore]) -> Tracked | None:
        for pointer in self.pointers(snapshot):
            for output in parse_pointer(snapshot.read(pointer) or b"", pointer):
                if output.path == path and not output.is_folder:
                    return Tracked(pointer, output, output.md5, output.size)
                if output.is_folder and path.startswith(f"{output.path}/"):
                    inner = path.removeprefix(f"{output.path}/")
                    listing = next((found for store in stores if (found := store.listing(output)) is not None), None)
                    if listing is None or inner in listing:
                        return Tracked(pointer, output, listing[inner] if listing else None, None)
        return None

    def pointers(self, snapshot: Snapshot) -> list[str]:
        """The paths of the committed pointers in the task folder, sorted."""
        return sorted(path for path in snapshot.paths(self.folder, ".dvc") if posixpath.basename(path) != ".dvc")
