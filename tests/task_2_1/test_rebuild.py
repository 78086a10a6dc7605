"""Task 2.1 made again from its commit in the real sandbox. What fails there, `mlsd selftest 2.1` proves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from checks.assertions.data import shuffled
from checks.core import data
from checks.rebuild.rebuilder import Rebuilder
from tests.learner_clone import LearnerClone
from tests.task_2_1.test_honest_routes import CLIENT, RUN

CSV = data.months("ada@example.org", 3)


def test_a_branch_makes_its_own_store(
    done: LearnerClone, clone_at: Callable[[Path], LearnerClone], rebuilder: Rebuilder, tmp_path: Path
) -> None:
    """It carries none: every step looks at what the script makes in a fresh clone."""
    done.sh(f"git clone -q --bare ../.. {tmp_path}/bare.git")
    clone_at(tmp_path / "bare.git").passes(rebuilder)


def test_another_model_with_another_split(begun: LearnerClone, rebuilder: Rebuilder) -> None:
    """The test rows are the last weeks, the model is a forest, and the script talks to `MlflowClient`."""
    (begun.folder / "track.py").write_text(CLIENT)
    begun.sh(RUN)
    begun.passes(rebuilder)


def test_rentals_are_dealt_to_other_hours() -> None:
    before, after = CSV.splitlines(), shuffled(CSV).splitlines()
    assert [line.rpartition(b",")[0] for line in after] == [line.rpartition(b",")[0] for line in before]
    assert len(set(after)) == len(set(before))  # repeated rows are still repeated
    assert sum(map(bytes.__eq__, before, after)) < len(before) / 20
