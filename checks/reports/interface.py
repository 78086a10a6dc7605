"""The forms in which results are written, a line for each in `FORMATS`, and what they have in common.

A new form is one file with a function like `Exporter`, and one line here: `mlsd report --format` then knows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Final

from checks.model import CohortReport


@dataclass(frozen=True, slots=True)
class Source:
    """A gradebook or worksheet that somebody downloaded from an LMS. Messages call it by its `name`."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Options:
    """What may be asked of a form, beside the results."""

    base: str = ""
    """Goes before the README paths in links, such as `../../` or the address of the course."""
    runner: Mapping[str, str] = field(default_factory=dict)
    """The environment of the CI job that the one submission was judged in. Empty elsewhere."""
    assignment: str | None = None
    """The column of grades, for the forms that are filled."""
    into: Source | None = None
    """The file that is filled, for the same."""


@dataclass(frozen=True, slots=True)
class Export:
    """A text for another system, and notes for whoever takes it there: each one line, safe for a terminal."""

    text: str
    notes: tuple[str, ...] = ()


Exporter = Callable[[CohortReport, Options], Export]
"""Writes results. Raises ValueError with one sentence where the file to fill can't be, or does not suit the options."""


class NotExportableError(ValueError):
    """A form can't say what is known of a submission. The message is one line, safe for a terminal."""


@dataclass(frozen=True, slots=True)
class Format:
    """One form of results. `place` is its function, as `module:function` in this folder, loaded when it is used."""

    place: str
    single: bool = False
    """It holds one submission. It may raise NotExportableError."""
    fills: bool = False
    """It can be filled into a downloaded file, and names a column of grades."""

    def export(self, report: CohortReport, options: Options | None = None) -> Export:
        """The results in this form."""
        module, _, function = self.place.partition(":")
        exporter: Exporter = getattr(import_module(f"checks.reports.{module}"), function)
        return exporter(report, options or Options())


FORMATS: Final[Mapping[str, Format]] = {
    "html": Format("gradebook_page:export"),
    "csv": Format("gradebook_csv:export"),
    "canvas": Format("canvas:export", fills=True),
    "moodle": Format("moodle:export", fills=True),
    "gradescope": Format("gradescope:export", single=True),
    "classroom": Format("classroom:export", single=True),
    "classroom50": Format("classroom:export_classroom50", single=True),
    "junit": Format("junit:export"),
    "ctrf": Format("ctrf:export"),
    "markdown": Format("markdown:export"),
    "annotations": Format("annotations:export"),
}
