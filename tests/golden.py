"""The golden corpus: the verdict on every case that the tests and the proofs judge, in the file `golden.json`.

    python -m tests.golden [TASK ...]            prove the course and hold each verdict against the file
    python -m tests.golden --record [TASK ...]   write what the proofs judge into the file
    GOLDEN=record pytest tests                   write what the tests judge into the file

The tests hold theirs against the file as they go. After a rename of a case, record it anew: the file's difference
shows whether a verdict moved.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from filelock import FileLock

from checks.model import SubmissionReport

FILE = Path(__file__).with_name("golden.json")
_counts: Counter[str] = Counter()


def verdict(report: SubmissionReport) -> str:
    """Every step with its points where it passed, and else its outcome; or the kind of the problem."""
    if report.problem:
        return f"problem {report.problem.kind}"
    return " ".join(
        f"{step.step}={f'{step.points:g}' if step.outcome == 'passed' else step.outcome}/{step.max_points:g}"
        for step in report.steps
    )


def hold(report: SubmissionReport) -> None:
    """Hold the verdict on the case of the running test against the recorded one."""
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
    folder, _, name = test.partition("::")
    case = f"{Path(folder).parent.name}: {name}".encode("ascii", "backslashreplace").decode()
    _counts[case] += 1
    hold_all({f"{case} #{_counts[case]}": verdict(report)})


def hold_all(found: dict[str, str]) -> None:
    """Hold verdicts against the recorded ones, by the names of their cases; or record them."""
    if os.environ.get("GOLDEN") == "record":
        with FileLock(FILE.with_suffix(".lock")):
            FILE.write_text(json.dumps(_recorded() | found, indent=0, sort_keys=True) + "\n", encoding="utf-8")
        return
    recorded = _recorded()
    moved = [
        f"{case}: recorded {recorded.get(case)}, now {now}" for case, now in found.items() if recorded.get(case) != now
    ]
    assert not moved, "\n".join(moved)


def _recorded() -> dict[str, str]:
    return dict(json.loads(FILE.read_text(encoding="utf-8"))) if FILE.exists() else {}


def _prove(tasks: Iterable[str]) -> dict[str, str]:
    """Every verdict of `mlsd selftest`, by task and case."""
    from checks.cli.selftest import selftest
    from checks.selftest import prove
    from checks.selftest.mutation import survey

    found: dict[str, str] = {}
    judged, mutated = prove._judged, survey._judged

    def _judged(course: Any, task: Any, path: Path, rebuild: Any = None) -> SubmissionReport:
        report = judged(course, task, path, rebuild)
        found[f"{task.id} {path.name}{' made again' if rebuild else ''}"] = verdict(report)
        return report

    def _mutated(mutation: Any, report: SubmissionReport, explanations: Any) -> Any:
        found[f"{report.tasks[0].task if report.tasks else '-'} change of {mutation.name}"] = verdict(report)
        return mutated(mutation, report, explanations)

    prove._judged, survey._judged = _judged, _mutated  # type: ignore[assignment]
    if code := selftest(list(tasks)):
        sys.exit(code)
    return found


def _need_all(found: Iterable[str]) -> None:
    """Hold that no recorded case of the tasks that were proved is gone."""
    judged = set(found)
    tasks = {case.partition(" ")[0] for case in judged}
    gone = [case for case in _recorded() if case.partition(" ")[0] in tasks and case not in judged]
    assert not gone, "recorded, and no longer judged (delete the lines that nobody misses):\n" + "\n".join(gone)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if "--record" in arguments:
        arguments.remove("--record")
        os.environ["GOLDEN"] = "record"
    verdicts = _prove(arguments)
    hold_all(verdicts)
    _need_all(verdicts)
