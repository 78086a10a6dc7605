"""How much a rebuild may use: the named defaults, in one place, and the table of a course that replaces some of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.core.course import Course

MIB = 1024 * 1024

WALL_SECONDS = 900.0
"""Time by the clock on the wall, after which everything is killed: generous, so that a busy machine changes nothing."""
CPU_SECONDS = 180
"""Processor time of the whole process tree, in whole seconds; where no control group can be made, of each process.
A learner's script takes seconds here, and importing MLflow most of them."""
MEMORY_BYTES = 2048 * MIB
"""Address space of any one process. Importing MLflow, pandas and scikit-learn takes about 0.6 GiB of it."""
TREE_BYTES = 3072 * MIB
"""Memory of the whole process tree and of everything that it writes, where a control group can be made."""
PROCESSES = 128
"""Processes and threads at one time."""
FILE_BYTES = 256 * MIB
"""The size of any one file."""
DISK_BYTES = 1024 * MIB
"""Everything written, anywhere. It is memory of the machine while the sandbox lives."""
DISK_FILES = 50_000
"""Files, folders and links in the sandbox, and so also in the results that are copied out of it."""
OUTPUT_BYTES = 1 * MIB
"""Standard output and standard error together. The process tree is killed when it writes more."""
OPEN_FILES = 1024
"""Open files of any one process."""
IMAGE_BYTES = 4096 * MIB
"""The bytes that all lines of one Dockerfile may add to its base, and write while they do. Scikit-learn and pandas take 0.4 GiB."""
IMAGE_LINES = 200
"""Instructions of a Dockerfile that is built: each one makes a layer."""
IDLE_SHARE = 0.05
"""Who computed for less than this share of the wall time has waited for nothing; eight at once on two processors get a
quarter each."""
DEPTH = 64
"""How many folders deep we read or write."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one run. The constants of this module are the defaults and say what each one means."""

    wall_seconds: float = WALL_SECONDS
    cpu_seconds: int = CPU_SECONDS
    memory_bytes: int = MEMORY_BYTES
    tree_bytes: int = TREE_BYTES
    processes: int = PROCESSES
    file_bytes: int = FILE_BYTES
    disk_bytes: int = DISK_BYTES
    disk_files: int = DISK_FILES
    output_bytes: int = OUTPUT_BYTES
    open_files: int = OPEN_FILES
    image_bytes: int = IMAGE_BYTES


DEFAULT_LIMITS = Limits()


def limits_of(course: Course) -> Limits:
    """The limits of a course: the defaults, and in place of some of them the table `[rebuild]` of its course file.

    Raises CourseError with the file, the key and what would do.
    """
    from checks.core.errors import CourseError, UnknownNameError  # a supervisor of a run has no use for a course

    known = {field.name: getattr(DEFAULT_LIMITS, field.name) for field in fields(Limits)}
    for name, value in course.rebuild.items():
        if name not in known:
            raise CourseError(f"{course.file}: [rebuild]: {UnknownNameError('limit', name, known)}")
        kinds = (int,) if isinstance(known[name], int) else (int, float)
        if type(value) not in kinds or not 0 < value < math.inf:
            wanted = "a whole number" if kinds == (int,) else "a number"
            raise CourseError(
                f"{course.file}: [rebuild]: {name} = {value!r} is no limit; write {wanted} above zero, "
                f"such as {name} = {known[name]}"
            )
    return replace(DEFAULT_LIMITS, **course.rebuild)
