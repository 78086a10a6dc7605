"""Training and test rows held against the cleaned rows, and these against the learner's own data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from checks import expect
from checks.core import data
from checks.evidence.table import Table, parse_table

from .pipeline import DATA, MONTHS, Pipeline, by_hand

KEPT = 0.9
"""The least share of the learner's rows that cleaning keeps: filling or dropping 1 % of missing values keeps 99 %."""
_ROW = ("timestamp", "rentals")


def sound(pipeline: Pipeline) -> tuple[int, int]:
    """Hold cleaned, training and test rows against each other and the data; how many training and test rows there are.

    A row is known by the columns that the three files share.
    """
    _train_learns_apart(pipeline)
    tables = {name: pipeline.table(f"{name}.csv") for name in ("cleaned", "train", "test")}
    places = {name: pipeline.work.shown(entry.path) for name, (entry, _) in tables.items()}
    for name, (entry, content) in tables.items():
        for column in _ROW:
            mend = by_hand(pipeline.work, f"keep the column {column} in {name}.csv")
            about = expect.Subject(f"{places[name]}, which stage {entry.stage} wrote", mend)
            expected = f"the column {column}: it tells which row of your data this is"
            about.that(column in content.columns, expected, ", ".join(content.columns[:12]))
    shared = [column for column in tables["cleaned"][1].columns if all(column in t.columns for _, t in tables.values())]
    counted = {name: Counter(_rows(content, shared)) for name, (_, content) in tables.items()}
    _clean(pipeline, tables["cleaned"][1], places["cleaned"])
    cleaned, train, test = counted.values()
    looked_at = f"{places['train']} and {places['test']}"
    if not train.keys().isdisjoint(test):
        about = expect.Subject(looked_at, fix(pipeline, "train.csv", "give each cleaned row to one of the two files"))
        found = f"{(train & test).total():,} rows are in both"
        about.fail("no row in both: a model is not tested on what it has learned", found)
    both = Counter({**train, **test})
    if dict(both) != dict(cleaned):  # counters are compared far more slowly, and none holds a zero
        missing, foreign = (cleaned - both).total(), (both - cleaned).total()
        about = expect.Subject(looked_at, fix(pipeline, "train.csv", "split the cleaned rows, and leave none out"))
        found = f"{missing:,} rows are in neither, {foreign:,} are no cleaned rows"
        about.fail(f"together the {cleaned.total():,} rows of {places['cleaned']}", found)
    return train.total(), test.total()


def _train_learns_apart(pipeline: Pipeline) -> None:
    """The stage train depends on no file that holds the test rows: not by name, and not on a copy of one.

    A folder that holds all three files is fine: which of them the script reads can't be told from it.
    """
    work, stage, file = pipeline.work, pipeline.stages["train"], pipeline.file("train")
    entry = pipeline.committed.locked(stage)
    for holding in map(pipeline.output, ("test.csv", "cleaned.csv")):
        for dependency in stage.dependencies:
            content = entry.dependencies.get(dependency.written) if entry else None
            shown = work.shown(dependency.path)
            alone = f"let train read train.csv alone, and take {shown} out of its `deps` in {file}"
            expect.that(
                dependency.path != holding.path and (content is None or content.md5 != holding.content.md5),
                looked_at=f"{file}: the `deps` of stage train",
                expected="no test rows: a model is not tested on what it has learned",
                found=f"{shown}, which holds test rows",
                fix=by_hand(work, alone, "Train on the training rows"),
            )


def _clean(pipeline: Pipeline, cleaned: Table, place: str) -> None:
    """The cleaned rows are rows of this learner's data, most of them, each once."""
    learner = pipeline.work.learner.id
    known = set(_rows(parse_table(data.months(learner, MONTHS), "the data"), _ROW))
    found = Counter(_rows(cleaned, _ROW))
    foreign = [row for row in found if row not in known]
    mend = fix(pipeline, "cleaned.csv", f"clean {DATA}, and leave timestamp and rentals as they are")
    about = expect.Subject(f"{place}: the timestamps and the rentals", mend)
    instead = f"{len(foreign):,} rows that are not in it, such as {_text(foreign)}"
    about.that(not foreign, f"rows of the data of {learner}", instead)
    twice = [row for row, count in found.items() if count > 1]
    about = expect.Subject(place, fix(pipeline, "cleaned.csv", "drop the duplicate rows"))
    about.that(not twice, "each row once", f"{len(twice):,} rows are in it more than once, such as {_text(twice)}")
    about = expect.Subject(place, fix(pipeline, "cleaned.csv", "keep the rows that are in order"))
    expected = f"at least {KEPT:.0%} of the {len(known):,} different rows of your data"
    about.that(len(found) >= KEPT * len(known), expected, f"{len(found):,} rows")


def fix(pipeline: Pipeline, name: str, what: str) -> str:
    """What a person does in the script that writes the file `name`, and how to go on."""
    return by_hand(pipeline.work, f"in {pipeline.script(pipeline.output(name).stage)}, {what}", "Mend the split")


def _text(rows: Sequence[tuple[object, ...]]) -> str:
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for row in rows[:1] for value in row)


def _rows(table: Table, columns: Sequence[str]) -> list[tuple[object, ...]]:
    """The rows, by the values in these columns."""
    return list(zip(*(_values(table.column(name) or [], name == "timestamp") for name in columns), strict=True))


def _values(texts: list[str], are_times: bool) -> Sequence[object]:
    """Values however they were written: 81 and 81.0 are one number, a space and a T in a time one time."""
    read: Callable[[str], object] = datetime.fromisoformat if are_times else float
    try:
        return list(map(read, texts))
    except ValueError:
        return [_value(text, read) for text in texts]


def _value(text: str, read: Callable[[str], object]) -> object:
    try:
        return read(text)
    except ValueError:
        return text
