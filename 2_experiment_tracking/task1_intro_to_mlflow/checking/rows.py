"""Rows of the learner's own data for a model to predict, with the columns that its signature names.

A learner's features are theirs: a column that we can't make of the data (a lag, an average) has the values of the
model's own input example. Such rows still tell two models apart; only rows that are known tell how far a model is off.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checks import expect, limits
from checks.evidence.documents import parse_json
from checks.evidence.mlflow.mlmodel import Model

from .runs import TARGET

COLUMNS = 500
"""Columns that a model of this course may take."""
EXAMPLES = 20
"""Rows of an input example that are looked at."""
TEXT = 100
"""Characters in a cell of it."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """A question to a model, by column of its signature, and the true answers.

    `known` says that every column was made of the data, in the way in which the learner makes it: the rows of the
    model's input example are among them.
    """

    columns: dict[str, tuple[str, list[Any]]]
    """A column's type in the signature, and its values."""
    truth: list[float]
    known: bool


def rows_for(model: Model, csv: bytes) -> Rows:
    """The rows of `csv` without repetitions, and without hours in which a sensor was silent: many models want neither."""
    made = [row for line in _table(csv) if None not in (row := _row(line)).values()]
    example = _example(model)
    types = {column.name: column.type for column in (model.signature.inputs if model.signature else ()) if column.name}
    fix = "(let the model take fewer columns, and run it again)"
    about = expect.Subject(f"{model.artifacts.folder}/MLmodel: the signature", fix)
    about.that(len(types) <= COLUMNS, f"at most {COLUMNS} columns", f"{len(types):,}")
    columns = {
        name: (kind, [_value(row, name, example, at) for at, row in enumerate(made)]) for name, kind in types.items()
    }
    known = bool(example) and all(name in made[0] for name in types)
    return Rows(columns, [row[TARGET] for row in made], known and all(_is_among(row, made, types) for row in example))


def _table(csv: bytes) -> list[Row]:
    header, *lines = csv.decode("ascii").splitlines()
    names = header.split(",")
    return [dict(zip(names, line.split(","), strict=True)) for line in dict.fromkeys(lines)]


def _row(texts: Row) -> Row:
    """The numbers of a row, and the usual features of its time."""
    time = datetime.fromisoformat(texts["timestamp"])
    numbers = {name: float(text) if text else None for name, text in texts.items() if name != "timestamp"}
    weekday = time.weekday()
    turn = 2 * math.pi * time.hour / 24
    return {
        "timestamp": texts["timestamp"],
        "hour": time.hour,
        "hour_of_day": time.hour,
        "hour_sin": math.sin(turn),
        "hour_cos": math.cos(turn),
        **dict.fromkeys(("weekday", "dayofweek", "day_of_week", "dow"), weekday),
        **dict.fromkeys(("is_weekend", "weekend"), int(weekday >= 5)),  # Saturday and Sunday
        **dict.fromkeys(("day", "day_of_month"), time.day),
        **dict.fromkeys(("dayofyear", "day_of_year"), time.timetuple().tm_yday),
        "month": time.month,
        "year": time.year,
        **numbers,
    }


def _value(row: Row, name: str, example: Sequence[Row], at: int) -> Any:
    if name in row:
        return row[name]
    return example[at % len(example)].get(name) if example else at % 24


def _example(model: Model) -> list[Row]:
    """The rows of the model's input example; none where it is no table."""
    if model.input_example is None:
        return []
    place = f"{model.artifacts.folder}/{model.input_example}"
    document = parse_json(model.artifacts.read(model.input_example, limits.TEXT_BYTES), place)
    names, data = (document.get("columns"), document.get("data")) if isinstance(document, dict) else (None, None)
    if not isinstance(names, list) or not isinstance(data, list):
        return []
    rows = [row for row in data[:EXAMPLES] if isinstance(row, list)]
    return [dict(zip(map(str, names), map(_plain, row), strict=False)) for row in rows]


def _plain(value: object) -> object:
    """A value that a table's cell can have; None in place of any other."""
    if isinstance(value, str):
        return value if len(value) <= TEXT else None
    return value if isinstance(value, int | float) and abs(value) < 1e100 else None


def _is_among(row: Row, made: Sequence[Row], names: Iterable[str]) -> bool:
    """Whether a row of the example is one of those that we made. What is missing in it fits everything."""
    given = {name: row[name] for name in names if row.get(name) is not None}
    return any(all(_same(one[name], value) for name, value in given.items()) for one in made)


def _same(one: object, other: object) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9)
    return str(one) == str(other)
