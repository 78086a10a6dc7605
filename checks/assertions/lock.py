"""Whether `dvc.lock` tells the truth: about the pipeline, the parameters, every dependency and every output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks import expect
from checks.assertions.outputs import folder_hash, line_ends, stores
from checks.assertions.rerun import rerun, target
from checks.evidence.dvc.committed import lock_of
from checks.evidence.dvc.parameters import MISSING, parse_parameters, select
from checks.evidence.dvc.pointer import Output, parse_pointer
from checks.evidence.files import FileHash

if TYPE_CHECKING:
    from checks.core.workspace import Workspace
    from checks.evidence.dvc.committed import Committed
    from checks.evidence.dvc.lock import LockedStage
    from checks.evidence.dvc.stage import ParameterUse, Stage, StageOutput


def locked(work: Workspace, committed: Committed, stage: Stage) -> LockedStage:
    """How a stage ran last. Raises Failure where no committed lock says so, or where it ran another command."""
    lock = lock_of(stage.file)
    shown = work.shown(lock)
    there = work.files.is_file(lock)
    commit = f'git add {shown}\ngit commit -m "Lock the pipeline"'
    if lock not in committed.locks:
        expect.fail(
            looked_at=f"{shown} in the last commit of {work.branch}",
            expected="the lock that `dvc repro` writes",
            found=f"{shown} is there, but not committed" if there else f"no {shown}",
            fix=commit if there else rerun(work),
        )
    entry = expect.some(
        committed.locked(stage),
        looked_at=shown,
        expected=f"the stage {stage.name}",
        found=f"only {', '.join(sorted(committed.locks[lock])[:8]) or 'an empty file'}",
        fix=rerun(work),
    )
    expect.that(
        entry.command == stage.command,
        looked_at=f"{shown}: the command of {stage.name}",
        expected=f"{stage.command}, as {work.shown(stage.file)} says",
        found=f"{entry.command}",
        fix=rerun(work),
    )
    return entry


def parameters(work: Workspace, stage: Stage, entry: LockedStage) -> None:
    """Every parameter that a stage declares has in the lock the value that is committed."""
    for use in stage.parameters:
        data = expect.some(
            work.snapshot.read(use.path),
            looked_at=f"{work.shown(use.path)} in the last commit",
            expected=f"the parameters of stage {stage.name}",
            found="no such file",
            fix=f'git add {work.shown(use.path)}\ngit commit -m "Add the parameters"',
        )
        values = parse_parameters(data, use.path)
        recorded = entry.parameters.get(use.written, {})
        for key in use.keys or tuple(dict.fromkeys([*map(str, values), *recorded])):
            _parameter(work, stage, use, key, select(values, key) if use.keys else values.get(key, MISSING), recorded)


def _parameter(
    work: Workspace, stage: Stage, use: ParameterUse, key: str, value: object, recorded: dict[str, object]
) -> None:
    shown = work.shown(use.path)
    expect.that(
        value is not MISSING,
        looked_at=f"{shown}: {key}, a parameter of stage {stage.name}",
        expected="a value",
        found=f"no {key}",
        fix=f"(write {key} into {shown}, or take it out of `params` in {work.shown(stage.file)})\n{rerun(work)}",
    )
    expect.that(
        key in recorded and recorded[key] == value,
        looked_at=f"{work.shown(lock_of(stage.file))}: {key} of stage {stage.name}",
        expected=f"{value}, as the committed {shown} says",
        found=f"{recorded[key]}" if key in recorded else "nothing",
        fix=rerun(work, "Run with the new parameters"),
    )


def dependencies(work: Workspace, committed: Committed, stage: Stage, entry: LockedStage) -> None:
    """Every dependency has in the lock the content that is committed, or that another stage wrote."""
    for dependency in stage.dependencies:
        shown, lock = work.shown(dependency.path), work.shown(lock_of(stage.file))
        found = expect.some(
            entry.dependencies.get(dependency.written),
            looked_at=f"{lock}: the dependencies of {stage.name}",
            expected=f"{dependency.written}, as {work.shown(stage.file)} says",
            found="it is not there: the stage was not run since",
            fix=rerun(work),
        )
        if "://" in dependency.written:
            continue
        expected, origin = _contents(work, committed, dependency.path, found)
        expect.that(
            expected,
            looked_at=f"{shown}, which stage {stage.name} depends on",
            expected="a file in Git, one that DVC tracks, or the output of a stage",
            found="none of these in the last commit: nobody else has it",
            fix=f'git add {shown}\ngit commit -m "Add {shown}"'
            if shown.endswith(".py")
            else f'dvc add {shown}\ngit add {shown}.dvc\ngit commit -m "Track {shown}"',
        )
        expect.that(
            found.md5 in expected,
            looked_at=f"{lock}: {shown}, which stage {stage.name} depends on",
            expected=f"md5 {next(iter(expected))}, {origin}",
            found=f"md5 {found.md5}",
            fix=rerun(work),
        )


def _contents(work: Workspace, committed: Committed, path: str, found: Output) -> tuple[list[str], str]:
    """The hashes that the content at `path` may have, and where they come from; none where nobody knows the path."""
    for other in committed.outputs:
        if other.locked is None:
            continue
        if other.output.path == path:
            return [other.locked.md5], f"which stage {other.stage.name} wrote"
        if path.startswith(f"{other.output.path}/") and other.locked.is_folder:
            listings = (store.listing(other.locked) for store in stores(work))
            listing = next((listing for listing in listings if listing is not None), None)
            inner = path.removeprefix(f"{other.output.path}/")
            md5 = found.md5 if listing is None else listing.get(inner, "")
            return [md5], f"which stage {other.stage.name} wrote"
    for pointer in work.dvc.pointers(work.snapshot):
        for output in parse_pointer(work.snapshot.read(pointer) or b"", pointer):
            if output.path == path:
                return [output.md5], f"as {work.shown(pointer)} says"
    tracked = work.dvc.tracked(work.snapshot, path, stores(work))
    if tracked is not None:
        return [tracked.md5 or found.md5], f"as {work.shown(tracked.pointer)} says"
    if work.snapshot.is_file(path):
        blob = work.snapshot.read(path) or b""
        return [FileHash.of(form).md5 for form in line_ends(blob)], "the file in the last commit"
    return _folder(work, committed, path, found), "the folder in the last commit"


def _folder(work: Workspace, committed: Committed, path: str, found: Output) -> list[str]:
    """The hashes that a folder may have: of its committed files and of the outputs in it, or as it is on this disk."""
    files = {
        inner.removeprefix(f"{path}/"): FileHash.of(work.snapshot.read(inner) or b"").md5
        for inner in work.snapshot.paths(path)
        if not inner.endswith((".gitignore", ".dvc"))
    }
    outputs = {
        entry.output.path.removeprefix(f"{path}/"): entry.locked.md5
        for entry in committed.outputs
        if entry.locked and entry.output.path.startswith(f"{path}/")
    }
    if not files and not outputs:
        return []
    if found.md5 == folder_hash({**files, **outputs}):
        return [found.md5]
    # A folder may hold files that Git ignores and DVC does not; they count in DVC's hash.
    on_disk = dict(_on_disk(work, path, ""))
    same = all(on_disk.get(inner) == md5 for inner, md5 in {**files, **outputs}.items() if not md5.endswith(".dir"))
    return [folder_hash(on_disk)] if on_disk and same else [folder_hash({**files, **outputs})]


def _on_disk(work: Workspace, path: str, inner: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in work.files.entries(f"{path}/{inner}".rstrip("/")):
        name = f"{inner}{entry.name}"
        if entry.kind == "folder":
            found += _on_disk(work, path, f"{name}/")
        elif entry.kind == "file" and entry.name != ".gitignore":
            found.append((name, work.files.hash(f"{path}/{name}").md5))
    return found


def outputs(work: Workspace, stage: Stage, entry: LockedStage) -> None:
    """Every output is in the lock."""
    for output in stage.outputs:
        expect.that(
            output.written in entry.outputs,
            looked_at=f"{work.shown(lock_of(stage.file))}: the outputs of {stage.name}",
            expected=f"{output.written}, as {work.shown(stage.file)} says",
            found="it is not there: the stage was not run since",
            fix=rerun(work),
        )


def cached(work: Workspace, stage: Stage, output: StageOutput, content: Output) -> None:
    """The cache (or the remote) holds an output, with the content that its hash says."""
    faults = [store.faults(content) for store in stores(work)]
    if not all(faults):
        return
    fault = faults[0][0]
    place = f"{work.shown(work.dvc.cache.folder)}/{fault.path}"
    same = not content.is_folder and work.files.is_file(output.path)
    same = same and work.files.hash(output.path).md5 == content.md5
    expect.fail(
        looked_at=f"{place}: {work.shown(output.path)}, an output of stage {stage.name}",
        expected=f"content whose hash is {content.md5}",
        found=fault.found,
        fix=expect.commands(
            None if fault.missing else f"rm -f {place}",
            f"dvc {'commit' if same else 'repro'} --force{target(work)}",
        ),
    )


def uncached(work: Workspace, stage: Stage, output: StageOutput, content: Output) -> None:
    """An output that DVC does not keep is in Git, as the lock says."""
    if content.is_folder:
        return
    shown = work.shown(output.path)
    blob = work.snapshot.read(output.path)
    found = [FileHash.of(form).md5 for form in line_ends(blob)] if blob is not None else []
    expect.that(
        content.md5 in found,
        looked_at=f"{shown} in the last commit: an output of stage {stage.name} that DVC does not keep",
        expected=f"md5 {content.md5}, as {work.shown(lock_of(stage.file))} says",
        found=f"md5 {found[0]}" if found else "no such file",
        fix=rerun(work, "Commit what the pipeline wrote", force=True),
    )
