"""Who in an LMS's file is who in the results. What names two people, or nobody, is said and never guessed."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from checks.model import SubmissionReport
from checks.reports.escape import shorten, terminal
from checks.reports.export import MAX_NAME, shown


@dataclass(frozen=True, slots=True)
class Person:
    """A row of an LMS's file: its number, its identifiers with the surest first, and its name."""

    row: int
    ids: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Matching:
    """For each row that one submission belongs to, that submission; and who could not be matched, one note each."""

    by_row: dict[int, SubmissionReport]
    notes: tuple[str, ...]


def match(submissions: Iterable[SubmissionReport], people: Sequence[Person], where: str) -> Matching:
    """Find each submission's row: by id or e-mail address, in the order of the rows' identifiers, and else by name.

    `where` is what notes call the file. Two submissions of one row, and a submission of two rows, are not matched.
    """
    finder = _Finder(people)
    claims: dict[int, list[SubmissionReport]] = defaultdict(list)
    notes = []
    for submission in submissions:
        rows, by_name = finder.rows(submission)
        if len(rows) == 1:
            claims[rows[0]].append(submission)
            if by_name:
                notes.append(f"matched by name only: {shown(submission)}")
        elif rows:
            notes.append(f"not filled: {shown(submission)} could be {len(rows)} people in {where}")
        else:
            notes.append(f"in the results, but not in {where}: {shown(submission)}")
    for person in people:
        who = terminal(", ".join(shorten(part, MAX_NAME) for part in (person.name, *person.ids) if part))
        claimed = claims.get(person.row, [])
        if not claimed:
            notes.append(f"in {where}, but not in the results: {who}")
        elif len(claimed) > 1:
            names = " and ".join(shown(submission) for submission in claimed)
            notes.append(f"not filled: {who} in {where} would be both {names}")
    return Matching({row: found[0] for row, found in claims.items() if len(found) == 1}, tuple(notes))


class _Finder:
    """The rows of people, by their identifiers and by their names."""

    def __init__(self, people: Sequence[Person]) -> None:
        columns = max((len(person.ids) for person in people), default=0)
        self.by_id: list[dict[str, list[int]]] = [defaultdict(list) for _ in range(columns)]
        self.by_name: dict[str, list[int]] = defaultdict(list)
        for person in people:
            for column, identifier in enumerate(person.ids):
                if identifier.strip():
                    self.by_id[column][_folded(identifier)].append(person.row)
            for name in set(_names(person.name)):
                self.by_name[name].append(person.row)

    def rows(self, submission: SubmissionReport) -> tuple[list[int], bool]:
        """The rows that could be the submission's, and whether only the name says so."""
        learner = submission.learner
        if learner is None:
            return [], False
        known = {_folded(text) for text in (learner.id, learner.email or "") if text.strip()}
        for column in self.by_id:
            rows = sorted({row for text in known for row in column.get(text, ())})
            if rows:
                return rows, False
        return sorted({row for name in _names(learner.name) for row in self.by_name.get(name, ())}), True


def _names(name: str) -> Iterator[str]:
    """A name, and where it is written as "Lovelace, Ada" also the other way round."""
    folded = _folded(name)
    if not folded:
        return
    yield folded
    last, comma, first = folded.partition(",")
    if comma and first.strip() and last.strip():
        yield f"{first.strip()} {last.strip()}"


def _folded(text: str) -> str:
    """Text without the differences that two systems may make of one name."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
