"""Memory and processor time are those of a whole tree: in a container, and where we can make a control group."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checks.rebuild.cgroup import control_group
from checks.rebuild.limits import MIB, Limits
from checks.rebuild.sandbox import Command, Run
from tests.rebuild.place import Place


@pytest.fixture
def run(place: Place, tmp_path: Path) -> Callable[[str, Limits], Run]:
    """Run Python code where memory and time of the whole tree are counted."""
    with control_group(MIB) as group:
        if place.name == "bubblewrap" and group is None:
            pytest.skip("no control group can be made here")
    return lambda code, limits: place.sandbox.run(Command([place.python, "-c", code], work=tmp_path, limits=limits))


def test_memory_that_no_address_space_shows_counts(run: Callable[[str, Limits], Run]) -> None:
    code = (
        "import os\n"
        "file = os.memfd_create('hidden')\n"
        "for _ in range(400):\n"
        "    os.write(file, bytes(1 << 20))\n"
        "print('there was room')"
    )
    done = run(code, Limits(tree_bytes=150 * MIB))
    assert done.ended == "memory"
    assert b"there was room" not in done.output


def test_many_small_processes_count_as_one(run: Callable[[str, Limits], Run]) -> None:
    code = (
        "import os\n"
        "for _ in range(6):\n"
        "    if os.fork() == 0:\n"
        "        keep = bytearray(os.urandom(40 << 20))\n"
        "        __import__('signal').pause()\n"
        "os.wait()"
    )
    assert run(code, Limits(tree_bytes=150 * MIB, wall_seconds=600)).ended == "memory"


def test_processor_time_is_that_of_all_processes(run: Callable[[str, Limits], Run]) -> None:
    code = "import os\nos.fork()\nos.fork()\nwhile True:\n    pass"
    done = run(code, Limits(cpu_seconds=2, wall_seconds=600))
    assert done.ended == "cpu"
    assert 2 < done.cpu_seconds < 120


def test_honest_work_is_left_alone_and_no_group_is_left() -> None:
    with control_group(64 * MIB) as group:
        if group is None:
            pytest.skip("no control group can be made here")
        folders = group.folders
        assert all(folder.is_dir() for folder in folders)
        assert not group.out_of_memory()
    assert not any(folder.exists() for folder in folders)
