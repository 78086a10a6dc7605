"""Assertions on metrics.json: the data that it names, its numbers, the versions that made it. Each raises `Failure`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from checks import Workspace, expect
from checks.evidence.conda.lock import Lock
from checks.evidence.conda.prefix import Prefix

METRICS = "metrics.json"
SCRIPT = "train.py"
DATA = "data/rentals.csv"
MONTHS = 3
"""The learner's months that the script reads: the first three."""
TOLERANCE = 1e-4
"""The largest distance of R² from the value that follows from RMSE: both are rounded."""
_LARGEST = 1e9


def own_data(work: Workspace, metrics: Mapping[str, object], fix: str) -> None:
    """metrics.json names the MD5 of this learner's own data."""
    told = metrics.get("data")
    md5 = told.get("md5") if isinstance(told, dict) else None
    own = work.data(MONTHS).md5
    about = expect.Subject(f"{METRICS}: data", fix)
    expected = f"md5 {own}: months 1 to {MONTHS} of {work.learner.id}"
    found = f"md5 {md5[:40]}: other data" if isinstance(md5, str) else "no md5"
    about.that(md5 in (own, work.data(MONTHS, line_end=b"\r\n").md5), expected, found)


def one_forecast(metrics: Mapping[str, object], truth: Sequence[float], fix: str) -> None:
    """rmse, mae and r2 are of one forecast of the values in `truth`: R² follows from RMSE and their variance."""
    numbers = {name: metrics.get(name) for name in ("rmse", "mae", "r2")}
    wrong = [name for name, value in numbers.items() if not _is_number(value)]
    about = expect.Subject(METRICS, fix)
    about.that(not wrong, "finite numbers: rmse, mae, r2", f"no number {', '.join(wrong)}")
    rmse, mae, r2 = (float(str(value)) for value in numbers.values())
    mean = sum(truth) / len(truth)
    follows = 1 - rmse**2 / (sum((value - mean) ** 2 for value in truth) / len(truth))
    about = expect.Subject(f"{METRICS}: rmse, mae and r2", fix)
    expected = f"numbers of one forecast of your data: with rmse {rmse:g}, r2 is {follows:.6f}, and mae is not above it"
    about.that(0 <= mae <= rmse and abs(r2 - follows) <= TOLERANCE, expected, f"rmse {rmse:g}, mae {mae:g}, r2 {r2:g}")


def _is_number(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) < _LARGEST and math.isfinite(value)


def locked_versions(metrics: Mapping[str, object], needed: Iterable[str], locks: Iterable[Lock], fix: str) -> None:
    """metrics.json names the versions of the packages in `needed`, and all are those of one platform of a lock."""
    versions = _versions(metrics)
    missing = [name for name in needed if name not in versions]
    about = expect.Subject(f"{METRICS}: versions", fix)
    about.that(not missing, f"the versions that made it: {', '.join(needed)}, and more", f"no {', '.join(missing)}")
    wrong = min((_others(versions, needed, lock, name) for lock in locks for name in lock.platforms), key=len)
    found = ", ".join(f"{name} {version[:40]}" for name, version, _ in wrong[:4])
    about.that(not wrong, f"the locked ones: {', '.join(f'{name} {locked}' for name, _, locked in wrong[:4])}", found)


def _others(
    versions: Mapping[str, str], needed: Iterable[str], lock: Lock, platform: str
) -> list[tuple[str, str, str]]:
    """Name, version and locked version of what another environment has.

    A package beyond `needed` whose name the lock does not know passes: on PyPI some have other names than in conda.
    """
    locked = {package.name: package.version for package in lock.packages[platform]}
    locked |= {package.name: package.version for package in lock.pip[platform]}
    return [
        (name, version, locked.get(name, "none"))
        for name, version in sorted(versions.items())
        if (name in locked or name in needed) and locked.get(name) != version
    ]


def numbers(metrics: Mapping[str, object]) -> dict[str, float]:
    """The numbers of a metrics.json, by their names."""
    return {name: float(str(value)) for name, value in metrics.items() if _is_number(value)}


def same_versions(
    committed: Mapping[str, object], made: Mapping[str, object], prefix: Prefix, locks: Iterable[Lock], fix: str
) -> None:
    """A rebuild names the versions that its environment `prefix` has, and they are the committed ones.

    A lock may have another version on the platform where the committed ones come from.
    """
    told, again = _versions(committed), _versions(made)
    for name, version in told.items():
        installed, found = prefix.package(name), again.get(name, "none")
        about = expect.Subject(f"{METRICS} of a rebuild: versions", fix)
        expected = f"{name} {installed.version if installed else ''}, which its environment has"
        instead = f"{name} {found[:40]}: train.py does not ask the Python that runs it"
        about.that(installed is None or found == installed.version, expected, instead)
        both = {version, found}
        about = expect.Subject(f"versions in {METRICS} in your commit, and in a rebuild from it", fix)
        instead = f"{name} {version[:40]} in your commit, {name} {found[:40]} in the rebuild"
        about.that(len(both) == 1 or any(both <= _locked(lock, name) for lock in locks), "the same ones", instead)


def _versions(metrics: Mapping[str, object]) -> dict[str, str]:
    told = metrics.get("versions")
    return {str(name).lower(): str(version) for name, version in told.items()} if isinstance(told, dict) else {}


def _locked(lock: Lock, name: str) -> set[str]:
    """The versions of a package on the platforms of a lock."""
    return {package.version for packages in lock.packages.values() for package in packages if package.name == name}
