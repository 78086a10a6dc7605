"""`results.jsonl`: what is known of a class, a line a submission, written as each result comes.

A line is the submission's object in `results.json`; under `graded` what the verdicts were made from, and under
`fingerprint` what the evidence says of itself. A killed run
leaves at most a torn last line; the next run goes on behind the last whole one. Of a submission with several lines the
last one counts. Reports stay in the file and are read one by one, so that memory does not grow with them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec
from filelock import FileLock, Timeout

from checks.findings.fingerprint import Fingerprint
from checks.model import Identity, SubmissionReport
from checks.reports.results import submission_data

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """What the verdicts in a line were made from."""

    sight: str | None
    """See `stamp.sight`."""
    content: str | None
    """See `stamp.content`."""
    keys: Mapping[str, str]
    """For each task whose verdicts still hold if nothing changes, its key. See `key.task_keys`."""
    problem: bool = False
    """Whether it could not be read at all: a new reading is then one of all tasks."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What is read of every line at once."""

    submission: str
    graded: Known


@dataclass(frozen=True, slots=True)
class _Learner:
    learner: Identity | None


@dataclass(frozen=True, slots=True)
class _Printed:
    fingerprint: Fingerprint | None = None


class JournalInUseError(Exception):
    """Another run writes there. The message names the folder."""


class Journal:
    """The file, open for adding to it, by one run at a time.

    Raises OSError where it can't be opened, and JournalInUseError where another run has it open. The lock is the
    system's: it ends with the process that holds it, however that ends.
    """

    def __init__(self, path: Path, *, anew: bool = False) -> None:
        """`anew` forgets what is in it."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(path.with_name(f".{path.name}.lock"))
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise JournalInUseError(f"another `mlsd grade` writes in {path.parent}") from None
        self._file = path.open("w+b" if anew or not path.exists() else "r+b", buffering=0)
        self._places: dict[str, tuple[int, int]] = {}
        self._known: dict[str, Known] = {}
        self._keys: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
        """The same few of a whole class: each once."""
        self._lines = 0
        self._end = self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._file.close()
        self._lock.release()

    def known(self, submission: str) -> Known | None:
        """What the line of a submission was made from, or None where there is no line."""
        return self._known.get(submission)

    def report(self, submission: str) -> SubmissionReport:
        """The report in the line of a submission. Raises KeyError where there is none."""
        return _decoded(self._line(submission), SubmissionReport)

    def learner(self, submission: str) -> Identity | None:
        """The learner of that report."""
        return _decoded(self._line(submission), _Learner).learner

    def fingerprint(self, submission: str) -> Fingerprint | None:
        """What the evidence of a submission says of itself; None of one that could not be read."""
        return _decoded(self._line(submission), _Printed).fingerprint

    def add(self, report: SubmissionReport, graded: Known, fingerprint: Fingerprint | None) -> None:
        """Add the line of a submission, in one write."""
        data = submission_data(report) | msgspec.to_builtins({"graded": graded, "fingerprint": fingerprint})
        line = json.dumps(data, allow_nan=False).encode() + b"\n"
        self._file.seek(self._end)
        self._file.write(line)
        self._remember(report.submission, graded, (self._end, len(line)))
        self._end += len(line)

    def digest(self) -> str:
        """A hash of all lines."""
        self._file.seek(0)
        with open(self._file.fileno(), "rb", closefd=False) as lines:
            return hashlib.file_digest(lines, "blake2b").hexdigest()

    def keep(self, submissions: Iterable[str]) -> None:
        """Leave out the lines that no longer count, and those of other submissions than these."""
        kept = [name for name in submissions if name in self._places]
        if len(kept) == self._lines:
            return
        shorter = self._path.with_name(f".{self._path.name}.unfinished")
        places = {}
        with shorter.open("wb") as new:
            for name in kept:
                line = self._line(name)
                places[name] = new.tell(), len(line)
                new.write(line)
        os.replace(shorter, self._path)
        self._file.close()
        self._file = self._path.open("r+b", buffering=0)
        self._end = self._path.stat().st_size
        self._places, self._lines = places, len(places)
        self._known = {name: self._known[name] for name in places}

    def _line(self, submission: str) -> bytes:
        start, length = self._places[submission]
        self._file.seek(start)
        return self._file.read(length)

    def _read(self) -> int:
        """Look through the lines; where the last whole one ends."""
        end = 0
        with open(self._file.fileno(), "rb", closefd=False) as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                try:
                    head = _decoded(line, _Head)
                except (
                    msgspec.MsgspecError,
                    ValueError,
                    RecursionError,
                ):  # of an older version, or of a disk that was full: it is judged again
                    self._lines += 1
                else:
                    self._remember(head.submission, head.graded, (end, len(line)))
                end += len(line)
        self._file.truncate(end)
        return end

    def _remember(self, submission: str, graded: Known, place: tuple[int, int]) -> None:
        self._lines += 1
        self._places[submission] = place
        keys = self._keys.setdefault(tuple(graded.keys.items()), graded.keys)
        self._known[submission] = Known(graded.sight, graded.content, keys, graded.problem)


def _decoded(line: bytes, kind: type[T]) -> T:
    """The object in a line. Raises ValueError or MsgspecError where there is none."""
    try:
        return msgspec.json.decode(line, type=kind)
    except (
        msgspec.DecodeError
    ):  # half of a surrogate pair, as in a name that is no UTF-8: JSON of Python, not of msgspec
        return msgspec.convert(json.loads(line), type=kind)
