"""Whether `dvc.lock` tells the truth: about the commands, the parameters, every dependency and every output."""

from __future__ import annotations

from collections.abc import Iterator

from checks import Workspace, expect
from checks.evidence.dvc.committed import lock_of
from checks.evidence.dvc.objects import folder_hash, md5s
from checks.evidence.dvc.parameters import MISSING, select
from checks.evidence.dvc.pointer import LockedStage, Output, parse_pointer
from checks.evidence.dvc.stage import Stage, StageOutput
from checks.evidence.files import FileHash, Kind
from checks.expect import Malformed

from . import parameters
from .pipeline import Pipeline, by_hand, run, target


def locked(pipeline: Pipeline, stage: Stage) -> LockedStage:
    """How a stage ran last. Raises Failure where no committed lock says so, or where it ran another command."""
    work, lock, shown = pipeline.work, lock_of(stage.file), pipeline.lock(stage)
    there = work.files.is_file(lock)
    try:
        locks = pipeline.committed.locks
    except Malformed as malformed:
        if malformed.looked_at.startswith((".git", "Git object")):
            raise
        raise malformed.mended_by(f"rm {work.shown(malformed.looked_at)}\n{run(work)}") from None
    if lock not in locks:
        fix = f'git add {shown}\ngit commit -m "Lock the pipeline"' if there else run(work)
        about = expect.Subject(f"{shown} in the last commit of {work.branch}", fix)
        instead = f"{shown} is there, but not committed" if there else f"no {shown}"
        about.fail("the lock that `dvc repro` writes", instead)
    about = expect.Subject(shown, run(work))
    found = f"only {', '.join(sorted(locks[lock])[:8]) or 'an empty file'}"
    entry = about.some(pipeline.committed.locked(stage), f"the stage {stage.name}", found)
    about = expect.Subject(f"{shown}: the command of {stage.name}", run(work))
    expected = f"{stage.command}, as {pipeline.file(stage.name)} says"
    about.that(entry.command == stage.command, expected, entry.command)
    return entry


def true_parameters(pipeline: Pipeline, stage: Stage, entry: LockedStage) -> None:
    """Every parameter that a stage declares has in the lock the value that is committed."""
    work = pipeline.work
    for use in stage.parameters:
        shown = work.shown(use.path)
        values = parameters.values(work, use.path)
        recorded = entry.parameters.get(use.written, {})
        for key in use.keys or tuple(dict.fromkeys([*map(str, values), *recorded])):
            value = select(values, key) if use.keys else values.get(key, MISSING)
            mend = f"write {key} into {shown}, or take it out of `params` in {pipeline.file(stage.name)}"
            about = expect.Subject(f"{shown}: {key}, a parameter of stage {stage.name}", by_hand(work, mend))
            about.that(value is not MISSING, "a value", f"no {key}")
            fix = run(work, "Run with the new parameters")
            about = expect.Subject(f"{pipeline.lock(stage)}: {key} of stage {stage.name}", fix)
            found = f"{recorded[key]}" if key in recorded else "nothing"
            about.that(key in recorded and recorded[key] == value, f"{value}, as the committed {shown} says", found)


def true_dependencies(pipeline: Pipeline, stage: Stage, entry: LockedStage) -> None:
    """Every dependency has in the lock the content that is committed, or that another stage wrote."""
    work, lock = pipeline.work, pipeline.lock(stage)
    for dependency in stage.dependencies:
        shown = work.shown(dependency.path)
        about = expect.Subject(f"{lock}: the dependencies of {stage.name}", run(work))
        wanted = f"{dependency.written}, as {pipeline.file(stage.name)} says"
        instead = "it is not there: the stage was not run since"
        found = about.some(entry.dependencies.get(dependency.written), wanted, instead)
        if "://" in dependency.written:
            continue
        expected, origin = _may_be(pipeline, dependency.path, found)
        expect.that(
            expected,
            looked_at=f"{shown}, which stage {stage.name} depends on",
            expected="a file in Git, one that DVC tracks, or the output of a stage",
            found="none of these in the last commit: nobody else has it",
            fix=f'git add {shown}\ngit commit -m "Add {shown}"'
            if shown.endswith(".py")
            else f'dvc add {shown}\ngit add {shown}.dvc\ngit commit -m "Track {shown}"',
        )
        about = expect.Subject(f"{lock}: {shown}, which stage {stage.name} depends on", run(work))
        about.that(found.md5 in expected, f"md5 {next(iter(expected))}, {origin}", f"md5 {found.md5}")


def _may_be(pipeline: Pipeline, path: str, found: Output) -> tuple[list[str], str]:
    """The hashes that the content at `path` may have, and where they come from; none where nobody knows the path."""
    work = pipeline.work
    for other in pipeline.committed.outputs:
        origin = f"which stage {other.stage.name} wrote"
        if other.locked and other.output.path == path:
            return [other.locked.md5], origin
        if other.locked and other.locked.is_folder and path.startswith(f"{other.output.path}/"):
            listing = pipeline.contents.listing(other.locked)
            inner = path.removeprefix(f"{other.output.path}/")
            return [found.md5 if listing is None else listing.get(inner, "")], origin
    for pointer in work.dvc.pointers(work.snapshot):
        for output in parse_pointer(work.snapshot.read(pointer) or b"", pointer):
            if output.path == path:
                return [output.md5], f"as {work.shown(pointer)} says"
    tracked = work.dvc.tracked(work.snapshot, path, work.stores)
    if tracked is not None:
        return [tracked.md5 or found.md5], f"as {work.shown(tracked.pointer)} says"
    if work.snapshot.is_file(path):
        return md5s(work.snapshot.read(path) or b""), "the file in the last commit"
    return _folder_may_be(pipeline, path, found), "the folder in the last commit"


def _folder_may_be(pipeline: Pipeline, path: str, found: Output) -> list[str]:
    """The hashes that a folder may have: of its committed files and of the outputs in it, or as it is on this disk."""
    work, below = pipeline.work, f"{path}/"
    files = {
        inner.removeprefix(below): FileHash.of(work.snapshot.read(inner) or b"").md5
        for inner in work.snapshot.paths(path)
        if not inner.endswith((".gitignore", ".dvc"))
    }
    for entry in pipeline.committed.outputs:
        if entry.locked and entry.output.path.startswith(below):
            files[entry.output.path.removeprefix(below)] = entry.locked.md5
    if not files:
        return []
    if found.md5 == folder_hash(files):
        return [found.md5]
    # A folder may hold files that Git ignores and DVC does not; they count in DVC's hash.
    on_disk = dict(_on_disk(work, path, ""))
    same = all(on_disk.get(inner) == md5 for inner, md5 in files.items() if not md5.endswith(".dir"))
    return [folder_hash(on_disk if on_disk and same else files)]


def _on_disk(work: Workspace, path: str, inner: str) -> Iterator[tuple[str, str]]:
    for entry in work.files.entries(f"{path}/{inner}".rstrip("/")):
        name = f"{inner}{entry.name}"
        if entry.kind == Kind.FOLDER:
            yield from _on_disk(work, path, f"{name}/")
        elif entry.kind == Kind.FILE and entry.name != ".gitignore":
            yield name, work.files.hash(f"{path}/{name}").md5


def every_output(pipeline: Pipeline, stage: Stage, entry: LockedStage) -> None:
    """Every output is in the lock."""
    for output in stage.outputs:
        about = expect.Subject(f"{pipeline.lock(stage)}: the outputs of {stage.name}", run(pipeline.work))
        found = "it is not there: the stage was not run since"
        about.that(output.written in entry.outputs, f"{output.written}, as {pipeline.file(stage.name)} says", found)


def cached(pipeline: Pipeline, stage: Stage, output: StageOutput, content: Output) -> None:
    """The cache (or the remote) holds an output, with the content that its hash says."""
    work = pipeline.work
    faults = [store.faults(content) for store in pipeline.work.stores]
    if not all(faults):
        return
    fault = faults[0][0]
    place = f"{work.shown(work.dvc.cache.folder)}/{fault.path}"
    there = not content.is_folder and work.files.is_file(output.path)
    same = there and work.files.hash(output.path).md5 == content.md5
    again = f"dvc {'commit' if same else 'repro'} --force{target(work)}"
    fix = expect.commands(None if fault.missing else f"rm -f {place}", again)
    about = expect.Subject(f"{place}: {work.shown(output.path)}, an output of stage {stage.name}", fix)
    about.fail(f"content whose hash is {content.md5}", fault.found)


def in_git(pipeline: Pipeline, stage: Stage, output: StageOutput, content: Output) -> None:
    """An output that DVC does not keep is in Git, as the lock says. Of a folder, Git keeps no hash."""
    work = pipeline.work
    found = md5s(work.snapshot.read(output.path))
    expect.that(
        content.is_folder or content.md5 in found,
        looked_at=f"{work.shown(output.path)} in the last commit: an output of stage {stage.name} that DVC does not keep",
        expected=f"md5 {content.md5}, as {pipeline.lock(stage)} says",
        found=f"md5 {found[0]}" if found else "no such file",
        fix=run(work, "Commit what the pipeline wrote", force=True),
    )
