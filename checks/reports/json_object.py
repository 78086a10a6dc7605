"""JSON that is read strictly: every value is of the kind that was asked for, and a mistake is named with its place."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from checks.reports.escape import shorten, visible

LARGEST = 1e300
"""A larger number can't be shown or summed; JSON's `1e999` reads as infinity."""


@dataclass(frozen=True, slots=True)
class JsonObject:
    """A JSON object that knows where in the file it stands. Every method raises ValueError with one clear sentence."""

    value: dict[str, Any]
    place: str

    def text(self, key: str) -> str:
        """The text under a key."""
        value = self._get(key)
        return value if isinstance(value, str) else self._refuse(key, "a text")

    def text_or_none(self, key: str) -> str | None:
        """The text under a key, or None for `null`."""
        return None if self._get(key) is None else self.text(key)

    def one_of(self, key: str, words: Sequence[str]) -> str:
        """One of the words under a key."""
        value = self.text(key)
        return value if value in words else self._refuse(key, "one of " + ", ".join(words))

    def number(self, key: str) -> float:
        """The number under a key."""
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
            self._refuse(key, "a number")
        return float(value)

    def flag(self, key: str) -> bool:
        """The `true` or `false` under a key."""
        value = self._get(key)
        return value if isinstance(value, bool) else self._refuse(key, "true or false")

    def object(self, key: str) -> JsonObject:
        """The object under a key."""
        value = self._get(key)
        return JsonObject(value, f"{self.place}.{key}") if isinstance(value, dict) else self._refuse(key, "an object")

    def objects(self, key: str) -> list[JsonObject]:
        """The list of objects under a key."""
        value = self._get(key)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._refuse(key, "a list of objects")
        return [JsonObject(item, f"{self.place}.{key}[{index}]") for index, item in enumerate(value)]

    def texts(self, key: str) -> list[str]:
        """The list of texts under a key."""
        value = self._get(key)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._refuse(key, "a list of texts")
        return value

    def _get(self, key: str) -> Any:
        """The value under a key."""
        if key not in self.value:
            raise ValueError(f"{self.place}: there is no {key!r}.")
        return self.value[key]

    def _refuse(self, key: str, wanted: str) -> NoReturn:
        """Say what the value is, and what would do."""
        shown = visible(shorten(repr(self.value[key]), 60))
        raise ValueError(f"{self.place}.{key}: it is {shown}, but must be {wanted}.")


def parse(text: str, name: str) -> JsonObject:
    """The JSON object that the text holds. A key that occurs twice, NaN and Infinity are refused. Raises ValueError."""
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name}: it can't be read as JSON ({visible(str(error))}).") from None
    if not isinstance(value, dict):
        raise ValueError(f"{name}: it holds no JSON object.")
    return JsonObject(value, name)


def difference(expected: object, found: object, place: str) -> str | None:
    """A sentence that names the first place where two JSON values differ, or None. Numbers may differ by rounding."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in [*expected, *found]:
            if key not in expected or key not in found:
                is_what = "must not be there" if key not in expected else "is missing"
                return f"{place}: {visible(shorten(repr(key), 60))} {is_what}."
        parts = ((expected[key], found[key], f"{place}.{key}") for key in expected)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        parts = ((*pair, f"{place}[{index}]") for index, pair in enumerate(zip(expected, found, strict=True)))
    else:
        return None if _same(expected, found) else f"{place}: it is {_short(found)}, but must be {_short(expected)}."
    return next((sentence for part in parts if (sentence := difference(*part))), None)


def _same(one: object, other: object) -> bool:
    """Whether two plain values are the same."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return one == other


def _short(value: object) -> str:
    """A value for a message."""
    return visible(shorten(repr(value), 60))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object in which no key occurs twice."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return value


def _no_constant(name: str) -> NoReturn:
    """Refuse what is no JSON."""
    raise ValueError(f"{name} is no JSON number")
