"""Set up the course's tools: a virtual environment `.venv` with exactly the versions of `requirements.lock`.

    python checks/bootstrap.py

Run by `make setup`, and by hand where there is no make (Windows). Needs Python's standard library only. Done once,
it does nothing; interrupted, it goes on where it makes sense; after a change of the lock file, it updates.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / ".set-up-from"
OLDEST = (3, 11)
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")


def main() -> int:
    """Set up what is missing; 0 where everything is in place."""
    if sys.version_info < OLDEST:
        return _fail(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12")
    wanted = _wanted()
    if STAMP.is_file() and STAMP.read_text() == wanted and PYTHON.exists():
        return 0
    started = time.monotonic()
    _say("Setting up the course's tools in .venv: once, about two minutes.")
    STAMP.unlink(missing_ok=True)
    if not _usable(moved=_moved()):
        _say("[1/4] making the virtual environment")
        try:
            venv.create(VENV, with_pip=True, clear=True)
        except (subprocess.CalledProcessError, OSError) as error:
            return _fail(
                f"the virtual environment could not be made ({error}). "
                "On Debian or Ubuntu, first: sudo apt-get install python3-venv"
            )
    steps = (
        ("[2/4] downloading and installing packages", _pip("--require-hashes", "--no-deps", "-r", str(LOCK))),
        ("[3/4] installing the course itself", _pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))),
        (
            "[4/4] compiling, so that every later start is quick",
            [str(PYTHON), "-m", "compileall", "-q", "-j", "0", _site()],
        ),
    )
    for title, command in steps:
        _say(title)
        if not _run(command):
            return _fail("a step of the set-up failed, see above. Nothing is lost: run the same command again.")
    STAMP.write_text(wanted)
    _say(f"Set up in {time.monotonic() - started:.0f} seconds.")
    return 0


def _wanted() -> str:
    """What the environment must have been made from."""
    sources = b"".join(path.read_bytes() for path in (LOCK, ROOT / "pyproject.toml"))
    return f"{hashlib.sha256(sources).hexdigest()} {sys.version_info[:2]} {ROOT}\n"


def _moved() -> bool:
    """Whether the environment was made in another place: its scripts then name a Python that is not there."""
    settings = VENV / "pyvenv.cfg"
    return settings.is_file() and f"{VENV}\n" not in settings.read_text(encoding="utf-8")


def _usable(*, moved: bool) -> bool:
    """Whether there is an environment of this Python, with pip, that an earlier, interrupted call left."""
    if moved or not PYTHON.exists():
        return False
    code = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return (
        PYTHON.exists() and subprocess.run([str(PYTHON), "-c", code], check=False, capture_output=True).returncode == 0
    )


def _pip(*arguments: str) -> list[str]:
    return [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-compile", *arguments]


def _site() -> str:
    return str(VENV / "Lib" if os.name == "nt" else VENV / "lib")


def _run(command: list[str]) -> bool:
    """Run a step. On a terminal, pip's own progress is shown; elsewhere, one line for each package it collects."""
    process = subprocess.Popen(
        command, stdout=None if sys.stderr.isatty() else subprocess.PIPE, stderr=subprocess.STDOUT
    )
    tail: list[str] = []
    collected = 0
    for raw in process.stdout or ():
        line = raw.decode("utf-8", "replace").rstrip()
        tail = [*tail[-20:], line]
        if line.startswith("Collecting "):
            collected += 1
            if collected % 25 == 0:
                _say(f"      {collected} packages")
    if process.wait() == 0:
        return True
    _say("\n".join(tail))
    return False


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _fail(text: str) -> int:
    _say(f"set-up: {text}")
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(_fail("interrupted. Nothing is lost: run the same command again."))
