"""The pipeline: as it was committed, or as a rebuild left it; what its stages wrote, and the commands that run it again."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import cached_property

from checks import Unavailable, Workspace, expect
from checks.assertions.once import once
from checks.core.workspace import Form
from checks.evidence.dvc.committed import PIPELINE, Committed, Contents, LockedFile, lock_of
from checks.evidence.dvc.stage import Stage
from checks.evidence.table import Table, parse_table
from checks.expect import Malformed

DATA = "data/rentals.csv"
MONTHS = 3


@dataclass(frozen=True)
class Pipeline:
    """The pipelines and locks of one commit, or of the folder that a rebuild left, in the workspace that holds their outputs."""

    work: Workspace
    committed: Committed

    @property
    def stages(self) -> dict[str, Stage]:
        """The stages by name."""
        return self.committed.stages

    @property
    def leading(self) -> list[Stage]:
        """The stages that lead to the evaluation. Others beside them are the learner's own affair."""
        needed = {"evaluate", *self.committed.upstream("evaluate")}
        return [stage for name, stage in self.stages.items() if name in needed]

    def file(self, stage: str) -> str:
        """The `dvc.yaml` that defines a stage, as one types its path."""
        return self.work.shown(self.stages[stage].file)

    def lock(self, stage: Stage) -> str:
        """The `dvc.lock` that a stage belongs in, as one types its path."""
        return self.work.shown(lock_of(stage.file))

    def script(self, stage: str) -> str:
        """The script that a stage runs, as one types its path."""
        return next(map(self.work.shown, self.stages[stage].scripts), f"stage {stage}")

    @cached_property
    def contents(self) -> Contents:
        """The content of the outputs."""
        return Contents(self.committed, self.work.stores, self.work.files)

    def output(self, name: str) -> LockedFile:
        """The file called `name` that a stage wrote, wherever it lies. Raises Failure where there is none."""
        everything = list(self.contents.files())
        found = [entry for entry in everything if posixpath.basename(entry.path) == name]
        if found:
            return min(found, key=lambda entry: (entry.stage not in {"preprocess", "evaluate"}, entry.path.count("/")))
        names = sorted({self.work.shown(entry.path) for entry in everything})
        fix = by_hand(self.work, f"let a stage write {name}, and list it below its `outs` in dvc.yaml")
        about = expect.Subject("the outputs of the stages in dvc.lock", fix)
        instead = ", ".join(names[:8]) + (f", and {len(names) - 8} more" if len(names) > 8 else "") or "none"
        about.fail(f"a file {name}", instead)

    def content(self, entry: LockedFile) -> bytes | None:
        """The bytes that a stage wrote, or None where they are nowhere."""
        return self.contents.read(entry.path, entry.content)

    def table(self, name: str) -> tuple[LockedFile, Table]:
        """The CSV file called `name` that a stage wrote. Raises Failure where its content is nowhere."""
        entry = self.output(name)
        found = self.table_of(entry)
        if found is not None:
            return entry, found
        if self.work.form is Form.BRANCH:
            raise Unavailable("a branch carries no DVC cache: hand in the clone")
        fix = "dvc repro --force"
        about = expect.Subject(f"the content of {self.work.shown(entry.path)}, which stage {entry.stage} wrote", fix)
        about.fail(f"md5 {entry.content.md5} in the cache", "it is neither in the cache nor in the folder")

    def table_of(self, entry: LockedFile) -> Table | None:
        """A CSV file that a stage wrote, or None where its content is nowhere."""
        tables = _tables(self.work)
        md5 = entry.content.md5
        if md5 not in tables:
            data = self.content(entry)
            if data is None:
                return None
            try:
                tables[md5] = parse_table(data, self.work.shown(entry.path))
            except Malformed as failure:
                raise failure.mended_by("dvc repro --force") from None
        return tables[md5]


@once
def _tables(_work: Workspace) -> dict[str, Table]:
    """The tables that were read, by the MD5 of their content."""
    return {}


def committed_pipeline(work: Workspace) -> Pipeline:
    """The pipeline of the last commit. Raises Failure where there is none, or where DVC could not read it either."""
    try:
        committed = work.dvc.pipelines(work.snapshot)
    except Malformed as malformed:
        if malformed.looked_at.startswith((".git", "Git object")):
            raise
        raise malformed.mended_by(f"dvc stage list\n{describe(PIPELINE, 'mend what DVC complains about')}") from None
    if not committed.pipelines:
        there = work.files.is_file(work.path(PIPELINE))
        fix = describe(PIPELINE) if there else describe(PIPELINE, f"describe the stages in {PIPELINE}")
        about = expect.Subject(f"{PIPELINE} in the last commit of {work.branch}", fix)
        about.fail("the stages of the pipeline", f"{PIPELINE} is there, but not committed" if there else "no such file")
    return Pipeline(work, committed)


def describe(file: str, what: str | None = None) -> str:
    """The commands that commit a `dvc.yaml`, after a person did `what` is needed."""
    return expect.commands(f"({what})" if what else None, f'git add {file}\ngit commit -m "Describe the pipeline"')


def by_hand(work: Workspace, what: str, message: str = "Run the pipeline", *, force: bool = False) -> str:
    """What a person does, and the commands that run the pipeline then."""
    return f"({what})\n{run(work, message, force=force)}"


def run(work: Workspace, message: str = "Run the pipeline", *, force: bool = False) -> str:
    """`dvc repro`, and a commit of everything that changed and of what the pipeline leaves to Git for the first time."""
    return expect.commands(f"dvc repro{' --force' if force else ''}{target(work)}", commit(work, message))


def target(work: Workspace) -> str:
    """The argument that `dvc repro` needs in the task folder: none, or the `dvc.yaml` that lies deeper."""
    pipelines = work.dvc.pipelines(work.snapshot).pipelines
    nearest = pipelines[0].path if pipelines else work.path(PIPELINE)
    return "" if nearest == work.path(PIPELINE) else f" {work.shown(nearest)}"


def commit(work: Workspace, message: str) -> str:
    """The commands that commit what a run changed."""
    new = _new_in_git(work)
    return expect.commands("git add -u .", f"git add {new}" if new else None, f'git commit -m "{message}"')


@once
def _new_in_git(work: Workspace) -> str:
    """The files that the pipeline leaves to Git and Git does not have yet."""
    committed, snapshot = work.dvc.pipelines(work.snapshot), work.snapshot
    left = [lock_of(pipeline.path) for pipeline in committed.pipelines if pipeline.stages]
    left += [out.path for stage in committed.stages.values() for out in stage.outputs if not out.cached]
    return " ".join(work.shown(path) for path in left if snapshot.id(path) is None and not snapshot.ignores(path))
