"""What drifted since the lock was made, as Markdown: python .ci/drift.py LOG...

The versions of the tools that the course teaches, locked and installed; and of each log, the lines that name a failure and the
one that it ends with: a run that was ended midway names no failure.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

TOOLS = ("dvc", "mlflow", "scikit-learn", "docker")
LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
FAILURE = re.compile(r"✗ FAULT|^FAILED |^ERROR ")
MOST = 100
"""Lines of failures that are shown of one log."""


def main(logs: list[str]) -> None:
    """Write the report to standard output. A log that is not there was never begun."""
    locked = dict(re.findall(r"^([\w-]+)==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE))
    print("| tool | locked | here |\n|---|---|---|")
    for tool in TOOLS:
        here = metadata.version(tool)
        print(f"| {tool} | {locked[tool]} | {here}{' (changed)' if here != locked[tool] else ''} |")
    for log in map(Path, logs):
        if not log.is_file():
            print(f"\n**{log.stem}** was not begun.")
            continue
        lines = log.read_text(encoding="utf-8", errors="replace").replace("```", "'''").splitlines()
        failures = [line for line in lines if FAILURE.search(line)]
        print(f"\n**{log.stem}**: {len(failures) or 'no'} failure{'s' * (len(failures) != 1)} named. It ends with:")
        print("\n```text\n" + "\n".join([*failures[:MOST], *lines[-1:]]) + "\n```")


if __name__ == "__main__":
    main(sys.argv[1:])
