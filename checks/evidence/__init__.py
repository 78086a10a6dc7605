"""Readers of the files that the learner's tools left behind. They read and never execute; one folder a tool.

A reader answers with values. It raises `checks.expect.Malformed` for a file that its tool would refuse or that goes
beyond a limit, and answers with None, or something empty, where nothing is there. No reader imports another tool's, but
all read through `files`. docs/readers.md shows how one is added.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checks.evidence.files import Files

E_co = TypeVar("E_co", covariant=True)


class Snapshot(Protocol):
    """The files of one commit, by their paths from the root. `checks.evidence.git.snapshot` has them."""

    def id(self, path: str) -> str | None:
        """The id of the object at a path, or None."""

    def is_file(self, path: str) -> bool:
        """Whether a plain file was committed at a path."""

    def read(self, path: str, limit: int = ...) -> bytes | None:
        """The bytes of a plain file, or None. Raises Malformed beyond the limit."""

    def paths(self, below: str = "", ending: str = "") -> Iterator[str]:
        """The paths of the plain files below a folder whose names end in `ending`."""


class Place(Protocol):
    """One task folder in a submission, as far as a reader needs it."""

    folder: str
    """From the submission's root."""

    @property
    def files(self) -> Files:
        """The files of the submission."""

    @property
    def here(self) -> bool:
        """Whether whoever did the work sits at this machine, so that the machine's own tools are evidence."""

    @property
    def history_alone(self) -> bool:
        """Whether the submission is a branch: nothing that Git ignores is in it."""

    def committed(self, path: str) -> bytes | None:
        """A file of the branch's last commit, by its path from the root; None where there is none."""


class Reader(Generic[E_co]):
    """An attribute of a workspace: a tool's evidence, read by `read(place)` of a module when it is first asked for.

    The module is imported then, so that a check loads no reader that it does not need.
    """

    def __init__(self, module: str) -> None:
        self._module = module

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    def __get__(self, place: Place, owner: type[Any] | None = None) -> E_co:
        evidence: E_co = import_module(self._module).read(place)
        vars(place)[self._name] = evidence
        return evidence
