"""A Git bundle of a branch and the tags on it, the same bytes each time.

`git bundle` is not asked: what its pack looks like depends on how the clone stores its objects, and on threads.
Format: https://git-scm.com/docs/gitformat-bundle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pygit2

from checks.evidence.git.listing import FOLDER, SUBMODULE

if TYPE_CHECKING:
    from checks.evidence.git.repository import Git


def references_of(git: Git) -> dict[str, str]:
    """The branch, its tags and HEAD, with the ids that they name. Tags elsewhere are not of this branch."""
    tags = {name: commit for name, commit in git.tags.items() if commit in git.reachable}
    targets = git.references.below("refs/tags/")
    tip = git.references.all[git.branch]
    return {git.branch: tip, **{f"refs/tags/{name}": targets[name] for name in sorted(tags)}, "HEAD": tip}


def bundle_of(clone: Path, git: Git) -> bytes:
    """The bundle. Raises Failure where an object is damaged."""
    references = references_of(git)
    repository = pygit2.Repository(str(clone))
    builder = pygit2.PackBuilder(repository)
    builder.set_threads(1)
    for name in _objects(git, repository, references.values()):
        builder.add(pygit2.Oid(hex=name))
    with TemporaryDirectory(prefix="mlsd-bundle-") as folder:
        builder.write(folder)
        pack = next(Path(folder).glob("*.pack")).read_bytes()
    head = "".join(f"{target} {name}\n" for name, target in references.items())
    return f"# v2 git bundle\n{head}\n".encode() + pack


def _objects(git: Git, repository: pygit2.Repository, targets: Iterable[str]) -> Iterator[str]:
    """The ids of all objects: annotated tags, the branch's commits, their folders and files, each once."""
    seen: set[str] = set()
    for target in targets:
        marked = repository[target]
        while isinstance(marked, pygit2.Tag) and str(marked.id) not in seen:
            seen.add(str(marked.id))
            yield str(marked.id)
            marked = repository[marked.target]
    for commit in git.history:
        yield commit.id
        waiting = [commit.tree] if commit.tree not in seen else []
        seen.update(waiting)
        while waiting:
            tree = waiting.pop()
            yield tree
            for child, mode in git.listing(tree).values():
                if child in seen or mode == SUBMODULE:
                    continue
                seen.add(child)
                if mode == FOLDER:
                    waiting.append(child)
                else:
                    yield child
