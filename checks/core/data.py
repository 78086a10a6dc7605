"""The learner's personal bike-share data: hourly rentals of their own city, made offline from their id.

The bytes are the same on every platform and Python version, so that a hash can be the proof of a version. Hence
integers only (tables instead of curves, tenths instead of decimals) and one source of chance: `Random(int).random()`,
whose sequence is promised to stay (https://docs.python.org/3/library/random.html#notes-on-reproducibility).
A changed byte breaks every learner's committed pointers: the golden hashes in `tests/course/test_data.py` guard them.
"""

from __future__ import annotations

import hashlib
import random
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

FIRST_MONTH: Final = (2025, 1)
"""Year and month of month 1."""

COLUMNS: Final = ("timestamp", "temperature_c", "humidity_pct", "wind_kmh", "is_holiday", "is_workingday", "rentals")
"""Columns in order: local time without zone (`2025-01-01 00:00:00`), degrees Celsius and km/h with one decimal, whole
percent (empty where the sensor was silent), two flags of 0 or 1, and the bikes rented in that hour."""

_HEADER: Final = (",".join(COLUMNS) + "\n").encode("ascii")
_DRIFT_FROM: Final = 7  # the month in which the e-bike fleet arrives
_SATURDAY: Final = 5
_MID_MONTH: Final = 15
_FLAT_FROM: Final = 300  # thousandths of the level above which the e-bike fleet flattens a peak

# Share of the level in each hour of the day, in thousandths: two peaks of commuters, one broad peak of leisure.
_COMMUTE: Final = (20, 12, 8, 8, 15, 60, 220, 600, 1000, 560, 300, 280,
                   330, 320, 300, 400, 640, 980, 860, 520, 330, 220, 130, 60)  # fmt: skip
_LEISURE: Final = (90, 60, 40, 25, 15, 15, 30, 70, 140, 270, 430, 580,
                   690, 740, 760, 740, 690, 610, 510, 400, 310, 240, 180, 130)  # fmt: skip
_WEEK: Final = (96, 102, 104, 102, 106, 100, 86)  # percent of the level, Monday first
_CLIMATE: Final = (40, 50, 80, 120, 165, 205, 230, 225, 185, 135, 80, 50)  # tenths of a degree in mid-month
_WARMTH: Final = (-28, -33, -38, -42, -45, -46, -42, -34, -22, -8, 8, 22,
                  34, 43, 48, 49, 45, 37, 26, 14, 3, -7, -15, -22)  # fmt: skip
"""Tenths of a degree by which each hour of the day differs from the day's mean."""


@dataclass(frozen=True)
class _City:
    """The constants of one learner's city, drawn from the id."""

    level: int  # rentals in the busiest hour of a fine day
    warmth: int  # tenths of a degree above the climate table
    wind: int  # mean, in tenths of km/h
    commuters: int  # percent of a working day's demand
    phase: int  # quarters of an hour by which the day starts late
    holidays: frozenset[tuple[int, int]]  # (month, day)


_STEPS: Final = 2.0**53
"""`random()` gives whole multiples of its inverse."""
_HOURS: Final = tuple(f" {hour:02d}:00:00" for hour in range(24))

_looked_up: Final = lru_cache(maxsize=4096)
"""For what is asked thousands of times about a few hundred numbers."""


class _Dice:
    """Whole random numbers for one learner and one stream of theirs."""

    def __init__(self, learner: str, stream: int) -> None:
        # surrogatepass: an id from an undecodable command line must not crash the generator.
        key = f"{learner}\n{stream}".encode("utf-8", "surrogatepass")
        seed = int.from_bytes(hashlib.sha256(key).digest(), "big")
        self._next = random.Random(seed).random  # noqa: S311 - must be repeatable, need not be secret

    def below(self, limit: int) -> int:
        """A number in 0 .. limit - 1; `random()` is a multiple of 2**-53, so that the product is exact."""
        return int(self._next() * _STEPS) * limit >> 53

    def around(self, reach: int) -> int:
        """A number in -reach .. reach, those near 0 the most likely."""
        return self.below(reach + 1) - self.below(reach + 1)

    def some(self, count: int, limit: int) -> frozenset[int]:
        """`count` different numbers in 0 .. limit - 1."""
        chosen: set[int] = set()
        while len(chosen) < count:
            chosen.add(self.below(limit))
        return frozenset(chosen)

    def weather(self, hours: int, reach: int) -> list[int]:
        """Hourly values that wander around 0 for days, seldom beyond -reach .. reach."""
        fine = 1000 * self.around(reach)  # in thousandths, lest the rounding of each step adds up
        draw, limit = self._next, 300 * reach + 1
        values = []
        for _ in range(hours):  # `around`, written out: it is asked for thousands of times
            fine = fine * 97 // 100 + (int(draw() * _STEPS) * limit >> 53) - (int(draw() * _STEPS) * limit >> 53)
            values.append(fine // 1000)
        return values


def normalise_id(text: str) -> str:
    """One spelling for every way to write a learner's id: stripped, case-folded, in Unicode's composed form NFC."""
    # Decomposed first, composed last: folding can undo a composition, and the result must be its own normal form.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text.strip()).casefold()).strip()


def months(learner_id: str, count: int) -> bytes:
    """The CSV of months 1 to `count`, header included; it begins with the bytes of `months(learner_id, count - 1)`.

    ASCII with LF line ends. Raises ValueError for a count below 1.
    """
    _first_day(count)
    learner = normalise_id(learner_id)
    return _HEADER + b"".join(_month(learner, number).lines for number in range(1, count + 1))


def rentals(learner_id: str, count: int) -> list[int]:
    """The column `rentals` of months 1 to `count`, row by row. Raises ValueError for a count below 1."""
    _first_day(count)
    learner = normalise_id(learner_id)
    return [rented for number in range(1, count + 1) for rented in _month(learner, number).rentals]


def month(learner_id: str, number: int) -> bytes:
    """The CSV of month `number` alone, header included: the delivery that a learner appends, less its header line.

    ASCII with LF line ends. Raises ValueError for a number below 1.
    """
    return _HEADER + _month(normalise_id(learner_id), number).lines


class _Month(NamedTuple):
    """One month: its lines without a header, and the last column of each."""

    lines: bytes
    rentals: tuple[int, ...]


@lru_cache(maxsize=128)  # about 50 kB each
def _month(learner: str, number: int) -> _Month:
    """One month for a normalised id."""
    first = _first_day(number)
    hours = 24 * (_first_day(number + 1) - first).days
    dice, city = _Dice(learner, number), _city(learner)
    air, damp, gusts = dice.weather(hours, 60), dice.weather(hours, 22), dice.weather(hours, 110)
    silent = dice.some(6 + dice.below(4), hours)
    twice = dice.some(3 + dice.below(4), hours)
    electric = number >= _DRIFT_FROM
    shares = {working: [_share(city, hour, working, electric) for hour in range(24)] for working in (False, True)}
    lines = []
    column = []
    for at in range(hours):
        hour = at % 24
        if hour == 0:
            day = first + timedelta(days=at // 24)
            written = f"{day}"
            holiday = (day.month, day.day) in city.holidays
            working = day.weekday() < _SATURDAY and not holiday
            usual, level = _climate(day) + city.warmth, city.level * _WEEK[day.weekday()]
        temperature = usual + _WARMTH[hour] + air[at]
        humidity = min(100, max(20, 68 - _WARMTH[hour] // 4 + damp[at]))
        wind = max(0, city.wind + gusts[at] + dice.around(20))
        weather = _comfort(temperature) * _calm(wind, electric) * _dryness(humidity)
        rented = shares[working][hour] * weather * (1000 + dice.around(250)) * level // 10**17
        line = (
            f"{written}{_HOURS[hour]},{_decimal(temperature)},"
            f"{'' if at in silent else humidity},{_decimal(wind)},{holiday:d},{working:d},{rented}\n"
        )
        rows = 2 if at in twice else 1
        lines.append(line * rows)
        column += [rented] * rows
    return _Month("".join(lines).encode("ascii"), tuple(column))


def _city(learner: str) -> _City:
    """The city of a normalised id. Stream 0 is the city's own, so that every month finds the same one."""
    dice = _Dice(learner, 0)
    return _City(
        level=300 + dice.below(601),
        warmth=dice.below(111) - 30,
        wind=110 + dice.below(71),
        commuters=55 + dice.below(31),
        phase=dice.below(9) - 4,
        # New Year, Labour Day and Christmas everywhere; one day in spring and one in autumn are the city's own.
        holidays=frozenset(
            {(1, 1), (5, 1), (12, 25), (12, 26)}
            | {(2 + dice.below(2), 1 + dice.below(28)), (9 + dice.below(3), 1 + dice.below(28))}
        ),
    )


def _first_day(number: int) -> date:
    """The first day of month `number`."""
    if number < 1:
        raise ValueError(f"months are counted from 1, not {number}")
    year, index = divmod(FIRST_MONTH[0] * 12 + FIRST_MONTH[1] - 1 + number - 1, 12)
    return date(year, index + 1, 1)


def _climate(day: date) -> int:
    """The day's usual temperature in tenths of a degree: a straight line from mid-month to mid-month."""
    here = _CLIMATE[day.month - 1]
    other = _CLIMATE[day.month % 12 if day.day > _MID_MONTH else day.month - 2]
    return here + (other - here) * abs(day.day - _MID_MONTH) // 30


def _share(city: _City, hour: int, working: bool, electric: bool) -> int:
    """Share of the city's level that this hour of the day asks for, in thousandths."""
    commuters = city.commuters if working else 0
    late, quarters = divmod(city.phase, 4)
    total = 0
    for weight, shape in ((commuters, _COMMUTE), (100 - commuters, _LEISURE)):
        total += weight * (shape[(hour - late) % 24] * (4 - quarters) + shape[(hour - late - 1) % 24] * quarters)
    share = total // 400
    if not electric:
        return share
    return 3 * (share if share < _FLAT_FROM else _FLAT_FROM + (share - _FLAT_FROM) // 2) // 2


@_looked_up
def _comfort(temperature: int) -> int:
    """The demand's share at a temperature in tenths of a degree, in thousandths: highest from 22 to 28 degrees."""
    return max(150, min(1000, 450 + temperature * 5 // 2, 1000 - 3 * (temperature - 280)))


@_looked_up
def _calm(wind: int, electric: bool) -> int:
    """The demand's share at a wind in tenths of km/h, in thousandths: e-bikes depend less on it."""
    return max(300, 1000 - wind // 3) if electric else max(300, 1000 - wind)


@_looked_up
def _dryness(humidity: int) -> int:
    """The demand's share at a humidity in percent, in thousandths: it falls above 80, as rain sets in."""
    return 1000 - max(0, humidity - 80) * 25


@_looked_up
def _decimal(tenths: int) -> str:
    """Tenths as a number with one decimal: -4 is `-0.4`."""
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}"
