"""Assertions over the stages of a DVC pipeline: that they are joined, and that no number hides in a script."""

from __future__ import annotations

import ast
import posixpath
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from checks import expect
from checks.evidence.dvc.graph import overlap
from checks.evidence.dvc.parameters import DEFAULT, leaves, parse_parameters, select

if TYPE_CHECKING:
    from checks.evidence.dvc.committed import Committed
    from checks.evidence.dvc.stage import Stage
    from checks.workspace import Workspace

COMMIT = 'git add dvc.yaml\ngit commit -m "Describe the pipeline"'
SAME = {"test_size": "test_share", "random_state": "seed"}
"""Arguments of scikit-learn, and the parameters of this course that belong there."""


def pipeline(work: Workspace) -> Committed:
    """The pipelines of the last commit. Raises Failure where there is none."""
    committed = work.dvc.pipelines(work.snapshot)
    if not committed.pipelines:
        there = work.files.is_file(work.path("dvc.yaml"))
        expect.fail(
            looked_at=f"dvc.yaml in the last commit of {work.branch}",
            expected="the stages of the pipeline",
            found="dvc.yaml is there, but not committed" if there else "no such file",
            fix=COMMIT if there else f"(describe the stages in dvc.yaml)\n{COMMIT}",
        )
    return committed


def stage(committed: Committed, name: str) -> Stage:
    """The stage of this name. Raises Failure where there is none."""
    return expect.some(
        committed.stages.get(name),
        looked_at="the stages in dvc.yaml",
        expected=f"a stage named {name}",
        found=f"only {', '.join(sorted(committed.stages)[:12])}" if committed.stages else "no stage",
        fix=f"(describe the stage {name} in dvc.yaml)\n{COMMIT}",
    )


def depends_on_script(work: Workspace, stage: Stage) -> None:
    """A stage depends on each script that its command runs."""
    for script in scripts(stage):
        if work.snapshot.id(script) is None and not work.files.is_file(script):
            continue  # a tool of the environment: `python -m pytest`
        expect.that(
            any(overlap(script, dependency.path) for dependency in stage.dependencies),
            looked_at=f"{work.shown(stage.file)}: the `deps` of stage {stage.name}",
            expected=f"{work.shown(script)}, which its command runs: a change of the script must run it again",
            found=", ".join(dependency.written for dependency in stage.dependencies[:8]) or "none",
            fix=f"(add {work.shown(script)} to the `deps` of {stage.name} in dvc.yaml)\n{COMMIT}",
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
        fix=f"(add the script to the `deps` of {stage.name} in dvc.yaml)\n{COMMIT}",
    )


def joined(committed: Committed, before: str, after: str) -> None:
    """A stage needs what another one wrote, directly or through stages between them."""
    stage = committed.stages[after]
    expect.that(
        before in committed.upstream(after),
        looked_at=f"dvc.yaml: the `deps` of stage {after}",
        expected=f"an output of stage {before}: {_listed(o.written for o in committed.stages[before].outputs)}",
        found=_listed(dependency.written for dependency in stage.dependencies),
        fix=f"(name the files that join {before} and {after} the same in `outs` and `deps`: dvc dag shows it)\n{COMMIT}",
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


def declared(work: Workspace, stage: Stage) -> dict[str, Any]:
    """Every parameter that a stage declares, or that a template put into it: dotted key to committed value.

    Raises Failure where a parameter file is not committed or malformed.
    """
    values: dict[str, Any] = {}
    for use in stage.parameters:
        content = _parameters(work, use.path)
        for key in use.keys or tuple(map(str, content)):
            values.update(leaves(select(content, key) if use.keys else content.get(key), key))
    for path, key in stage.filled_in:
        values[key] = select(_parameters(work, path), key)
    return values


def _parameters(work: Workspace, path: str) -> dict[str, Any]:
    data = expect.some(
        work.snapshot.read(path),
        looked_at=f"{work.shown(path)} in the last commit",
        expected="the parameters that dvc.yaml names",
        found="it is there, but not committed" if work.files.is_file(path) else "no such file",
        fix=f'git add {work.shown(path)}\ngit commit -m "Add the parameters"',
    )
    return parse_parameters(data, path)


def nothing_hidden(work: Workspace, stage: Stage) -> None:
    """What a stage's script uses of the parameters is declared, and no parameter is a number in the script."""
    keys = sorted(declared(work, stage))
    names = {key.rpartition(".")[2] for key in keys}
    files = {use.path for use in stage.parameters} | {posixpath.join(stage.folder, DEFAULT)}
    known: dict[str, str] = {}
    for path in sorted(files):
        data = work.snapshot.read(posixpath.normpath(path))
        for key, _ in leaves(parse_parameters(data, path)) if data is not None else ():
            known[key.rpartition(".")[2]] = key
    for script in scripts(stage):
        tree = _parsed(work.snapshot.read(script) or b"")
        shown = work.shown(script)
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.keyword) and node.arg and _is_number(node.value):
                name = SAME.get(node.arg, node.arg)
                expect.that(
                    name not in known,
                    looked_at=f"{shown}, line {node.value.lineno}: {ast.unparse(node)[:80]}",
                    expected=f"the parameter {known.get(name)}",
                    found="a number in the script: DVC does not see it change",
                    fix=f"(read {known.get(name)} from the parameters, and declare it)\n"
                    f'dvc repro\ngit add {shown} dvc.yaml dvc.lock metrics.json\ngit commit -m "Use the parameters"',
                )
            used = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
            expect.that(
                used not in known or used in names,
                looked_at=f"{work.shown(stage.file)}: the `params` of stage {stage.name}",
                expected=f"{known.get(used or '')}, which {shown} reads: a change of it must run the stage again",
                found=", ".join(keys[:12]) or "none",
                fix=f"(add {known.get(used or '')} to the `params` of {stage.name} in dvc.yaml)\n"
                'dvc repro\ngit add dvc.yaml dvc.lock\ngit commit -m "Declare the parameters"',
            )


def _parsed(source: bytes) -> ast.AST | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
