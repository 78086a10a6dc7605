"""What grading a class costs, as it grows: cold, and again with nothing changed; and beside it, how it is done elsewhere.

    python -m benchmarks.class [--sizes 1 10 100 1000 10000] [--rounds 3] [--scratch DIR]

Submissions are copies of one real solution of all tasks, each with a file of its own, every fifth with a defect. Their
files are hard links, so that a class of thousands has room on a disk. Times of one command with all its processes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from checks.course.course import Course, load_course
from checks.evidence.files import FileHash, Files
from checks.grading.order import judge_one
from checks.grading.selection import select
from checks.reports import results

from . import elsewhere
from .synthetic import DEFECTIVE, build_solution, lay_out

MLSD = str(Path(sys.executable).with_name("mlsd"))
SMALL_CLASS = 200
"""Submissions of the class by which a single submission's cost is measured."""


@dataclass(frozen=True)
class Cost:
    """What one command took. `peak` is the memory of its largest process, in bytes."""

    wall: float
    cpu: float
    peak: int


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 100, 1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=3, help="of the comparison with how it is done elsewhere")
    parser.add_argument("--scratch", type=Path, help="where the classes are laid out (about 2 GB for 10,000)")
    options = parser.parse_args()
    course = load_course()
    with TemporaryDirectory(prefix="mlsd-bench-", dir=options.scratch, ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        _note("building the solution of every task with the real tools ...")
        solution = build_solution(course, scratch)
        _per_task(course, solution)
        _comparison(course, solution, scratch, options.rounds)
        _growth(solution, scratch, options.sizes)


def _per_task(course: Course, solution: Path) -> None:
    """CPU of one submission and task in a warm process, the hashing of data told apart."""
    print("\nOne submission, one warm process: CPU milliseconds, median of 30")
    medians = []
    for task in course.tasks:
        work = (course, select(course, [task.id]), None)
        samples = []
        for turn in range(33):
            with _hashing() as hashing:
                started = time.process_time()
                report = judge_one(work, solution).report
                spent = time.process_time() - started
            if turn >= 3:
                samples.append((spent - sum(hashing), sum(hashing)))
        medians.append(statistics.median(reading for reading, _ in samples))
        hashed = statistics.median(seconds for _, seconds in samples)
        print(
            f"  {task.id}  {1e3 * medians[-1]:7.2f}  and {1e3 * hashed:5.2f} for hashing; {report.score:g} of {report.total:g}"
        )
    print(f"  median over the tasks: {1e3 * statistics.median(medians):.2f}")


@contextmanager
def _hashing() -> Iterator[list[float]]:
    """The CPU seconds of each hashing of a submission's data in here."""
    spent: list[float] = []

    def timed(real: Callable[..., FileHash]) -> Callable[..., FileHash]:
        def call(*arguments: object) -> FileHash:
            started = time.process_time()
            try:
                return real(*arguments)
            finally:
                spent.append(time.process_time() - started)

        return call

    with mock.patch.object(Files, "hash", timed(Files.hash)), mock.patch.object(FileHash, "of", timed(FileHash.of)):
        yield spent


def _comparison(course: Course, solution: Path, scratch: Path, rounds: int) -> None:
    """Ours against a loop of pytest processes, and against one session of pytest: seconds for each submission."""
    good = scratch / "good"
    lay_out(solution, SMALL_CLASS, good, defects=False)
    few = sorted(good.iterdir())[:2]
    print(
        f"\nSeconds of CPU for each submission, {rounds} rounds in turn (ours and the session: {SMALL_CLASS} submissions)"
    )
    for task, (library, direct) in elsewhere.tasks(course).items():
        samples: dict[str, list[float]] = {"mlsd grade": [], "one pytest session": [], "a loop of pytest": []}
        for _ in range(rounds):
            ours = _graded(good, scratch / "out-good", "--task", task, "--jobs", "1", "--no-cache")
            samples["mlsd grade"].append(ours.cpu / SMALL_CLASS)
            samples["one pytest session"].append(elsewhere.session(direct, good, scratch) / SMALL_CLASS)
            samples["a loop of pytest"].append(elsewhere.loop(library, few, scratch) / len(few))
        for name, values in samples.items():
            ratio = [other / own for other, own in zip(values, samples["mlsd grade"], strict=True)]
            print(f"  {task}  {name:20}{statistics.median(values):9.4f}   {statistics.median(ratio):7.1f} times ours")
    shutil.rmtree(good)


def _growth(solution: Path, scratch: Path, sizes: list[int]) -> None:
    """Classes of these sizes, graded cold and again."""
    print("\nA class of N, all tasks, 2 processes: cold, then again with nothing changed")
    print("        N   cold s  again s   cold/s  again/s  cold CPU ms  again CPU ms  peak MB cold  again")
    for size in sizes:
        folder = lay_out(solution, size, scratch / f"class-{size}")
        time.sleep(0.2)  # what has just been written is not taken for unchanged
        out = scratch / f"out-{size}"
        _note(f"grading {size:,} ...")
        cold = _graded(folder, out, "--jobs", "2")
        again = _graded(folder, out, "--jobs", "2")
        _need_defects(out, size)
        print(
            f"{size:9,}{cold.wall:9.1f}{again.wall:9.1f}{size / cold.wall:9.1f}{size / again.wall:9.1f}"
            f"{1e3 * cold.cpu / size:13.1f}{1e3 * again.cpu / size:14.2f}{cold.peak / 1e6:14.0f}{again.peak / 1e6:7.0f}"
        )
        shutil.rmtree(folder)
        shutil.rmtree(out)


def _need_defects(out: Path, size: int) -> None:
    """Hold that every fifth submission, and no other, lacks points: what is timed must be the whole work."""
    report = results.load((out / "results.json").read_text(encoding="utf-8"))
    defective = [row.submission for row in report.submissions if row.score < row.max_score]
    wanted = [f"learner-{number:05}" for number in range(size) if number % DEFECTIVE == DEFECTIVE - 1]
    if len(report.submissions) != size or defective != wanted:
        raise RuntimeError(f"{len(defective)} of {len(report.submissions)} lack points, not {len(wanted)} of {size}")


def _graded(folder: Path, out: Path, *options: str) -> Cost:
    """Run `mlsd grade` once."""
    command = [MLSD, "grade", str(folder), "--out", str(out), *options]
    started = time.perf_counter()
    process = os.posix_spawn(
        command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                                                       (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    )  # fmt: skip
    _, status, used = os.wait4(process, 0)
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return Cost(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss << 10)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
