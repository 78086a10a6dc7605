"""Assertions over the stages of a DVC pipeline: that they are there, name their scripts, and are joined."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from checks import expect
from checks.evidence.dvc.graph import overlap

if TYPE_CHECKING:
    from checks.core.workspace import Workspace
    from checks.evidence.dvc.committed import Committed
    from checks.evidence.dvc.stage import Stage


def pipeline(work: Workspace) -> Committed:
    """The pipelines of the last commit. Raises Failure where there is none."""
    committed = work.dvc.pipelines(work.snapshot)
    if not committed.pipelines:
        there = work.files.is_file(work.path("dvc.yaml"))
        expect.fail(
            looked_at=f"dvc.yaml in the last commit of {work.branch}",
            expected="the stages of the pipeline",
            found="dvc.yaml is there, but not committed" if there else "no such file",
            fix=described("dvc.yaml") if there else f"(describe the stages in dvc.yaml)\n{described('dvc.yaml')}",
        )
    return committed


def stage(work: Workspace, committed: Committed, name: str) -> Stage:
    """The stage of this name. Raises Failure where there is none."""
    file = work.shown(committed.pipelines[0].path)
    return expect.some(
        committed.stages.get(name),
        looked_at=f"the stages in {file}",
        expected=f"a stage named {name}",
        found=f"only {', '.join(sorted(committed.stages)[:12])}" if committed.stages else "no stage",
        fix=f"(describe the stage {name} in {file})\n{described(file)}",
    )


def depends_on_script(work: Workspace, stage: Stage) -> None:
    """A stage depends on each script that its command runs."""
    for script in scripts(stage):
        if work.snapshot.id(script) is None and not work.files.is_file(script):
            continue  # a tool of the environment: `python -m pytest`
        file = work.shown(stage.file)
        expect.that(
            any(overlap(script, dependency.path) for dependency in stage.dependencies),
            looked_at=f"{work.shown(stage.file)}: the `deps` of stage {stage.name}",
            expected=f"{work.shown(script)}, which its command runs: a change of the script must run it again",
            found=", ".join(dependency.written for dependency in stage.dependencies[:8]) or "none",
            fix=f"(add {work.shown(script)} to the `deps` of {stage.name} in {file})\n{described(file)}",
        )
        expect.that(
            work.snapshot.is_file(script),
            looked_at=f"{work.shown(script)} in the last commit",
            expected=f"the script of stage {stage.name}",
            found="it is there, but not committed",
            fix=f'git add {work.shown(script)}\ngit commit -m "Add the script of {stage.name}"',
        )
    code = any(
        work.snapshot.id(dependency.path) is not None and dependency.path.endswith((".py", ".ipynb", ".sh", ".R"))
        for dependency in stage.dependencies
    )
    expect.that(
        code or any(work.snapshot.id(dependency.path) is not None for dependency in stage.dependencies),
        looked_at=f"{work.shown(stage.file)}: the `deps` of stage {stage.name}",
        expected="the script that does its work, a file in Git",
        found=", ".join(dependency.written for dependency in stage.dependencies[:8]) or "none",
        fix=f"(add the script to the `deps` of {stage.name} in {work.shown(stage.file)})\n"
        f"{described(work.shown(stage.file))}",
    )


def described(file: str) -> str:
    """The commands that commit a `dvc.yaml`, given as one types its path."""
    return f'git add {file}\ngit commit -m "Describe the pipeline"'


def joined(work: Workspace, committed: Committed, before: str, after: str) -> None:
    """A stage needs what another one wrote, directly or through stages between them."""
    stage = committed.stages[after]
    expect.that(
        before in committed.upstream(after),
        looked_at=f"{work.shown(stage.file)}: the `deps` of stage {after}",
        expected=f"an output of stage {before}: {_listed(o.written for o in committed.stages[before].outputs)}",
        found=_listed(dependency.written for dependency in stage.dependencies),
        fix=f"(write the same path in the `outs` of {before} and in the `deps` of {after}; `dvc dag` shows what is joined)\n"
        f"{described(work.shown(stage.file))}",
    )


def _listed(names: Iterator[str]) -> str:
    return ", ".join(list(names)[:8]) or "none"


def scripts(stage: Stage) -> list[str]:
    """The Python files that a stage's commands name, from the root: `python a/b.py`, `python -m a.b`."""
    found: list[str] = []
    for command in stage.commands:
        try:
            words = shlex.split(command)
        except ValueError:
            words = command.split()
        for before, word in zip(["", *words], words, strict=False):
            path = f"{word.replace('.', '/')}.py" if before == "-m" else word
            if path.endswith((".py", ".sh", ".R")) and not path.startswith(("-", "/")) and "://" not in path:
                found.append(posixpath.normpath(posixpath.join(stage.folder, path)))
    return list(dict.fromkeys(found))
