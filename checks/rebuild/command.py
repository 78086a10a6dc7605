"""A command for a sandbox: what runs, on which files, and what is kept of what it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from checks.rebuild.limits import DEFAULT_LIMITS, Limits


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and all that it gets. Paths within the sandbox are below the folder `work`."""

    argv: Sequence[str]
    _: KW_ONLY
    work: Path
    """A folder of ours with the files to start from."""
    cwd: str = "."
    read_only: Mapping[Path, str] = field(default_factory=dict)
    """Folders of the machine, and where each appears."""
    results: Sequence[str] = ()
    """Files or folders to keep, none below another one."""
    out: Path | None = None
    """The empty folder that they are copied to, each to the same place below it."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """What is added to the environment."""
    limits: Limits = DEFAULT_LIMITS
