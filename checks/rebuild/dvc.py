"""The recipe of task 1.1: a fresh clone at one commit, `dvc pull`, and what came back."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from checks.evidence.files import FileHash
from checks.rebuild.command import Command
from checks.rebuild.limits import DEFAULT_LIMITS, Limits
from checks.rebuild.sandbox import Run, Sandbox
from checks.rebuild.tree import parts

# DVC wants a Git root above a folder made with `dvc init --subdir`; an empty repository is enough, and it holds no
# configuration of the learner's. The outputs go first, so that a file that Git carried does not count as pulled.
# Two jobs: DVC starts four threads for each processor otherwise, and threads are counted.
# We follow no link, so a file that DVC linked to its cache (`cache.type = symlink`) is put in the link's place.
_SCRIPT = """
set -e
git init -q .
cd -- "$1"
shift
rm -rf -- "$@"
dvc pull -j 2 "$@" || code=$?
for file; do
    if [ -L "$file" ]; then cp --remove-destination -- "$(readlink -f -- "$file")" "$file"; fi
done
exit "${code:-0}"
"""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What `dvc pull` gave back at one commit."""

    files: Mapping[str, FileHash | None]
    """By the paths that were asked for. None where the file did not come back."""
    run: Run
    """The run of DVC. Its output explains a None to the learner; its exit code decides nothing."""


def pull(
    sandbox: Sandbox,
    *,
    commit_tree: Callable[[Path], None],
    task_folder: str,
    outputs: Sequence[str],
    storage: Path | None,
    storage_at: str = ".storage",
    limits: Limits = DEFAULT_LIMITS,
) -> Pulled:
    """Pull `outputs` in a fresh copy of one commit, and hash what came back.

    `commit_tree` writes the files of the commit into the empty folder that it is given, which stands for the clone's
    root. `task_folder` is where the command runs, a path below that root. `outputs` are paths of files below
    `task_folder`; a file in a tracked folder is pulled alone. `storage` is the learner's offline remote on this machine
    and appears, read-only, at `storage_at` below the root; None, or no real folder, leaves it out.

    Raises what `Sandbox.run` raises, and ValueError where a path is absolute or climbs with `..`, or where
    an output's is empty or starts with a dash.
    """
    for output in outputs:
        if not parts(output) or output.startswith("-"):
            raise ValueError(f"not the path of an output: {output!r}")
    results = {output: "/".join((*parts(task_folder), *parts(output))) for output in outputs}
    remote = {storage: storage_at} if storage is not None and storage.is_dir() and not storage.is_symlink() else {}
    with tempfile.TemporaryDirectory(prefix="mlsd-pull-") as temporary:
        work, out = Path(temporary, "work"), Path(temporary, "out")
        work.mkdir()
        out.mkdir()
        commit_tree(work)
        run = sandbox.run(
            Command(
                ["sh", "-c", _SCRIPT, "sh", task_folder, *outputs],
                work=work,
                read_only=remote,
                results=list(results.values()),
                out=out,
                limits=limits,
            )
        )
        # `out` holds regular files and folders only, written by us.
        files = {output: _hash(out / result) for output, result in results.items()}
    return Pulled(MappingProxyType(files), run)


def _hash(path: Path) -> FileHash | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
        return FileHash(digest.hexdigest(), file.tell())
