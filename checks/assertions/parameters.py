"""The parameters of a pipeline's stages: which are declared, and whether a number hides in a script."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checks import expect
from checks.assertions.pipeline import scripts
from checks.assertions.rerun import rerun
from checks.evidence.dvc.parameters import DEFAULT, leaves, parse_parameters, select

if TYPE_CHECKING:
    from checks.core.workspace import Workspace
    from checks.evidence.dvc.committed import Committed
    from checks.evidence.dvc.stage import Stage

SAME = {"test_size": "test_share", "random_state": "seed"}
"""Arguments of scikit-learn, and the parameters of this course that belong there."""
_LOADERS = frozenset({"load", "loads", "safe_load", "full_load", "params_show"})
_BINARY = frozenset({"joblib", "pickle", "numpy", "np", "torch"})
_LOOK_UPS = frozenset({"get", "pop"})
_TRIES = 3
"""Parameters that are changed, one after the other, until one has an effect."""
_DEPTH = 32
"""Steps from one name to the next that are followed, in an expression and between variables."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that a stage uses: its file, its dotted key, its committed value."""

    path: str
    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class Change:
    """A parameter with another value than the committed one, as DVC writes it on a command line."""

    path: str
    key: str
    value: str


def declared(work: Workspace, stage: Stage) -> dict[str, Any]:
    """Every parameter that a stage declares, or that a template put into it: dotted key to committed value.

    Raises Failure where a parameter file is not committed or malformed.
    """
    return {parameter.key: parameter.value for parameter in _used(work, stage)}


def _used(work: Workspace, stage: Stage) -> Iterator[Parameter]:
    for use in stage.parameters:
        content = _content(work, use.path)
        for key in use.keys or tuple(map(str, content)):
            for leaf, value in leaves(select(content, key) if use.keys else content.get(key), key):
                yield Parameter(use.path, leaf, value)
    for path, key in sorted(stage.filled_in):
        yield Parameter(path, key, select(_content(work, path), key))


def changes(work: Workspace, committed: Committed) -> tuple[Change, ...]:
    """Other values for parameters of the stage train, those first that are sure to give another model.

    A value near to the committed one is valid for nearly every model: one more, a half, the other truth. What an
    earlier stage uses too, such as a seed that all share, is changed only where there is nothing else.
    """
    used = list(dict.fromkeys(_used(work, committed.stages["train"])))
    earlier = {
        (parameter.path, parameter.key)
        for name in committed.upstream("train")
        for parameter in _used(work, committed.stages[name])
    }
    own = [parameter for parameter in used if (parameter.path, parameter.key) not in earlier]
    other = own or [parameter for parameter in used if not _is_seed(parameter)]
    ordered = sorted(other, key=lambda parameter: (_is_seed(parameter), isinstance(parameter.value, bool)))
    found = (Change(parameter.path, parameter.key, _another(parameter.value)) for parameter in ordered)
    return tuple(change for change in found if change.value)[:_TRIES]


def _is_seed(parameter: Parameter) -> bool:
    return parameter.key.endswith("seed")


def _another(value: Any) -> str:
    """Another value, or an empty text where none comes to mind."""
    if isinstance(value, bool):
        return str(not value).lower()
    if isinstance(value, int) and value > 0:
        return str(value + 1)
    return repr(value / 2) if isinstance(value, float) and value else ""


def known(work: Workspace, stage: Stage) -> dict[str, str]:
    """Every parameter in the files that a stage uses, and in the default file: its last name to its dotted key."""
    files = {use.path for use in stage.parameters} | {posixpath.normpath(posixpath.join(stage.folder, DEFAULT))}
    found: dict[str, str] = {}
    for path in sorted(files):
        data = work.snapshot.read(path)
        for key, _ in leaves(parse_parameters(data, path)) if data is not None else ():
            found[key.rpartition(".")[2]] = key
    return found


def _content(work: Workspace, path: str) -> dict[str, Any]:
    data = expect.some(
        work.snapshot.read(path),
        looked_at=f"{work.shown(path)} in the last commit",
        expected="the parameters that dvc.yaml names",
        found="it is there, but not committed" if work.files.is_file(path) else "no such file",
        fix=f'git add {work.shown(path)}\ngit commit -m "Add the parameters"'
        if work.files.is_file(path)
        else f'(write {work.shown(path)})\ngit add {work.shown(path)}\ngit commit -m "Add the parameters"',
    )
    return parse_parameters(data, path)


def nothing_hidden(work: Workspace, stage: Stage) -> None:
    """What a stage's script uses of the parameters is declared, and no parameter is a number in the script."""
    keys = sorted(declared(work, stage))
    names = {key.rpartition(".")[2] for key in keys}
    parameters = known(work, stage)
    for script in scripts(stage):
        tree = _parsed(work.snapshot.read(script) or b"")
        if tree is None:
            continue
        shown = work.shown(script)
        for argument in _numbers(tree):
            name = SAME.get(argument.arg or "", argument.arg or "")
            expect.that(
                name not in parameters,
                looked_at=f"{shown}, line {argument.value.lineno}: {ast.unparse(argument)[:80]}",
                expected=f"the value of the parameter {parameters.get(name)}",
                found="a number in the script: when you change the parameter, nothing changes",
                fix=f"(in {shown}, take {parameters.get(name)} from the parameters; list it below the `params` of "
                f"{stage.name} in {work.shown(stage.file)})\n{rerun(work, 'Use the parameters')}",
            )
        for used in _looked_up(tree):
            expect.that(
                used not in parameters or used in names,
                looked_at=f"{work.shown(stage.file)}: the `params` of stage {stage.name}",
                expected=f"{parameters.get(used)}, which {shown} reads: when it changes, the stage must run again",
                found=", ".join(keys[:12]) or "none",
                fix=f"(add {parameters.get(used)} to the `params` of {stage.name} in {work.shown(stage.file)})\n"
                f"{rerun(work, 'Declare the parameters')}",
            )


def _parsed(source: bytes) -> ast.AST | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


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
