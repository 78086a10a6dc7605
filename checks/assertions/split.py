"""Training and test rows held against the cleaned rows, and these against the learner's own data."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from checks import expect
from checks.assertions.outputs import find, table
from checks.assertions.pipeline import scripts
from checks.assertions.rerun import rerun
from checks.core import data
from checks.evidence.table import Table, parse_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from checks.core.workspace import Workspace
    from checks.evidence.dvc.committed import Committed

KEPT = 0.9
"""The least share of the learner's rows that cleaning keeps: filling or dropping 1 % of missing values keeps 99 %."""
_ROW = ("timestamp", "rentals")


def rows(work: Workspace, committed: Committed, months: int) -> tuple[int, int]:
    """Hold cleaned, training and test rows against each other and the data; how many training and test rows there are.

    A row is known by the columns that the three files share.
    """
    tables = {name: table(work, committed, f"{name}.csv") for name in ("cleaned", "train", "test")}
    shared = [column for column in tables["cleaned"][1].columns if all(column in t.columns for _, t in tables.values())]
    for name, (entry, content) in tables.items():
        for column in _ROW:
            expect.that(
                column in content.columns,
                looked_at=f"{work.shown(entry.path)}, which stage {entry.stage} wrote",
                expected=f"the column {column}: it tells which row of your data this is",
                found=", ".join(content.columns[:12]),
                fix=f"(keep the column {column} in {name}.csv)\n{rerun(work)}",
            )
    counted = {name: Counter(_known(content, shared)) for name, (_, content) in tables.items()}
    places = {name: work.shown(entry.path) for name, (entry, _) in tables.items()}
    _clean(work, committed, tables["cleaned"][1], places["cleaned"], months)
    looked_at = f"{places['train']} and {places['test']}"
    if not counted["train"].keys().isdisjoint(counted["test"]):
        expect.fail(
            looked_at=looked_at,
            expected="no row in both: a model is not tested on what it has learned",
            found=f"{(counted['train'] & counted['test']).total():,} rows are in both",
            fix=mend(work, committed, "train.csv", "give each cleaned row to one of the two files"),
        )
    cleaned, both = counted["cleaned"], Counter({**counted["train"], **counted["test"]})
    if dict(both) != dict(cleaned):  # counters are compared far more slowly, and none holds a zero
        missing, foreign = (cleaned - both).total(), (both - cleaned).total()
        expect.fail(
            looked_at=looked_at,
            expected=f"together the {cleaned.total():,} rows of {places['cleaned']}",
            found=f"{missing:,} rows are in neither, {foreign:,} are no cleaned rows",
            fix=mend(work, committed, "train.csv", "split the cleaned rows, and leave none out"),
        )
    return counted["train"].total(), counted["test"].total()


def train_learns_apart(work: Workspace, committed: Committed) -> None:
    """The stage train depends on no file that holds the test rows: not by name, and not on a copy of one.

    A folder that holds all three files is fine: which of them the script reads can't be told from it.
    """
    stage = committed.stages["train"]
    locked = committed.locked(stage)
    for name in ("test.csv", "cleaned.csv"):
        entry = find(work, committed, name)
        for dependency in stage.dependencies:
            content = locked.dependencies.get(dependency.written) if locked else None
            shown = work.shown(dependency.path)
            expect.that(
                dependency.path != entry.path and (content is None or content.md5 != entry.content.md5),
                looked_at=f"{work.shown(stage.file)}: the `deps` of stage train",
                expected="no test rows: a model is not tested on what it has learned",
                found=f"{shown}, which holds test rows",
                fix=f"(let train read train.csv alone, and take {shown} out of its `deps` in {work.shown(stage.file)})\n"
                f"{rerun(work, 'Train on the training rows')}",
            )


def _clean(work: Workspace, committed: Committed, cleaned: Table, place: str, months: int) -> None:
    """The cleaned rows are rows of this learner's data, most of them, each once."""
    own = parse_table(data.months(work.learner.id, months), "the data")
    known, found = set(_known(own, _ROW)), Counter(_known(cleaned, _ROW))
    foreign = [row for row in found if row not in known]
    expect.that(
        not foreign,
        looked_at=f"{place}: the timestamps and the rentals",
        expected=f"rows of the data of {work.learner.id}",
        found=f"{len(foreign):,} rows that are not in it, such as {_text(foreign[0]) if foreign else ''}",
        fix=mend(work, committed, "cleaned.csv", "clean data/rentals.csv, and leave timestamp and rentals as they are"),
    )
    twice = [row for row, count in found.items() if count > 1]
    expect.that(
        not twice,
        looked_at=place,
        expected="each row once",
        found=f"{len(twice):,} rows are in it more than once, such as {_text(twice[0]) if twice else ''}",
        fix=mend(work, committed, "cleaned.csv", "drop the duplicate rows"),
    )
    expect.that(
        len(found) >= KEPT * len(known),
        looked_at=place,
        expected=f"at least {KEPT:.0%} of the {len(known):,} different rows of your data",
        found=f"{len(found):,} rows",
        fix=mend(work, committed, "cleaned.csv", "keep the rows that are in order"),
    )


def mend(work: Workspace, committed: Committed, name: str, what: str) -> str:
    """What a person does in the script that writes the file `name`, and how to go on."""
    stage = find(work, committed, name).stage
    place = next(map(work.shown, scripts(committed.stages[stage])), f"the script of stage {stage}")
    return f"(in {place}, {what})\n{rerun(work, 'Mend the split')}"


def _text(row: tuple[object, ...]) -> str:
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in row)


def _known(table: Table, columns: Sequence[str]) -> list[tuple[object, ...]]:
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
