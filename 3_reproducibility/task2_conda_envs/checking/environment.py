"""Assertions on the environment file, its locks and the environment made of them.

Each raises `Failure` with the command that mends the present state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checks import Unavailable, expect
from checks.evidence.conda.environment import Environment
from checks.evidence.conda.lock import Lock, PipPackage
from checks.evidence.conda.package import DEFAULTS, Package, channel_name
from checks.evidence.conda.prefix import Prefix
from checks.evidence.conda.spec import Pin, Spec

FORGE = "conda-forge"
NODEFAULTS = "nodefaults"


def channels_unmixed(environment: Environment, where: str) -> None:
    """The environment file names its channels, and does not mix Anaconda's own with conda-forge."""
    names = {channel_name(channel): channel for channel in environment.channels}
    about = expect.Subject(f"{where}: channels", f"(in {where}, write `channels:` with `- conda-forge` below it)")
    found = "none: then every machine takes its own"
    about.that(names.keys() - {NODEFAULTS}, "the channels that the packages come from", found)
    named = {spec.channel: spec.text for spec in environment.specs if spec.channel}
    about = expect.Subject(f"{where}: channels", f"(in {where}, delete the line of {names.get(DEFAULTS, DEFAULTS)})")
    expected = "conda-forge or defaults: their packages are not built to work together"
    found = f"both: {', '.join([*environment.channels[:6], *list(named.values())[:3]])}"
    about.that(not {DEFAULTS, FORGE} <= {*names, *named}, expected, found)


def no_prefix(environment: Environment, where: str) -> None:
    """The environment file names no folder of one machine."""
    about = expect.Subject(f"{where}: prefix", f"(in {where}, delete the line that begins with `prefix:`)")
    found = f"prefix: {environment.prefix}"
    about.that(environment.prefix is None, "no such line: it is a folder of one machine", found)


def dependencies_pinned(environment: Environment, where: str, versions: Iterable[Package] = ()) -> None:
    """Python is named, and every dependency accepts one version alone.

    `versions` are packages of a lock or an environment: they tell whether the 25.3 of `pip=25.3` is a whole version,
    and which one to write in place of a range.
    """
    known = {package.name: package.version for package in versions}
    fix = f"(in {where}, add the line `- {_pinned('python', known)}` below `dependencies:`)"
    about = expect.Subject(f"{where}: dependencies", fix)
    found = "no line for python: conda takes the newest that fits"
    about.that(environment.spec("python"), "python among them, with its version", found)
    for spec in environment.specs:
        expect.that(
            spec.pin is Pin.EXACT or (spec.pin is Pin.SHORT and known.get(spec.name) == spec.version),
            looked_at=f"{where}: {spec.text}",
            expected=f"one exact version, such as {_pinned(spec.name, known)}",
            found=_leaves_open(spec, known.get(spec.name)),
            fix=f"(in {where}, write `{_pinned(spec.name, known)}` in place of `{spec.text}`)"
            if spec.name in known
            else f"conda env create --dry-run --file {where}\n(it shows the versions that fit: in {where}, write "
            f"{spec.name} with its version, such as {spec.name}==1.2.3)",
        )


def _pinned(name: str, known: dict[str, str]) -> str:
    version = known.get(name, "1.2.3")
    return f"{name}={version}" if version.count(".") > 1 else f"{name}=={version}"


def _leaves_open(spec: Spec, version: str | None) -> str:
    if spec.pin is Pin.LOOSE:
        return "no version" if spec.text.rpartition("::")[2] == spec.name else "a range of versions"
    others = f"{spec.version}.1, {spec.version}.2" if version in (None, spec.version) else version
    return f"a range: one `=` accepts every version that begins with {spec.version}, such as {others}"


def pip_section_valid(environment: Environment, where: str) -> None:
    """The pip section, where there is one, is last, every requirement in it is exact, and pip itself is named."""
    if environment.pip is None:
        return
    about = expect.Subject(f"{where}: the pip section", f"(in {where}, move `- pip:` and its lines to the end)")
    found = "packages for conda below it"
    about.that(environment.pip_last, "the last entry of `dependencies`: pip runs when conda is done", found)
    for requirement in environment.pip:
        fix = f"(in {where}, write `{requirement.name}==` and its version in place of `{requirement.text}`)"
        about = expect.Subject(f"{where}: the pip section, {requirement.text}", fix)
        instead = "a range of versions" if requirement.specifiers else "no version"
        about.that(requirement.exact, f"one exact version, such as {requirement.name}==1.2.3", instead)
    about = expect.Subject(f"{where}: dependencies", f"(in {where}, add the line `- pip==25.3` above the pip section)")
    found = "a pip section, and no line for pip itself"
    about.that(environment.spec("pip"), "pip among them, with its version: it has a part in the environment", found)


def lock_satisfies(lock: Lock, environment: Environment, where: str, fix: str) -> None:
    """The lock holds a package for every dependency of the environment file, on each of its platforms."""
    for platform in lock.platforms:
        for spec in environment.specs:
            found = lock.package(platform, spec.name)
            about = expect.Subject(f"{lock.path}, {platform}", fix)
            instead = f"{found.name} {found.version} from {found.channel}" if found else f"no {spec.name}"
            about.that(found is not None and spec.accepts(found), f"what {where} asks for: {spec.text}", instead)
        for requirement in (environment.pip or ()) if lock.multi else ():
            version = {package.name: package.version for package in lock.pip[platform]}.get(requirement.name)
            about = expect.Subject(f"{lock.path}, {platform}, what pip installs", fix)
            expected = f"what {where} asks for: {requirement.text}"
            instead = f"{requirement.name} {version}" if version else f"no {requirement.name}"
            about.that(version is not None and requirement.accepts(version), expected, instead)


def lock_from_channels(lock: Lock, environment: Environment, where: str, fix: str) -> None:
    """Every locked package has a hash, and each of conda comes from a channel that the environment file names."""
    named = {channel_name(channel) for channel in environment.channels}
    named |= {spec.channel for spec in environment.specs if spec.channel}
    for package in (one for platform in lock.platforms for one in (*lock.packages[platform], *lock.pip[platform])):
        about = expect.Subject(f"{lock.path}: {package.name} {package.version}", fix)
        about.that(package.hashed, "a hash: without one, other bytes of the same name would do", "none")
        if isinstance(package, PipPackage):
            continue
        mix = f"(in {where}, add the channel `nodefaults`: then conda adds none of its own)\n"
        mend = f"{mix if package.channel == DEFAULTS else ''}{fix}"
        about = expect.Subject(f"{lock.path}: {package.name} {package.version}", mend)
        expected = f"a package from the channels in {where}: {', '.join(sorted(named - {NODEFAULTS}))}"
        about.that(package.channel in named, expected, f"one from {package.channel}")


def differences(prefix: Prefix, lock: Lock, platform: str, environment: Environment) -> list[str]:
    """The differences of an environment from its lock, in words, one text each.

    What pip installed is held against the lock where its format holds such packages, or else against the pip section
    of the environment file: it must be there, and without a section pip has installed nothing.
    """
    locked = {package.name: package for package in lock.packages[platform]}
    there = {package.name: package for package in prefix.packages}
    found = [
        *(f"{name} {there[name].version}, which is not in the lock" for name in sorted(there.keys() - locked.keys())),
        *(f"no {name} {locked[name].version}" for name in sorted(locked.keys() - there.keys())),
    ]
    for name in sorted(locked.keys() & there.keys()):
        one, two = locked[name], there[name]
        if (one.version, one.build) != (two.version, two.build):
            found.append(f"{name} {two.version} {two.build}, locked is {one.version} {one.build}")
        elif not one.same_bytes(two):
            found.append(f"{name} {two.version} with another hash than the locked one")
    return found + _differences_of_pip(prefix.pip, lock, platform, environment)


def _differences_of_pip(there: dict[str, str] | None, lock: Lock, platform: str, environment: Environment) -> list[str]:
    if there is None:
        return []

    def has(name: str) -> str:
        return f"{name} {there[name]}, installed by pip" if name in there else f"no {name}, which pip installs"

    if lock.multi:
        pins = {package.name: package.version for package in lock.pip[platform]}
        wrong = [name for name in sorted(there.keys() | pins.keys()) if there.get(name) != pins.get(name)]
        return [
            f"{has(name)}; {f'locked is {pins[name]}' if name in pins else 'it is not in the lock'}" for name in wrong
        ]
    if not environment.pip:
        return [f"{has(name)}, and {lock.path} cannot hold it" for name in sorted(there)]
    return [
        f"{has(one.name)}; wanted is {one.text}" for one in environment.pip if not one.accepts(there.get(one.name, ""))
    ]


def packages_here(locks: Sequence[Lock], environment: Environment) -> tuple[Package, ...]:
    """The locked packages of this machine's platform. Raises Unavailable where no rebuild can install what is locked."""
    from checks.evidence.conda.machine import platform

    here = platform()
    lock = next((lock for lock in locks if here in lock.platforms), None)
    if lock is None:
        locked = ", ".join(name for one in locks for name in one.platforms)
        raise Unavailable(f"this machine is {here}, and the lock is for {locked}: a rebuild needs the same platform")
    pip = [*(package.name for package in lock.pip[here]), *(requirement.name for requirement in environment.pip or ())]
    if pip:
        names = ", ".join(dict.fromkeys(pip))
        raise Unavailable(f"pip installs {names} in this environment, from an index that a rebuild cannot reach")
    return lock.packages[here]
