"""Programs that are imported once and answer many calls, each in a forked process of its own: the real DVC, and Python.

python -m tests.at_hand dvc|python SOCKET    waits there

DVC takes half a second to start, and a stage with pandas and scikit-learn a second: these tests start hundreds.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CLIENT = """#!{python} -IS
import json, os, socket, sys
call = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
with socket.socket(socket.AF_UNIX) as line:
    line.connect({socket!r})
    socket.send_fds(line, [len(call).to_bytes(4, "big")], [0, 1, 2])
    line.sendall(call)
    sys.exit(line.recv(1)[0])
"""
ROOT = Path(__file__).resolve().parents[1]
DVC = (
    "dvc.cli dvc.commands.add dvc.commands.checkout dvc.commands.commit dvc.commands.config dvc.commands.data_sync "
    "dvc.commands.init dvc.commands.remote dvc.commands.status dvc.commands.unprotect dvc.repo dvc.repo.add dvc.repo.push "
    "dvc.repo.pull dvc.repo.checkout dvc.data_cloud dvc.cachemgr dvc.stage.loader dvc.output dvc_data.index.checkout "
    "dvc_data.hashfile.transfer dvc_data.hashfile.db.local scmrepo.git"
)
PYTHON = "joblib pandas sklearn.ensemble sklearn.metrics sklearn.model_selection yaml"


@contextmanager
def at_hand(program: str, client: Path) -> Iterator[None]:
    """Start one of the programs, and write the file `client`, which calls it."""
    with tempfile.TemporaryDirectory(prefix="mlsd-") as short:  # a socket's name has at most 107 bytes
        where = f"{short}/socket"
        client.write_text(CLIENT.format(python=sys.executable, socket=where))
        client.chmod(0o755)
        command = [sys.executable, "-m", "tests.at_hand", program, where]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield
            process.terminate()


def run_dvc(arguments: list[str]) -> int:
    """One call of `dvc`."""
    from dvc.cli import main

    sys.argv = ["dvc", *arguments]
    return int(main(arguments))


def run_python(arguments: list[str]) -> int:
    """Run a script by its path; what is no script by its path is run by a Python of its own."""
    if not arguments or not arguments[0].endswith(".py"):
        return os.spawnv(os.P_WAIT, sys.executable, [sys.executable, *arguments])
    sys.argv = arguments
    sys.path[0] = os.path.dirname(os.path.abspath(arguments[0]))
    sys.dont_write_bytecode = False
    try:
        runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:  # noqa: BLE001 - a script may end in any way, as its own process would
        traceback.print_exc()
        return 1
    return 0


def serve(program: str, where: str) -> None:
    """Import what the program needs, then answer calls until the parent ends this process, or is gone."""
    modules, run = {"dvc": (DVC, run_dvc), "python": (PYTHON, run_python)}[program]
    for name in modules.split():
        with contextlib.suppress(ImportError):  # another version's layout only makes it slower
            importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(where)
        line.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        parent = os.getppid()
        line.settimeout(1.0)
        while os.getppid() == parent:  # a test run that was killed leaves nothing behind
            with contextlib.suppress(TimeoutError):
                call, _ = line.accept()
                call.setblocking(True)
                if os.fork() == 0:
                    line.close()
                    _answer(call, run)
                call.close()


def _answer(call: socket.socket, run: Callable[[list[str]], int]) -> None:
    """Run one call as its caller would have: with its streams, its folder, its environment."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 255
    try:
        head, descriptors, _, _ = socket.recv_fds(call, 4, 3)
        length, text = int.from_bytes(head, "big"), b""
        while len(text) < length:
            text += call.recv(length - len(text))
        arguments, folder, environment = json.loads(text)
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        code = run(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        call.sendall(bytes([code & 255]))
        os._exit(0)


if __name__ == "__main__":
    serve(*sys.argv[1:])
