"""The real DVC, imported once: its program takes half a second to start, and these tests start it hundreds of times.

python dvc_at_hand.py SOCKET    waits there; each call is run by `dvc.cli.main` in a forked process of its own
"""

import contextlib
import importlib
import json
import os
import signal
import socket
import sys

CLIENT = """#!{python} -IS
import json, os, socket, sys
call = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
with socket.socket(socket.AF_UNIX) as line:
    line.connect({socket!r})
    socket.send_fds(line, [len(call).to_bytes(4, "big")], [0, 1, 2])
    line.sendall(call)
    sys.exit(line.recv(1)[0])
"""
COMMANDS = ("add", "checkout", "commit", "config", "data_sync", "init", "remote", "status", "unprotect")
PARTS = (
    "repo",
    "repo.add",
    "repo.push",
    "repo.pull",
    "repo.checkout",
    "data_cloud",
    "cachemgr",
    "stage.loader",
    "output",
)


def serve(where: str) -> None:
    """Answer calls until the parent ends this process, or is gone."""
    for name in ("cli", *(f"commands.{name}" for name in COMMANDS), *PARTS):
        importlib.import_module(f"dvc.{name}")
    for name in ("dvc_data.index.checkout", "dvc_data.hashfile.transfer", "dvc_data.hashfile.db.local", "scmrepo.git"):
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
            try:
                call, _ = line.accept()
            except TimeoutError:
                continue
            call.setblocking(True)
            if os.fork() == 0:
                line.close()
                answer(call)
            call.close()


def answer(call: socket.socket) -> None:
    """Run one call as its caller would have: with its streams, its folder, its environment."""
    from dvc.cli import main

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
        sys.argv = ["dvc", *arguments]
        code = main(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        call.sendall(bytes([code & 255]))
        os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
