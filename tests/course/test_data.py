"""The learner's data: the same bytes for ever, personal, and worth learning from."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.core import data

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).parents[2]
ADA = "ada@example.org"
IDS = (ADA, "Žofie.Nováková@Příklad.CZ", *(f"student-{number:03d}" for number in range(2)))

# id, months, size, md5 (what DVC's pointer names), sha256. A changed row here breaks the work of every learner:
# never "update" one, mend the generator.
GOLDEN = (
    (ADA, 1, 29838, "9d9bd21b4d579ac5f70b3a9f02de8a8c",
     "f0f91e4fca13fc4662c1ddf16d6c47ff236c67185c8e1df36a2f244ede99d52c"),
    (ADA, 2, 56820, "9340bacd42494d56003c24b4fc92d595",
     "92b041b674224a95e735627c0fa7fee2bac42b71d935a7630f539dd0cbdaf2c2"),
    (ADA, 3, 86681, "ef714439856f99103b93d94de8742d9b",
     "d248a3cb50162f5dfa4237aea1a8fa757b8565884fda0efa4401070de78c4670"),
    ("Žofie.Nováková@Příklad.CZ", 1, 29971, "dc9491af657d0fb9e5757a442f2165e1",
     "3f125faa3918fd0bc47635f865cc23e0b2d5c8216e137baa2cb5c4c170a125d0"),
    ("Žofie.Nováková@Příklad.CZ", 2, 56822, "01856f8feb6ba23980e82c70aa7aa592",
     "bcb0141127aa6633dc26ef6db9d5b2deb2a26594fbd7b040967407859dced4a4"),
    ("STRASSE-42", 1, 29234, "f6dfa4b8f3d566279d259678ecde0bc8",
     "861cc111128aeeb15626b9094c69177dec20860f084e73bc68ff5d8733d4310d"),
    ("student-007", 12, 350441, "9ae946d55892e1db34b58ad2491f67dc",
     "415260276aa3e5f0b2fd23e60096081fe53435a6ddf70bf8befa5e105e9a4daf"),
)  # fmt: skip


@pytest.mark.parametrize(("learner", "count", "size", "md5", "sha256"), GOLDEN)
def test_bytes_are_those_of_every_other_day(learner: str, count: int, size: int, md5: str, sha256: str) -> None:
    content = data.months(learner, count)
    found = (len(content), hashlib.md5(content, usedforsecurity=False).hexdigest(), hashlib.sha256(content).hexdigest())
    assert found == (size, md5, sha256)


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "0", "TZ": "Pacific/Kiritimati"},
        {"PYTHONHASHSEED": "4242", "TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONUTF8": "0"},
    ],
)
def test_another_process_makes_the_same_bytes(environment: dict[str, str]) -> None:
    script = (
        "import hashlib; from checks.core import data; "
        "print(hashlib.sha256(data.months('student-007', 12)).hexdigest())"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == GOLDEN[-1][-1]


def test_a_delivery_is_appended_without_its_header() -> None:
    """Months are prefixes of one another, and a month alone is what is missing between two of them."""
    header = data.month(ADA, 1).index(b"\n") + 1
    assert data.months(ADA, 1) == data.month(ADA, 1)
    for count in range(2, 14):
        assert data.months(ADA, count) == data.months(ADA, count - 1) + data.month(ADA, count)[header:]


def test_the_rentals_are_the_last_column() -> None:
    _header, *lines = data.months(ADA, 9).decode().splitlines()
    assert data.rentals(ADA, 9) == [int(line.rpartition(",")[2]) for line in lines]


def test_every_hour_of_the_calendar_is_there_once() -> None:
    names = [f"{year}-{month:02d}" for year in range(2025, 2029) for month in range(1, 13)]
    days = {"2025-01": 31, "2025-02": 28, "2025-04": 30, "2025-12": 31, "2026-01": 31, "2028-02": 29}
    for name, length in days.items():
        hours = list(dict.fromkeys(row[0] for row in rows(data.month(ADA, names.index(name) + 1))))
        assert hours == [f"{name}-{day:02d} {hour:02d}:00:00" for day in range(1, length + 1) for hour in range(24)]


@pytest.mark.parametrize("learner", IDS)
def test_every_month_has_gaps_and_duplicates_to_clean(learner: str) -> None:
    """About one percent of humidity is missing; a few rows are repeated, each directly after itself; nothing else is amiss."""
    for number in range(1, 9):
        table = rows(data.month(learner, number))
        empty = [column for row in table for column, cell in zip(data.COLUMNS, row, strict=True) if not cell]
        assert set(empty) == {"humidity_pct"}
        assert 0.007 < len(empty) / len(table) < 0.017
        repeated = sum(row == before for before, row in pairwise(table))
        assert 3 <= repeated <= 6
        assert repeated == len(table) - len({row[0] for row in table})


@pytest.mark.parametrize("learner", IDS)
def test_values_are_those_of_a_city(learner: str) -> None:
    for timestamp, temperature, humidity, wind, holiday, working, rentals in rows(data.months(learner, 12)):
        assert -30 < float(temperature) < 50, timestamp
        assert not humidity or 20 <= int(humidity) <= 100, timestamp
        assert 0 <= float(wind) < 60, timestamp
        assert (holiday, working) in {("0", "0"), ("0", "1"), ("1", "0")}, timestamp
        assert 0 <= int(rentals) < 3000, timestamp


def test_two_learners_never_share_a_file() -> None:
    """A copied file gives itself away: no two of many learners, or of one learner's months, have the same rows."""
    contents = [data.month(f"student-{learner}", number) for learner in range(100) for number in (1, 2)]
    assert max(Counter(contents).values()) == 1
    first, second = (set(data.month(learner, 1).splitlines()[1:]) for learner in (ADA, "bob@example.org"))
    assert len(first & second) < 8


@pytest.mark.parametrize("learner", IDS)
def test_demand_can_be_learned(learner: str) -> None:
    """A small random forest explains more than four fifths of the variance of months 1 to 3."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import train_test_split

    table = frame(data.months(learner, 3)).dropna().drop_duplicates()
    features = table[["hour", "weekday", "temperature_c", "humidity_pct", "wind_kmh"]]
    x_train, x_test, y_train, y_test = train_test_split(features, table["rentals"], test_size=0.2, random_state=42)
    forest = RandomForestRegressor(n_estimators=50, max_depth=12, random_state=0).fit(x_train, y_train)
    assert forest.score(x_test, y_test) > 0.85


@pytest.mark.parametrize("learner", IDS)
def test_demand_drifts_from_month_seven(learner: str) -> None:
    before, after = fine_hours(learner)
    assert after["rentals"].mean() > 1.15 * before["rentals"].mean()
    assert peakedness(after) < 0.9 * peakedness(before)


def test_drift_starts_in_month_seven_and_not_before() -> None:
    """The level of one city's night hours, which the flatter peaks leave alone, jumps by half in July."""
    table = frame(data.months(ADA, 8))
    calm = table[(table["hour"] >= 21) & table["temperature_c"].between(20, 28) & (table["humidity_pct"] <= 80)]
    by_month = calm.groupby("month")["rentals"].mean()
    assert by_month.loc[[7, 8]].min() > 1.25 * by_month.loc[[5, 6]].max()


@pytest.mark.parametrize("number", [0, -1])
def test_months_are_counted_from_one(number: int) -> None:
    for make in (lambda: data.months(ADA, number), lambda: data.month(ADA, number)):
        with pytest.raises(ValueError, match="counted from 1"):
            make()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Ada@Example.org \n", ADA),
        ("\u017dofie", "z\u030cofie"),
        ("STRASSE-42", "stra\u00dfe-42"),
        ("\u0130nci", "i\u0307nci"),
    ],
)
def test_one_learner_however_the_id_is_written(written: str, meant: str) -> None:
    assert data.normalise_id(written) == data.normalise_id(meant)
    assert data.month(written, 1) == data.month(meant, 1)


@settings(max_examples=50)
@given(learner=st.text(st.characters(exclude_categories=()), max_size=40), number=st.integers(1, 60))
def test_any_id_gets_a_plain_csv(learner: str, number: int) -> None:
    """Whatever the id, even with lone surrogates: ASCII, LF only, the header once, seven cells a row."""
    content = data.month(learner, number)
    assert content.isascii()
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert content.splitlines()[0].decode() == ",".join(data.COLUMNS)
    assert content.count(b"timestamp") == 1
    assert {len(row) for row in rows(content)} == {len(data.COLUMNS)}


def rows(content: bytes) -> list[tuple[str, ...]]:
    """The cells of every row below the header."""
    return [tuple(line.split(",")) for line in content.decode("ascii").splitlines()[1:]]


def frame(content: bytes) -> pd.DataFrame:
    """The CSV as a data frame, with the calendar's parts and whether the e-bikes are there as columns."""
    import pandas as pd

    table = pd.read_csv(io.BytesIO(content), parse_dates=["timestamp"])
    when = table["timestamp"].dt
    return table.assign(hour=when.hour, weekday=when.day_of_week, month=when.month, drifted=when.month >= 7)


def fine_hours(learner: str) -> list[pd.DataFrame]:
    """A year's mild and dry hours: those before the e-bikes, and those with them."""
    table = frame(data.months(learner, 12))
    fine = table[table["temperature_c"].between(12, 30) & (table["humidity_pct"] <= 80)]
    return [fine[fine["drifted"] == drifted] for drifted in (False, True)]


def peakedness(table: pd.DataFrame) -> float:
    """Rentals in the busiest hour of a working day over those of its mean hour."""
    by_hour = table[table["is_workingday"] == 1].groupby("hour")["rentals"].mean()
    return float(by_hour.max() / by_hour.mean())
