"""Which stage depends on which: through an output that is another stage's dependency, or lies in it, or holds it."""

from __future__ import annotations

from collections.abc import Iterable

from checks.evidence.dvc.stage import Stage


def overlap(one: str, other: str) -> bool:
    """Whether two paths are one, or one is a folder that holds the other."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def direct(stages: Iterable[Stage]) -> dict[str, frozenset[str]]:
    """Each stage's name to the stages whose outputs it depends on, directly."""
    stages = list(stages)
    writers: dict[str, set[str]] = {}
    above: dict[str, set[str]] = {}
    for stage in stages:
        for output in stage.outputs:
            writers.setdefault(output.path, set()).add(stage.name)
            for folder in _folders(output.path):
                above.setdefault(folder, set()).add(stage.name)
    found: dict[str, frozenset[str]] = {}
    for stage in stages:
        needed: set[str] = set()
        for dependency in stage.dependencies:
            needed |= above.get(dependency.path, set())
            for path in (dependency.path, *_folders(dependency.path)):
                needed |= writers.get(path, set())
        found[stage.name] = frozenset(needed - {stage.name})
    return found


def upstream(name: str, edges: dict[str, frozenset[str]]) -> frozenset[str]:
    """Every stage that must run before the stage `name`."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        for before in edges.get(waiting.pop(), frozenset()) - seen:
            seen.add(before)
            waiting.append(before)
    return frozenset(seen)


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
