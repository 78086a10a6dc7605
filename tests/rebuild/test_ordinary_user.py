"""Bubblewrap without root: the sandbox of an ordinary user who owns nothing but the folder it works in.

Where the tests run as root, they drop to `nobody`, with the system's Python and a copy of the modules that the
sandbox is made of: nobody can't read what is below root's home. Elsewhere every other test runs as an ordinary user.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest

from tests.rebuild.conftest import missing

CHECKS = Path(__file__).parents[2] / "checks"
NEEDED = ("expect.py", "rebuild")
NOBODY = 65534
PYTHONS = ("/usr/bin/python3", "/usr/local/bin/python3", "/usr/bin/python3.12", "/usr/bin/python3.11")
SCRIPT = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from checks.rebuild.bubblewrap import Bubblewrap, unavailable
from checks.rebuild.sandbox import Command
from checks.rebuild.limits import MIB, Limits
if reason := unavailable():
    sys.exit(reason)
work, out = Path(sys.argv[1], "work"), Path(sys.argv[1], "out")
small = Limits(wall_seconds=60, disk_bytes=16 * MIB, disk_files=500, processes=64)
def run(code, **others):
    return Bubblewrap().run(Command([sys.executable, "-Sc", code], work=work, limits=small, **others))
made = run("open('made', 'w').write(open('given').read() * 2)", results=["made"], out=out)
curious = run(f"import os; print(os.getuid(), os.path.exists({sys.argv[2]!r}), *sorted(os.listdir('/home/learner')))")
hungry = run("open('large', 'wb').write(bytes(17 << 20))")
forking = run("import ctypes; print(ctypes.CDLL(None).unshare(0x10000000))")
talking = run("import socket; socket.create_connection(('127.0.0.1', int(1)), 1)")
waiting = Bubblewrap().run(Command(["sleep", "60"], work=work, limits=Limits(wall_seconds=1)))
print(json.dumps({
    "user": os.getuid(), "made": [made.ended, made.exit_code, (out / "made").read_text()],
    "curious": curious.output.decode().split(), "hungry": "No space left" in hungry.last_lines(),
    "forking": forking.output.decode().split(), "talking": "Error" in talking.last_lines(), "waiting": waiting.ended,
}))
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that nobody can read, and in it the modules and a folder to work in."""
    with tempfile.TemporaryDirectory(prefix="mlsd-nobody-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        for name in NEEDED:
            source, target = CHECKS / name, root / "checks" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        for inner in ("work", "out", "secret"):
            (root / inner).mkdir()
            os.chown(root / inner, NOBODY, NOBODY)
        (root / "work" / "given").write_text("ours")
        yield root


@pytest.mark.skipif(os.getuid() != 0, reason="the tests run as an ordinary user already")
def test_it_holds_without_root(place: Path) -> None:
    if which("bwrap") is None:
        missing("ordinary user: bubblewrap is not installed")
    python = next((path for path in PYTHONS if _fits(path)), None)
    if python is None:
        missing("ordinary user: no Python 3.11 or newer that everybody can read")
    done = subprocess.run(
        [python, "-IB", "-c", SCRIPT, place, place / "secret"],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and "bubblewrap does not work here" in done.stderr:
        missing(f"ordinary user: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "user": NOBODY,
        "made": ["exited", 0, "oursours"],
        "curious": ["1000", "False"],
        "hungry": True,
        "forking": ["-1"],
        "talking": True,
        "waiting": "timeout",
    }


def _fits(python: str) -> bool:
    test = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-Ic", test], user=NOBODY, cwd="/", check=False).returncode == 0
    except OSError:
        return False
