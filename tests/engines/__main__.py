"""Start or stop the engines: `python -m tests.engines start` (what `make engines` does), `... stop`.

What they are found by is written to `.mlsd/engines.env`, one `NAME=VALUE` a line, which `make` and the tests read.
An engine that the machine has already is used as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

STATE = Path(__file__).resolve().parents[2] / ".mlsd"
ENVIRONMENT = STATE / "engines.env"


def main(verb: str) -> int:
    """Start or stop them all."""
    from tests.engines import conda_channel, docker_engine

    providers = (docker_engine, conda_channel)
    if verb == "stop":
        for provider in providers:
            provider.stop()
        ENVIRONMENT.unlink(missing_ok=True)
        return 0
    STATE.mkdir(exist_ok=True)
    variables = {name: value for provider in providers for name, value in provider.start().items()}
    ENVIRONMENT.write_text("".join(f"{name}={value}\n" for name, value in variables.items()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["start"], ["stop"]):
        sys.exit("usage: python -m tests.engines start|stop")
    sys.exit(main(sys.argv[1]))
