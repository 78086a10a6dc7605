"""What grading a class costs, as it grows: cold, and again with nothing changed; and beside it, how it is done elsewhere.

    python -m benchmarks.class [--sizes 1 10 100 1000 10000] [--rounds 3] [--scratch DIR]

Submissions are copies of one real solution of all tasks, each with a file of its own, every fifth with a defect. Their
files are hard links, so that a class of thousands has room on a disk. Times of one command with all its processes.
Nothing is deleted before the end: ext4 takes long for a new file where thousands were deleted shortly before.

All are one learner's, whose data is made once a process. In a class it is made once for each learner: what that costs is
told apart.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from benchmarks.timing import Sample, ratios
from checks.core.course import Course, load_course
from checks.core.judge import Judge
from checks.core.selection import select
from checks.evidence.files import FileHash, Files
from checks.findings.traces import own_data
from checks.grading.job import Assignment, judge
from checks.model import TaskReport
from checks.reports import results

from . import elsewhere
from .synthetic import DEFECTIVE, build_solution, lay_out

MLSD = str(Path(sys.executable).with_name("mlsd"))
MIDDLE_CLASS = 1_000
"""Submissions of the class by which a single submission's cost is measured."""


_MEASURED = """
import json, resource, subprocess, sys, time
started = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
wall = time.perf_counter() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([wall, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""
"""A small process around the one that is measured: to Linux, a process is as large as the one that began it ever was."""


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
    """CPU of each task of a submission in a process like a worker, the hashing of data told apart.

    What a submission costs as a whole (to open it, to read its history, its fingerprint) is shared out among the tasks.
    By the thread's clock: the process's goes in ticks of some milliseconds while a limit of time is set.
    """
    work = Assignment(course, select(course, []))
    reading: dict[str, list[float]] = {task.id: [] for task in course.tasks}
    hashed: dict[str, list[float]] = {task.id: [] for task in course.tasks}
    for turn in range(33):
        with _judging() as spent:
            started = time.thread_time()
            report = judge(work, solution).report
            whole = time.thread_time() - started
        if turn < 3:
            continue
        shared = (whole - sum(sum(both) for both in spent.values())) / len(spent)
        for task, (read, hashing) in spent.items():
            reading[task].append(read + shared)
            hashed[task].append(hashing)
    print("\nOne submission, one warm process: CPU milliseconds of each task, median of 30")
    medians = [statistics.median(values) for values in reading.values()]
    for judged, median in zip(report.tasks, medians, strict=True):
        hashing = statistics.median(hashed[judged.task])
        score = f"{judged.score:g} of {judged.total:g}"
        print(f"  {judged.task}  {1e3 * median:7.2f}  and {1e3 * hashing:5.2f} for hashing; {score}")
    print(f"  median over the tasks: {1e3 * statistics.median(medians):.2f}")
    print(f"  and once for each learner, to make their data: {1e3 * _making_data(course):.2f}")


def _making_data(course: Course) -> float:
    """CPU seconds for the data of one learner with its hashes, median of 30 learners."""
    months = max(file.last for task in course.tasks for file in task.data)
    spent = []
    for number in range(30):
        started = time.thread_time()
        own_data(f"learner-{number}@example.org", months)
        spent.append(time.thread_time() - started)
    return statistics.median(spent)


@contextmanager
def _judging() -> Iterator[dict[str, tuple[float, float]]]:
    """The CPU seconds of each task that is judged in here: of reading and judging, and of hashing."""
    found: dict[str, tuple[float, float]] = {}
    real = Judge.report

    def timed(judge: Judge, *arguments: frozenset[str] | None) -> TaskReport:
        with _hashing() as hashing:
            started = time.thread_time()
            report = real(judge, *arguments)
            spent = time.thread_time() - started
        found[judge.task.id] = spent - sum(hashing), sum(hashing)
        return report

    with mock.patch.object(Judge, "report", timed):
        yield found


@contextmanager
def _hashing() -> Iterator[list[float]]:
    """The CPU seconds of each hashing of a submission's data in here."""
    spent: list[float] = []

    def timed(real: Callable[..., FileHash]) -> Callable[..., FileHash]:
        def call(*arguments: object) -> FileHash:
            started = time.thread_time()
            try:
                return real(*arguments)
            finally:
                spent.append(time.thread_time() - started)

        return call

    with mock.patch.object(Files, "hash", timed(Files.hash)), mock.patch.object(FileHash, "of", timed(FileHash.of)):
        yield spent


def _comparison(course: Course, solution: Path, scratch: Path, rounds: int) -> None:
    """Ours against a loop of pytest processes, and against sessions of pytest: milliseconds for each submission.

    Each begins with the whole class in memory: some systems keep there what was seen a minute ago, and some do not.
    """
    good = scratch / "good"
    lay_out(solution, MIDDLE_CLASS, good, defects=False)
    few = sorted(good.iterdir())[:2]
    print(
        f"\nMilliseconds for each submission, {rounds} rounds in turn (ours and the sessions: {MIDDLE_CLASS:,} submissions)"
    )
    print("                                    wall        CPU")
    for task, (library, direct) in elsewhere.tasks(course).items():
        ours: list[Sample] = []
        sessions = {"one pytest session": direct, "our steps, one session": elsewhere.OWN_STEPS}
        others: dict[str, list[Sample]] = {name: [] for name in (*sessions, "a loop of pytest")}
        for turn in range(rounds):
            _look_at(good)
            cost = _graded(good, scratch / f"out-good-{task}-{turn}", "--task", task)
            ours.append(_each((cost.wall, cost.cpu), MIDDLE_CLASS))
            for name, script in sessions.items():
                _look_at(good)
                others[name].append(_each(elsewhere.session(script, good, scratch, task), MIDDLE_CLASS))
            others["a loop of pytest"].append(_each(elsewhere.loop(library, few, scratch), len(few)))
        print(f"  {task}  {'mlsd grade':24}{_median(ours, 0):9.2f}  {_median(ours, 1):9.2f}")
        for name, samples in others.items():
            print(f"  {task}  {name:24}{_median(samples, 0):9.2f}  {_median(samples, 1):9.2f}")
            print(f"       as a ratio: {ratios(samples, ours)}")


def _look_at(folder: Path) -> None:
    """Have the system read every folder, and what it knows of every file."""
    for path in folder.rglob("*"):
        path.lstat()


def _each(sample: Sample, count: int) -> Sample:
    """Milliseconds for each of so many."""
    return 1e3 * sample[0] / count, 1e3 * sample[1] / count


def _median(samples: list[Sample], which: int) -> float:
    return statistics.median(sample[which] for sample in samples)


def _growth(solution: Path, scratch: Path, sizes: list[int]) -> None:
    """Classes of these sizes, graded cold, again, and at once a third time.

    What was seen of the disk some minutes ago may be in memory still or not, which is the system's to decide: it is in
    the third time.
    """
    print("\nA class of N, all tasks, 2 processes: cold, then twice with nothing changed")
    print("        N   cold s  again s  third s   cold/s  third/s  CPU ms: cold  again  third  peak MB: cold  third")
    for size in sizes:
        folder = lay_out(solution, size, scratch / f"class-{size}")
        time.sleep(0.2)  # what has just been written is not taken for unchanged
        out = scratch / f"out-{size}"
        _note(f"grading {size:,} ...")
        cold = _graded(folder, out, "--jobs", "2")
        again = _graded(folder, out, "--jobs", "2")
        third = _graded(folder, out, "--jobs", "2")
        _need_defects(out, size)
        print(
            f"{size:9,}{cold.wall:9.1f}{again.wall:9.1f}{third.wall:9.1f}{size / cold.wall:9.1f}{size / third.wall:9.1f}"
            f"{1e3 * cold.cpu / size:14.1f}{1e3 * again.cpu / size:7.2f}{1e3 * third.cpu / size:7.2f}"
            f"{cold.peak / 1e6:15.0f}{third.peak / 1e6:7.0f}"
        )


def _need_defects(out: Path, size: int) -> None:
    """Hold that every fifth submission, and no other, lacks points: what is timed must be the whole work."""
    report = results.load((out / "results.json").read_text(encoding="utf-8"))
    defective = [row.submission for row in report.submissions if row.score < row.max_score]
    wanted = [f"learner-{number:05}" for number in range(size) if number % DEFECTIVE == DEFECTIVE - 1]
    if len(report.submissions) != size or defective != wanted:
        raise RuntimeError(f"{len(defective)} of {len(report.submissions)} lack points, not {len(wanted)} of {size}")


def _graded(folder: Path, out: Path, *options: str) -> Cost:
    """Run `mlsd grade` once."""
    command = [sys.executable, "-S", "-c", _MEASURED, MLSD, "grade", str(folder), "--out", str(out), *options]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    wall, cpu, peak = json.loads(told)
    return Cost(wall, cpu, peak << 10)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
