"""One repository with many branches: each one that is asked for is a submission."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from checks.evidence.files import Files
from checks.evidence.git.repository import Git
from checks.expect import Malformed

_BRANCH = re.compile(r"refs/(?:heads|remotes/(?P<remote>[^/]+))/(?P<name>.+)")
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch that was handed in. `path` is its repository without a working tree, `reference` its full name."""

    name: str
    path: Path
    reference: str


class NoBranchError(Exception):
    """There is no branch that is asked for. The message says what there is."""


def find_branches(repository: Path, pattern: str) -> list[Branch]:
    """The branches whose name matches a pattern such as `solution/*`, sorted by name. Raises NoBranchError.

    A branch that was only fetched counts too, without the name of its remote. Where it is at another commit than the
    branch of that name in the repository itself, both are there, and the fetched one is `origin/solution/ada`.
    """
    try:
        git = Git(Files(repository))
        branches = list(_branches(git.references.all, repository / git.folder))
    except Malformed as malformed:
        raise NoBranchError(f"{malformed.looked_at} in {repository}: {malformed.found}") from None
    found = [branch for own_name, branch in branches if fnmatchcase(own_name, pattern)]
    if not found:
        names = sorted(branch.name for _, branch in branches)
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        there = f"its branches are {', '.join(names[:_SHOWN])}{more}" if names else "it has no branch with a commit"
        raise NoBranchError(f"no branch of {repository} matches {pattern!r}; {there}")
    return sorted(found, key=lambda branch: branch.name)


def _branches(references: Mapping[str, str], repository: Path) -> Iterator[tuple[str, Branch]]:
    """Each branch, the repository's own first, with the name that it has where it was pushed from."""
    commits: dict[str, str] = {}
    for reference in sorted(references, key=lambda reference: (reference.startswith("refs/remotes/"), reference)):
        match = _BRANCH.fullmatch(reference)
        if match is None or (match["remote"] and match["name"] == "HEAD"):
            continue
        commit = references[reference]
        for name in (match["name"], f"{match['remote']}/{match['name']}", reference):
            if name not in commits:
                commits[name] = commit
                yield match["name"], Branch(name, repository, reference)
            if commits[name] == commit:
                break
