"""A fresh clone of one commit, made by us from the submission's Git objects.

Nothing of the submission's working folder, configuration or hooks comes along. Like a clone of depth 1, it has the
commit itself, its files and the names of the branch and of the tags on it, so that commands that ask Git for the
commit's id get the true one. Format of a shallow clone: https://git-scm.com/docs/shallow.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pygit2

from checks import limits
from checks.expect import Malformed

if TYPE_CHECKING:
    from checks.evidence.git.objects import Commit
    from checks.evidence.git.repository import Git
    from checks.evidence.git.snapshot import Snapshot


def fresh_clone(git: Git, commit: Commit, folder: Path) -> None:
    """Make a clone of depth 1 in an empty folder. Links and submodules are left out.

    Raises Failure where an object is damaged or larger than what is read.
    """
    names = []
    left = limits.EXPORTED_COMMIT_BYTES
    for name, size in git.objects_of([commit]):
        names.append(name)
        left -= size
        if left < 0 or len(names) > limits.TREE_ENTRIES:
            raise Malformed(f".git: commit {commit.short}", "more files, or larger ones, than are written out")
    _write(git.at(commit), folder)
    repository = pygit2.init_repository(folder)
    git.write_pack(names, Path(repository.path, "objects/pack"))
    Path(repository.path, "shallow").write_text(f"{commit.id}\n", encoding="ascii")
    branch = git.branch.removeprefix("refs/remotes/origin/").removeprefix("refs/heads/")
    names = [f"refs/heads/{branch}", *(f"refs/tags/{name}" for name, at in git.tags.items() if at == commit.id)]
    for name in names:
        if pygit2.reference_is_valid_name(name):
            repository.references.create(name, commit.id, force=True)
    repository.set_head(pygit2.Oid(hex=commit.id))
    if pygit2.reference_is_valid_name(names[0]):
        repository.set_head(names[0])
    repository.config["core.fileMode"] = False  # only contents were written out
    repository.index.read_tree(pygit2.Oid(hex=commit.tree))
    repository.index.write()
    repository.free()


def _write(snapshot: Snapshot, folder: Path) -> None:
    """Write the plain files of a commit below an empty folder."""
    made = {""}
    for path in snapshot.paths():
        parent = path.rpartition("/")[0]
        if parent not in made:
            made.add(parent)
            (folder / parent).mkdir(parents=True, exist_ok=True)
        with open(f"{folder}/{path}", "wb") as file:
            file.write(snapshot.read(path, limits.EXPORTED_BYTES) or b"")
