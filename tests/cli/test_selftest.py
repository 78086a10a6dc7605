"""`mlsd selftest` says in one screen what was proved."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.selftest.small_course import write


@pytest.mark.usefixtures("rebuilder")
def test_a_line_for_each_task_and_a_number_for_each_kind_of_proof(mlsd, tmp_path: Path) -> None:
    write(tmp_path / "course")
    call = mlsd("selftest", "--course", tmp_path / "course")
    assert call.code == 0, call.out
    head, task, result = call.out.splitlines()
    kinds = ["words", "starter", "solution", "made again", "followed", "evidence", "mistakes"]
    assert [head[8 + 12 * at :][: len(kind)] for at, kind in enumerate(kinds)] == kinds
    cells = [task[8 + 12 * at :][:12].strip() for at in range(len(kinds))]
    assert cells == ["✓ 2 of 2", *["✓ 1 of 1"] * 5, "✓ 2 of 2"]
    assert result == "9 proved, 0 with a fault"
    assert "✓ proved   1.1 mistake forgotten fails two" in call.err


def test_a_fault_is_told_in_full_where_logs_are_read(mlsd, tmp_path: Path) -> None:
    write(tmp_path / "course", make="true\n")
    call = mlsd("selftest", "--course", tmp_path / "course")
    assert call.code == 1
    assert "✗ FAULT    1.1 mistake forgotten fails two\n            expected only 1.1/two to fail" in call.out
    assert "✗ 1 of 2" in call.out
    assert call.out.splitlines()[-1].split(" proved, ")[1].startswith("1 with a fault")
