"""A program that is imported once and answers many calls, each in a forked process of its own."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
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


@contextmanager
def at_hand(module: str, client: Path) -> Iterator[None]:
    """Run `python -m module SOCKET`, which serves, and write the program `client`, which calls it."""
    with tempfile.TemporaryDirectory(prefix="mlsd-") as short:  # a socket's name has at most 107 bytes
        where = f"{short}/socket"
        client.write_text(CLIENT.format(python=sys.executable, socket=where))
        client.chmod(0o755)
        with subprocess.Popen([sys.executable, "-m", module, where], cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield
            process.terminate()


def serve(where: str, modules: Iterable[str], run: Callable[[list[str]], int]) -> None:
    """Import these, then answer calls with `run` until the parent ends this process, or is gone."""
    for name in modules:
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
