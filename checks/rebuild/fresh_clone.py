"""A fresh clone of one commit, made by us from the submission's Git objects.

Nothing of the submission's working folder, configuration or hooks comes along. Like a clone of depth 1, it has the
commit itself, its files and the names of the branch and of the tags on it, so that commands that ask Git for the
commit's id get the true one. Format of a shallow clone: https://git-scm.com/docs/shallow.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pygit2

from checks.evidence.bundle.errors import BundleError
from checks.evidence.git.commit import damaged
from checks.rebuild.pack import write_pack

if TYPE_CHECKING:
    from checks.evidence.git.commit import Commit
    from checks.evidence.git.repository import Git


def fresh_clone(git: Git, commit: Commit, folder: Path) -> None:
    """Make a clone of depth 1 in an empty folder. Links and submodules are left out.

    Raises Failure where an object is damaged or larger than what is read.
    """
    objects = {name: (kind, content) for name, kind, content in git.objects_of(commit)}
    _write(folder, ((path, objects[blob][1]) for path, blob in git.at(commit).files()))
    repository = pygit2.init_repository(folder)
    try:
        write_pack(objects.values(), Path(repository.path, "objects/pack"))
    except BundleError as error:
        raise damaged(commit.id, f"files that can't be written out: {error}") from None
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


def _write(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    made = {""}
    for path, content in files:
        parent = path.rpartition("/")[0]
        if parent not in made:
            made.add(parent)
            (folder / parent).mkdir(parents=True, exist_ok=True)
        with open(f"{folder}/{path}", "wb") as file:
            file.write(content)
