"""The digest that MLflow computes of a data set, where a learner gave none: eight hexadecimal digits.

It is an MD5 over the row hashes of pandas, made here without pandas for a table that `pandas.read_csv` reads.
Sources: https://github.com/mlflow/mlflow/blob/master/mlflow/data/digest_utils.py (`compute_pandas_digest`),
https://github.com/pandas-dev/pandas/blob/main/pandas/core/util/hashing.py and `_libs/hashing.pyx` (SipHash-2-4 for text).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

_MASK = (1 << 64) - 1
_MAX_ROWS = 10_000
"""Rows that MLflow hashes; the number of all rows is hashed too."""
_SIP_KEY = struct.unpack("<2Q", b"0123456789123456")
_SIP_START = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    text: bool
    hashes: list[int]


def dataset_digests(csv: bytes) -> frozenset[str]:
    """The digests of `pandas.read_csv(csv)`, in the forms in which learners log it.

    As it was read; with its text columns parsed as dates, which MLflow leaves out; and each of them without
    duplicate rows. `csv` is a plain table of our own: a header, no quotes, numbers or text in each column.
    """
    header, *lines = csv.decode("ascii").splitlines()
    names = header.split(",")
    columns = [
        _column(name, texts)
        for name, texts in zip(names, zip(*(line.split(",") for line in lines), strict=True), strict=True)
    ]
    index = [_mixed(row) for row in range(len(lines))]
    first_of = {line: row for row, line in reversed(list(enumerate(lines)))}
    unique = sorted(first_of.values())
    numbers = [column for column in columns if not column.text]
    found = set()
    # MLflow joins the names of text and number columns, and pandas sorts such a union unless one side is empty.
    for hashed in (_by_name(columns), _by_name(numbers), numbers):
        hashes = _rows([column.hashes for column in hashed], index)
        found.add(_digest(hashes, names))
        found.add(_digest([hashes[row] for row in unique], names))
    return frozenset(found)


def _by_name(columns: Iterable[_Column]) -> list[_Column]:
    return sorted(columns, key=lambda column: column.name)


def _digest(rows: Sequence[int], names: Iterable[str]) -> str:
    hashed = rows[:_MAX_ROWS]
    digest = hashlib.md5(struct.pack(f"<{len(hashed)}Q", *hashed), usedforsecurity=False)
    digest.update(struct.pack("<q", len(rows)))
    for name in names:
        digest.update(name.encode())
    return digest.hexdigest()[:8]


def _rows(columns: Sequence[Sequence[int]], index: Sequence[int]) -> list[int]:
    """One hash a row, of its columns and its place, combined as CPython once combined those of a tuple."""
    hashed = [*columns, index]
    factors = [1_000_003]
    for left in range(len(hashed), 1, -1):
        factors.append(factors[-1] + 82_520 + 2 * left)
    rows = []
    for values in zip(*hashed, strict=True):
        row = 0x345678
        for value, factor in zip(values, factors, strict=True):
            row = (row ^ value) * factor & _MASK
        rows.append(row + 97_531 & _MASK)
    return rows


def _column(name: str, texts: Sequence[str]) -> _Column:
    """A column's hashes, its type found as pandas finds it: whole numbers, numbers (a missing one is NaN), or text."""
    for kind in (_whole, _float):
        try:
            return _Column(name, False, _each(texts, kind))
        except ValueError:
            continue
    return _Column(name, True, _each(texts, lambda text: _siphash(text.encode())))


def _each(texts: Sequence[str], number: Callable[[str], int]) -> list[int]:
    known = {text: _mixed(number(text)) for text in set(texts)}
    return [known[text] for text in texts]


def _whole(text: str) -> int:
    return int(text) & _MASK


def _float(text: str) -> int:
    return int.from_bytes(struct.pack("<d", float(text or "nan")), "little")


def _mixed(value: int) -> int:
    """SplitMix64's finish, with which pandas spreads each value over 64 bits."""
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & _MASK
    return value ^ value >> 31


def _siphash(data: bytes) -> int:
    """SipHash-2-4 (https://www.aumasson.jp/siphash/siphash.pdf) under the key that pandas uses by default."""
    state: list[int] = [start ^ key for start, key in zip(_SIP_START, _SIP_KEY * 2, strict=True)]
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 0xFF])
    for (word,) in struct.iter_unpack("<Q", padded):
        state[3] ^= word
        _sip_rounds(state, 2)
        state[0] ^= word
    state[2] ^= 0xFF
    _sip_rounds(state, 4)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _sip_rounds(state: list[int], count: int) -> None:
    a, b, c, d = state
    for _ in range(count):
        a = a + b & _MASK
        b = (b << 13 | b >> 51) & _MASK ^ a
        a = a << 32 & _MASK | a >> 32
        c = c + d & _MASK
        d = (d << 16 | d >> 48) & _MASK ^ c
        a = a + d & _MASK
        d = (d << 21 | d >> 43) & _MASK ^ a
        c = c + b & _MASK
        b = (b << 17 | b >> 47) & _MASK ^ c
        c = c << 32 & _MASK | c >> 32
    state[:] = a, b, c, d
