"""Python with pandas and scikit-learn imported once: each stage of a pipeline would need a second for them.

python python_at_hand.py SOCKET    waits there; each call runs its script in a forked process of its own
"""

import contextlib
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import traceback

MODULES = ("joblib", "pandas", "sklearn.ensemble", "sklearn.metrics", "sklearn.model_selection", "yaml")


def serve(where: str) -> None:
    """Answer calls until the parent ends this process, or is gone."""
    for name in MODULES:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(where)
        line.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        parent = os.getppid()
        line.settimeout(1.0)
        while os.getppid() == parent:
            with contextlib.suppress(TimeoutError):
                call, _ = line.accept()
                call.setblocking(True)
                if os.fork() == 0:
                    line.close()
                    answer(call)
                call.close()


def answer(call: socket.socket) -> None:
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


def run(arguments: list[str]) -> int:
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


if __name__ == "__main__":
    serve(sys.argv[1])
