"""The real DVC, imported once: its program takes half a second to start, and these tests start it hundreds of times.

python -m tests.dvc_at_hand SOCKET    waits there; each call is run by `dvc.cli.main` in a forked process of its own
"""

import sys

from tests.at_hand import serve

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
BELOW = ("dvc_data.index.checkout", "dvc_data.hashfile.transfer", "dvc_data.hashfile.db.local", "scmrepo.git")


def run(arguments: list[str]) -> int:
    """One call of `dvc`."""
    from dvc.cli import main

    sys.argv = ["dvc", *arguments]
    return int(main(arguments))


if __name__ == "__main__":
    names = ("cli", *(f"commands.{name}" for name in COMMANDS), *PARTS)
    serve(sys.argv[1], (*(f"dvc.{name}" for name in names), *BELOW), run)
