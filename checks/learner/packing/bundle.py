"""A Git bundle of a branch and the tags on it, the same bytes each time.

`git bundle` is not asked: what its pack looks like depends on how the clone stores its objects, and on threads.
Format: https://git-scm.com/docs/gitformat-bundle.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.evidence.git.repository import Git


def references_of(git: Git) -> dict[str, str]:
    """The branch, its tags and HEAD, with the ids that they name. Tags elsewhere are not of this branch."""
    tags = {name: commit for name, commit in git.tags.items() if commit in git.reachable}
    targets = git.references.below("refs/tags/")
    tip = git.references.all[git.branch]
    return {git.branch: tip, **{f"refs/tags/{name}": targets[name] for name in sorted(tags)}, "HEAD": tip}


def bundle_of(git: Git) -> bytes:
    """The bundle. Raises Malformed where an object is damaged."""
    references = references_of(git)
    names = [name for name, _size in git.objects_of(git.history, references.values())]
    with TemporaryDirectory(prefix="mlsd-bundle-") as folder:
        pack = git.write_pack(names, Path(folder)).read_bytes()
    head = "".join(f"{target} {name}\n" for name, target in references.items())
    return f"# v2 git bundle\n{head}\n".encode() + pack
