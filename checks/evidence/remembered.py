"""A property that is worked out once, also where it ends in a Failure: nobody reads a spoilt store twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from checks.expect import Failure

T = TypeVar("T")


class remembered(Generic[T]):  # noqa: N801 - used like `functools.cached_property`
    """Like `functools.cached_property`, and a Failure is kept and raised again."""

    def __init__(self, function: Callable[[Any], T]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._key = f" {name}"  # a name that no attribute has, so that this property is asked each time

    @overload
    def __get__(self, instance: None, owner: type) -> remembered[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> remembered[T] | T:
        if instance is None:
            return self
        kept = instance.__dict__
        if self._key not in kept:
            try:
                kept[self._key] = (self._function(instance), None)
            except Failure as failure:
                kept[self._key] = (None, failure)
        value: T
        value, failed = kept[self._key]
        if failed is not None:
            raise failed.with_traceback(None)
        return value
