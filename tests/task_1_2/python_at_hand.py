"""Python with pandas and scikit-learn imported once: each stage of a pipeline would need a second for them.

python -m tests.task_1_2.python_at_hand SOCKET    waits there; each call runs its script in a forked process of its own
"""

import os
import runpy
import sys
import traceback

from tests.at_hand import serve

MODULES = ("joblib", "pandas", "sklearn.ensemble", "sklearn.metrics", "sklearn.model_selection", "yaml")


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
    serve(sys.argv[1], MODULES, run)
