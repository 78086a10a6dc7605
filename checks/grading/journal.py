"""`results.jsonl`: the results of a class, a line a submission, written as each comes. It is the cache of the next run.

A line is the submission's object in `results.json`; under `graded` the cache keys under which its verdicts hold, and
under `evidence` the part that findings compare. A killed run leaves at most a torn last line; the next run goes on
behind the last whole one. Of a submission with several lines the last one counts. Reports stay in the file and are read
one by one, so that memory does not grow with them.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec
from filelock import FileLock, Timeout

from checks.model import Identity, Problem, SubmissionReport
from checks.reports.results import submission_data

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Graded:
    """The cache keys under which the verdicts in a line hold."""

    key: str | None = None
    """That of the submission; see `keys.submission_key`."""
    tasks: Mapping[str, str] = field(default_factory=dict)
    """That of each task whose verdicts last, by its id; see `keys.task_keys`."""


@dataclass(frozen=True, slots=True)
class _Line:
    """The parts of a line that are read without its verdicts."""

    submission: str
    graded: Graded
    learner: Identity | None = None
    problem: Problem | None = None
    evidence: Mapping[str, Any] | None = None


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
        """Of each submission, where its line begins and how long it is, in bytes."""
        self._lines = 0
        self._end = self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._file.close()
        self._lock.release()

    def __contains__(self, submission: object) -> bool:
        """True where there is a line of that submission."""
        return submission in self._places

    def graded(self, submission: str) -> Graded:
        """The keys in the line of a submission. Raises KeyError where there is none, as the following do."""
        return self._head(submission).graded

    def problem(self, submission: str) -> Problem | None:
        """Why a submission could not be read; None where it could."""
        return self._head(submission).problem

    def learner(self, submission: str) -> Identity | None:
        """The learner whom a submission names."""
        return self._head(submission).learner

    def evidence(self, submission: str) -> Mapping[str, Any] | None:
        """The evidence of a submission; None of one that could not be read."""
        return self._head(submission).evidence

    def report(self, submission: str) -> SubmissionReport:
        """The report on a submission."""
        return _decoded(self._line(submission), SubmissionReport)

    def add(self, report: SubmissionReport, graded: Graded, evidence: Mapping[str, Any] | None) -> None:
        """Add the line of a submission, in one write."""
        data = submission_data(report) | {"graded": msgspec.to_builtins(graded), "evidence": evidence}
        line = json.dumps(data, allow_nan=False).encode() + b"\n"
        self._file.seek(self._end)
        self._file.write(line)
        self._places[report.submission] = self._end, len(line)
        self._lines += 1
        self._end += len(line)

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
        self._file.close()
        os.replace(shorter, self._path)
        self._file = self._path.open("r+b", buffering=0)
        self._end = self._path.stat().st_size
        self._places, self._lines = places, len(places)

    def _head(self, submission: str) -> _Line:
        return _decoded(self._line(submission), _Line)

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
                # A line of an older version, or of a disk that was full, does not count: it is judged again.
                with contextlib.suppress(msgspec.MsgspecError, ValueError, RecursionError):
                    self._places[_decoded(line, _Line).submission] = end, len(line)
                self._lines += 1
                end += len(line)
        self._file.truncate(end)
        return end


def _decoded(line: bytes, kind: type[T]) -> T:
    """The object in a line. Raises ValueError or MsgspecError where there is none."""
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.DecodeError:  # half of a surrogate pair, as in a name that is no UTF-8: not JSON to msgspec
        return msgspec.convert(json.loads(line), type=kind)
