"""Whose a file is, and whether it came late, as the names say that an LMS gives to downloaded submissions.

Canvas: `lastnamefirst_LATE_12345_67890_answer.zip`, the file's number in the end counting what was handed in again.
Moodle: `Ada Example_123456_assignsubmission_file_`, a folder for each learner, or the same before the file's own name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CANVAS = re.compile(
    r"(?P<name>.+?)_(?P<late>LATE_)?(?P<id>[0-9]{1,20})_(?P<attachment>[0-9]{1,20})_(?P<file>.+)", re.DOTALL
)
_MOODLE = re.compile(r"(?P<name>.+)_(?P<id>[0-9]{1,20})_assignsubmission_file(?:_(?P<file>.*))?", re.DOTALL)
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class LmsName:
    """What a name says. `name` is the learner's as the LMS writes it: Canvas leaves out spaces and capitals."""

    lms: str
    """`canvas` or `moodle`."""
    name: str
    id: str
    """Canvas's number of the learner; Moodle's of the learner's part in the assignment."""
    file: str
    """What the learner called the file; empty where the name is a folder's."""
    late: bool | None
    """None where the name tells nothing of it, as Moodle's never does."""


def parse_lms_name(name: str) -> LmsName | None:
    """What the name of a file or folder says, or None where no LMS gave it."""
    if len(name) > _LONGEST:
        return None
    if match := _MOODLE.fullmatch(name):
        return LmsName("moodle", match["name"], match["id"], match["file"] or "", None)
    if match := _CANVAS.fullmatch(name):
        return LmsName("canvas", match["name"], match["id"], match["file"], match["late"] is not None)
    return None
