"""What a stage of a DVC pipeline wrote, found by its hash: in the cache, in the remote, in Git or in the folder."""

from __future__ import annotations

import hashlib
import json
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from checks import limits
from checks.assertions.once import once
from checks.assertions.rerun import rerun
from checks.core.workspace import Form
from checks.evidence.dvc.pointer import Output
from checks.evidence.files import FileHash
from checks.evidence.table import Table, parse_table
from checks.expect import Failure, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from checks.core.workspace import Workspace
    from checks.evidence.dvc.committed import Committed, Snapshot
    from checks.evidence.dvc.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class Written:
    """A file that a stage wrote, alone or in a folder: the stage's name, the path, and the locked content."""

    stage: str
    path: str
    content: Output


def stores(work: Workspace) -> list[ObjectStore]:
    """Where objects may be: the cache, and the default remote where it is a folder of the submission."""
    folder = work.remote_folder()
    return [work.dvc.cache, *([work.dvc.remote_store(folder)] if folder else [])]


def written(work: Workspace, committed: Committed) -> Iterator[Written]:
    """Every file that the locks say a stage wrote; a folder gives the files that its listing names."""
    for entry in committed.outputs:
        if entry.locked is None:
            continue
        if not entry.locked.is_folder:
            yield Written(entry.stage.name, entry.output.path, entry.locked)
            continue
        listings = (store.listing(entry.locked) for store in stores(work))
        for inner, md5 in (next((found for found in listings if found is not None), None) or {}).items():
            path = posixpath.join(entry.output.path, inner)
            yield Written(entry.stage.name, path, Output(path, md5, None, entry.locked.legacy))


def find(work: Workspace, committed: Committed, name: str) -> Written:
    """The file called `name` that a stage wrote, wherever it lies. Raises Failure where there is none."""
    everything = list(written(work, committed))
    found = [entry for entry in everything if posixpath.basename(entry.path) == name]
    if found:
        return min(found, key=lambda entry: (entry.stage not in {"preprocess", "evaluate"}, entry.path.count("/")))
    names = sorted({work.shown(entry.path) for entry in everything})
    raise Failure(
        looked_at="the outputs of the stages in dvc.lock",
        expected=f"a file {name}",
        found=", ".join(names[:8]) + (f", and {len(names) - 8} more" if len(names) > 8 else "") or "none",
        fix=f"(let a stage write {name}, and list it below its `outs` in dvc.yaml)\n{rerun(work)}",
    )


def read(work: Workspace, snapshot: Snapshot, path: str, content: Output) -> bytes | None:
    """The bytes with the hash that a lock says, or None where they are nowhere."""
    for store in stores(work):
        if store.fault(content.md5, content.legacy) is None:
            return work.files.read(f"{store.folder}/{store.path(content.md5, content.legacy)}", limits.TABLE_BYTES)
    blob = snapshot.read(path) if snapshot.is_file(path) else None
    if blob is not None:
        return next((form for form in line_ends(blob) if FileHash.of(form).md5 == content.md5), None)
    if work.files.is_file(path) and work.files.hash(path).md5 == content.md5:
        return work.files.read(path, limits.TABLE_BYTES)
    return None


def line_ends(blob: bytes) -> tuple[bytes, ...]:
    """A committed file as Git may have written it into the folder: as it is, and with Windows line ends."""
    plain = blob.replace(b"\r\n", b"\n")
    return (blob, plain, plain.replace(b"\n", b"\r\n"))


def table(work: Workspace, committed: Committed, name: str) -> tuple[Written, Table]:
    """The CSV file called `name` that a stage wrote, as a table."""
    entry = find(work, committed, name)
    found = kept_table(work, committed.snapshot, entry)
    if found is None:
        gone(work, entry)
    return entry, found


def kept_table(work: Workspace, snapshot: Snapshot, entry: Written) -> Table | None:
    """The CSV file with the hash that a lock says, as a table, or None where it is nowhere."""
    tables = _tables(work)
    md5 = entry.content.md5
    if md5 not in tables:
        data = read(work, snapshot, entry.path, entry.content)
        if data is None:
            return None
        tables[md5] = parse_table(data, work.shown(entry.path))
    return tables[md5]


@once
def _tables(_work: Workspace) -> dict[str, Table]:
    """The tables that were read, by the MD5 of their content."""
    return {}


def gone(work: Workspace, entry: Written) -> NoReturn:
    """Say that the content of an output is nowhere."""
    if work.form is Form.BRANCH:
        raise Unavailable("a branch carries no DVC cache: hand in the clone")
    raise Failure(
        looked_at=f"the content of {work.shown(entry.path)}, which stage {entry.stage} wrote",
        expected=f"md5 {entry.content.md5} in the cache",
        found="it is neither in the cache nor in the folder",
        fix="dvc repro --force",
    )


def folder_hash(files: Mapping[str, str]) -> str:
    """DVC's hash of a folder: that of its listing, from the path of each file below it to its MD5."""
    listing = [{"md5": md5, "relpath": path} for path, md5 in sorted(files.items(), key=_parts)]
    return hashlib.md5(json.dumps(listing, sort_keys=True).encode()).hexdigest() + ".dir"


def _parts(entry: tuple[str, str]) -> tuple[str, ...]:
    return tuple(entry[0].split("/"))
