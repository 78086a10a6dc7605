"""What is found out about one workspace is found out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from checks.core.workspace import Workspace

P = ParamSpec("P")
T = TypeVar("T")


def once(function: Callable[Concatenate[Workspace, P], T]) -> Callable[Concatenate[Workspace, P], T]:
    """A function of a workspace and of values that can be hashed, remembered as long as the workspace is there.

    What it returns must not hold the workspace. A Failure is raised anew each time.
    """
    kept: WeakKeyDictionary[Workspace, dict[Hashable, T]] = WeakKeyDictionary()

    @wraps(function)
    def remembering(work: Workspace, /, *arguments: P.args, **named: P.kwargs) -> T:
        found = kept.setdefault(work, {})
        key = (arguments, tuple(sorted(named.items())))
        if key not in found:
            found[key] = function(work, *arguments, **named)
        return found[key]

    return remembering
