"""The parameters that the stages use: which are declared, whether a number hides in a script, and other values to try."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from checks import Workspace, expect
from checks.evidence.dvc.parameters import DEFAULT, Parameter, leaves, parse_parameters
from checks.evidence.dvc.stage import Stage

from .pipeline import Pipeline, by_hand, target

SHARE = "test_share"
SEED = "seed"
SAME = {"test_size": SHARE, "random_state": SEED}
"""Arguments of scikit-learn, and the parameters of this course that belong there."""
_LOADERS = frozenset({"load", "loads", "safe_load", "full_load", "params_show"})
_BINARY = frozenset({"joblib", "pickle", "numpy", "np", "torch"})
_LOOK_UPS = frozenset({"get", "pop"})
_TRIES = 3
"""Parameters that are changed, one after the other, until one has an effect."""
_DEPTH = 32
"""Steps from one name to the next that are followed, in an expression and between variables."""


def used(work: Workspace, stage: Stage) -> list[Parameter]:
    """Every parameter that a stage declares, or that a template put into it, with its committed value.

    Raises Failure where a parameter file is not committed or malformed.
    """
    return list({(one.path, one.key): one for one in stage.uses(lambda path: values(work, path))}.values())


def values(work: Workspace, path: str) -> dict[str, Any]:
    """The committed values in a parameter file. Raises Failure where it is not committed or malformed."""
    shown, there = work.shown(path), work.files.is_file(path)
    add = f'git add {shown}\ngit commit -m "Add the parameters"'
    about = expect.Subject(f"{shown} in the last commit", add if there else f"(write {shown})\n{add}")
    found = "it is there, but not committed" if there else "no such file"
    data = about.some(work.snapshot.read(path), "the parameters that dvc.yaml names", found)
    return parse_parameters(data, path)


def is_named(key: str, name: str) -> bool:
    """Whether a dotted key ends in this name."""
    return key.rpartition(".")[2] == name


def changes(pipeline: Pipeline) -> list[Parameter]:
    """Other values for parameters of the stage train, those first that are sure to give another model.

    A value near to the committed one is valid for nearly every model: one more, a half, the other truth. A parameter
    that an earlier stage uses too, such as a seed that all share, is changed only where there is nothing else. Values
    are texts, as DVC writes them on a command line.
    """
    work, stages = pipeline.work, pipeline.stages
    earlier = [used(work, stages[name]) for name in pipeline.committed.upstream("train")]
    shared = {(one.path, one.key) for parameters in earlier for one in parameters}
    everything = used(work, stages["train"])
    own = [one for one in everything if (one.path, one.key) not in shared]
    other = own or [one for one in everything if not one.key.endswith(SEED)]
    other.sort(key=lambda one: (one.key.endswith(SEED), isinstance(one.value, bool)))
    return [replace(one, value=text) for one in other if (text := _another(one.value))][:_TRIES]


def _another(value: Any) -> str:
    """Another value, or an empty text where none comes to mind."""
    if isinstance(value, bool):
        return str(not value).lower()
    if isinstance(value, int) and value > 0:
        return str(value + 1)
    return repr(value / 2) if isinstance(value, float) and value else ""


def set_parameter(work: Workspace, change: Parameter) -> str:
    """The command that runs the pipeline with another value of a parameter."""
    file = work.shown(change.path)
    where = "" if file == DEFAULT else f"{file}:"
    return f"dvc exp run --set-param {where}{change.key}={change.value}{target(work)}"


def known(work: Workspace, stage: Stage) -> dict[str, str]:
    """Every parameter in the files that a stage uses, and in the default file: its last name to its dotted key."""
    files = {use.path for use in stage.parameters} | {posixpath.normpath(posixpath.join(stage.folder, DEFAULT))}
    read = ((path, work.snapshot.read(path)) for path in sorted(files))
    keys = (key for path, data in read if data is not None for key, _ in leaves(parse_parameters(data, path)))
    return {key.rpartition(".")[2]: key for key in keys}


def nothing_hidden(pipeline: Pipeline, stage: Stage) -> None:
    """What a stage's script uses of the parameters is declared, and no parameter is a number in the script."""
    work, file = pipeline.work, pipeline.file(stage.name)
    keys = sorted({parameter.key for parameter in used(work, stage)})
    names = {key.rpartition(".")[2] for key in keys}
    parameters = known(work, stage)
    for script in stage.scripts:
        tree, shown = _parsed(work.snapshot.read(script) or b""), work.shown(script)
        for argument in _numbers(tree):
            name = SAME.get(argument.arg or "", argument.arg or "")
            key = parameters.get(name)
            take = f"in {shown}, take {key} from the parameters; list it below the `params` of {stage.name} in {file}"
            fix = by_hand(work, take, "Use the parameters")
            about = expect.Subject(f"{shown}, line {argument.value.lineno}: {ast.unparse(argument)[:80]}", fix)
            found = "a number in the script: when you change the parameter, nothing changes"
            about.that(name not in parameters, f"the value of the parameter {key}", found)
        for name in _looked_up(tree):
            key = parameters.get(name)
            add = f"add {key} to the `params` of {stage.name} in {file}"
            mend = by_hand(work, add, "Declare the parameters")
            about = expect.Subject(f"{file}: the `params` of stage {stage.name}", mend)
            expected = f"{key}, which {shown} reads: when it changes, the stage must run again"
            about.that(name not in parameters or name in names, expected, ", ".join(keys[:12]) or "none")


def _parsed(source: bytes) -> ast.AST:
    """The syntax of a script; of one that is no Python, that of an empty one."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _numbers(tree: ast.AST) -> Iterator[ast.keyword]:
    """The arguments by name that are numbers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant):
            value = node.value.value
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                yield node


def _looked_up(tree: ast.AST) -> list[str]:
    """The names that are looked up in what was loaded from a parameter file; a column of a table is none of them."""
    nodes = list(ast.walk(tree))
    loaded: set[str] = set()
    for _ in range(_DEPTH):
        more = set(_loaded(nodes, loaded)) - loaded
        if not more:
            break
        loaded |= more
    found = []
    for node in nodes:
        if isinstance(node, ast.Subscript) and _from(node.value, loaded):
            found.append(node.slice)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LOOK_UPS:
            found += node.args[:1] if _from(node.func.value, loaded) else []
    return [node.value for node in found if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _loaded(nodes: list[ast.AST], loaded: set[str]) -> Iterator[str]:
    """The variables, and the functions, that hold or give what was loaded."""
    for node in nodes:
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value and _from(node.value, loaded):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.FunctionDef):
            returned = (inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return) and inner.value)
            if any(_from(value, loaded) for value in returned):
                yield node.name


def _from(node: ast.expr, loaded: set[str]) -> bool:
    """Whether an expression is a part of what was loaded: `yaml.safe_load(file)["train"]`, `params.get("train")`."""
    for _ in range(_DEPTH):
        if isinstance(node, ast.Name):
            return node.id in loaded
        if isinstance(node, ast.Call):
            if _loads(node.func):
                return True
            node = node.func
        elif isinstance(node, (ast.Subscript, ast.Attribute)):
            node = node.value
        else:
            break
    return False


def _loads(function: ast.expr) -> bool:
    """Whether a function reads a text format: `yaml.safe_load`, but not `joblib.load`."""
    if isinstance(function, ast.Name):
        return function.id in _LOADERS
    if not isinstance(function, ast.Attribute) or function.attr not in _LOADERS:
        return False
    return not isinstance(function.value, ast.Name) or function.value.id not in _BINARY
