"""The cost of grading a class, beside another revision of this project in the same run.

    python -m benchmarks.grade [--against REV] [--task TASK ...] [--size 60] [--unchanged 1000] [--rounds 3]

Without `--against`, this revision alone. REV is a commit, which is cloned and run with this Python's packages; or a
folder with a clone that has a `.venv` of its own. Each round lays out a fresh output folder.

- CPU a submission: that of a class of SIZE less that of a class of a quarter of it, over the difference: so that the
  start of the program is left out. All submissions are copies of one solution, every fifth with a defect.
- Unchanged: a class of `--unchanged` submissions that was graded already, graded again. 0 leaves it out.
- Peak: the memory of the largest process, of the small class and of the large one.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.classes import DEFECTIVE, build_solution, lay_out, note
from benchmarks.timing import Cost, measure, spread
from checks.core.course import OWN_COURSE, load_course
from checks.reports import results
from checks.selftest.example import buildable

_RUN = "from checks.cli.main import run; run()"


@dataclass(frozen=True)
class Revision:
    """A revision that is measured: the folder of its code, and the Python that runs it."""

    name: str
    folder: Path
    python: str = sys.executable

    def graded(self, submissions: Path, out: Path, tasks: Sequence[str]) -> Cost:
        """Grade once, with two processes."""
        words = [self.python, "-c", _RUN, "grade", str(submissions), "--out", str(out), "--jobs", "2"]
        words += [word for task in tasks for word in ("--task", task)]
        return measure(words, self.folder, {"PYTHONPATH": str(self.folder)})


def main() -> None:
    """Build the class, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", metavar="REV", help="a commit, or a folder with a clone")
    parser.add_argument("--task", action="append", help="only these; repeatable")
    parser.add_argument("--size", type=int, default=60)
    parser.add_argument("--unchanged", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scratch", type=Path, help="where the classes are laid out")
    options = parser.parse_args()
    course = load_course()
    tasks = [task for task in buildable(course) if not options.task or task.id in options.task]
    with TemporaryDirectory(prefix="mlsd-bench-", dir=options.scratch, ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        revisions = [Revision("this revision", OWN_COURSE)]
        if options.against:
            revisions.append(_revision(options.against, scratch))
        solution = build_solution(course, tasks, scratch)
        sizes = options.size // 4, options.size
        classes = [lay_out(solution, size, scratch / f"class-{size}") for size in sizes]
        print(
            f"CPU milliseconds a submission, {options.rounds} rounds, and the peak in MB of {sizes[0]} and {sizes[1]}"
        )
        for chosen in [*([task.id] for task in tasks), [task.id for task in tasks]]:
            _compare(revisions, classes, sizes, chosen, options.rounds, scratch)
        if options.unchanged:
            ids = [task.id for task in tasks]
            _again(revisions, lay_out(solution, options.unchanged, scratch / "many"), ids, options.rounds, scratch)


def _revision(against: str, scratch: Path) -> Revision:
    folder = Path(against).absolute()
    if folder.is_dir():
        return Revision(against, folder, str(folder / ".venv/bin/python"))
    folder = scratch / "against"
    subprocess.run(["git", "clone", "-q", "--no-checkout", OWN_COURSE, folder], check=True)
    subprocess.run(["git", "-C", folder, "checkout", "-q", against], check=True)
    return Revision(against, folder)


def _compare(
    revisions: Sequence[Revision],
    classes: Sequence[Path],
    sizes: tuple[int, int],
    tasks: Sequence[str],
    rounds: int,
    scratch: Path,
) -> None:
    each: dict[str, list[float]] = {revision.name: [] for revision in revisions}
    peaks: dict[str, tuple[int, int]] = {}
    for turn in range(rounds):
        for revision in revisions:
            outs = [
                scratch / f"out-{turn}-{revision.name.replace('/', '_')}-{'-'.join(tasks)}-{size}" for size in sizes
            ]
            few, many = (revision.graded(*pair, tasks) for pair in zip(classes, outs, strict=True))
            each[revision.name].append(1e3 * (many.cpu - few.cpu) / (sizes[1] - sizes[0]))
            peaks[revision.name] = few.peak, many.peak
            if len(tasks) > 1:
                _need_defects(outs[1], sizes[1])
    title = tasks[0] if len(tasks) == 1 else f"{len(tasks)} tasks"
    for name, values in each.items():
        few_mb, many_mb = (round(peak / 1e6) for peak in peaks[name])
        print(f"  {title:8}{name:16}{spread(values, '.1f'):24}{few_mb:8}{many_mb:6}")
    if len(each) > 1:
        ours, theirs = each.values()
        pairs = [one / other for one, other in zip(ours, theirs, strict=True)]
        print(f"  {title:8}{'ratio':16}{spread(pairs, '.2f')}")


def _need_defects(out: Path, size: int) -> None:
    """Hold that every fifth submission, and no other, lacks points: what is timed must be the whole work."""
    report = results.load((out / "results.json").read_text(encoding="utf-8"))
    found = [row.submission for row in report.submissions if row.score < row.max_score]
    wanted = [f"learner-{number:05}" for number in range(size) if number % DEFECTIVE == DEFECTIVE - 1]
    if not found or len(report.submissions) != size or not set(found) <= set(wanted):
        raise SystemExit(f"{len(found)} of {len(report.submissions)} lack points, not {len(wanted)} of {size}")


def _again(revisions: Sequence[Revision], submissions: Path, tasks: Sequence[str], rounds: int, scratch: Path) -> None:
    time.sleep(0.2)  # what has just been written is not taken for unchanged
    for revision in revisions:
        out = scratch / f"unchanged-{revision.name.replace('/', '_')}"
        note(f"grading {submissions.name} with {revision.name} ...")
        cold = revision.graded(submissions, out, tasks)
        again = [revision.graded(submissions, out, tasks) for _ in range(rounds)]
        wall, cpu = spread([cost.wall for cost in again], ".2f"), spread([cost.cpu for cost in again], ".2f")
        peak = round(statistics.median(cost.peak for cost in again) / 1e6)
        size = len(list(submissions.iterdir()))
        print(f"\n{size:,} submissions, {revision.name}: {cold.wall:.1f} s (peak {cold.peak / 1e6:.0f} MB)")
        print(f"  again, unchanged: {wall} s, CPU {cpu} s, peak {peak} MB")


if __name__ == "__main__":
    main()
