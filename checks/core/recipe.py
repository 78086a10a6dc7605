"""Making work again: what a checker may ask for, and what it gets. `checks.rebuild` does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from checks.core.workspace import Workspace
    from checks.evidence.conda.package import Package
    from checks.evidence.docker.image import Image
    from checks.evidence.git.objects import Commit


@dataclass(frozen=True, slots=True)
class Script:
    """Commands of a shell in the task folder of a fresh clone, what lies there first, and what is kept of what they make.

    Paths are those of the task folder. What lies there is written over the files of the commit.
    """

    commands: str
    _: KW_ONLY
    at: Commit | None = None
    """The commit that is cloned: the branch's last one, unless given."""
    data: Mapping[str, int] = field(default_factory=dict)
    """Files that are not in Git, with the months of this learner's data that they hold."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    folders: Mapping[str, Path] = field(default_factory=dict)
    """Where each lies in the task folder, and the folder of ours that is copied there."""
    results: Sequence[str] = (".",)
    """What is kept; without Git's own folder."""


@dataclass(frozen=True, slots=True)
class Remade:
    """What commands made in a fresh clone. Whoever wrote them chose the output: it explains, and proves nothing."""

    work: Workspace
    """The task folder afterwards, with the repository of the submission: read like any other."""
    output: str
    """The last lines of what the commands printed."""
    exit_code: int
    """What the shell ended with."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """An image that was built from a commit, and run. It is gone; what it wrote is there."""

    work: Workspace
    """The task folder with nothing in it but what the runs wrote, each in a folder of its own."""
    image: Image
    runs: tuple[Remade, ...]
    """How each run ended."""


class Rebuild(Protocol):
    """Makes things again from a commit, in a sandbox. Present only where a rebuild was asked for.

    As text, it says everything about itself that may change a verdict.
    """

    def commands(self, work: Workspace, script: Script) -> AbstractContextManager[Remade]:
        """Run a script in a fresh clone.

        Raises Failure where the work is the reason that nothing was made, and NotJudged where we are.
        """
        ...

    def environment(
        self, work: Workspace, packages: Sequence[Package], script: Script
    ) -> AbstractContextManager[Remade]:
        """Run a script as `commands` does, where `env` is a conda environment of exactly these packages.

        The packages come from where conda on this machine has them, each with its locked hash. Of the environment,
        what was made has the records (`env/conda-meta`), as they were before the script; the script's results are others.

        Raises Failure where the work is the reason that nothing was made, Unavailable where a package cannot be had
        here, and NotJudged where we are.
        """
        ...

    def image(
        self, work: Workspace, *, data: Mapping[str, int], output: str, runs: Sequence[str]
    ) -> AbstractContextManager[Rebuilt]:
        """Build the image of the branch's last commit, and run it once for each of `runs`, without a network.

        `data` are files of the image's working directory, with the months of this learner's data that they hold.
        What a run left in the folder `output` there comes to the folder of the task that `runs` names.

        Raises Failure where the work is the reason that there is no image or no run, Unavailable where no engine
        answers or it can't build this image, and NotJudged where we are.
        """
        ...
