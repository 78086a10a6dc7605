"""Task 3.2: do environment.yml, its lock, the environment and metrics.json tell the same story?"""

import csv
import posixpath

from checks import Failure, Unavailable, Workspace, expect, step
from checks.assertions import rebuilt
from checks.core import data
from checks.core.workspace import Form
from checks.evidence.conda.environment import Environment
from checks.evidence.conda.folder import ENVIRONMENT
from checks.evidence.conda.lock import Lock
from checks.evidence.conda.package import Package
from checks.evidence.conda.prefix import Prefix, read_prefix
from checks.evidence.documents import parse_json
from checks.evidence.files import Files

from .checking import answer
from .checking import environment as conda
from .checking.answer import DATA, METRICS, MONTHS, SCRIPT
from .checking.rebuild import EnvironmentRebuild

NAME = "reproducibility-env"
TEST_MONTH = "2025-03"
MADE_BY = ("python", "numpy", "scikit-learn")  # whose code has a part in the answer, whatever the platform
LOCKED = "conda-lock lock --file environment.yml --platform linux-64 --platform osx-arm64"


@step("environment")
def test_environment(work: Workspace) -> None:
    """The committed environment.yml gives everybody the same versions."""
    environment, where = _environment(work)
    try:
        _environment_is_exact(work, environment, where)
    except Failure as failure:
        commit = f'git add {where}\ngit commit -m "Pin the environment"'
        raise failure.mended_by(f"{failure.fix}\n{commit}") from None


@step("lock")
def test_lock(work: Workspace) -> None:
    """A committed lock satisfies environment.yml, with a hash for each package, on two platforms if it can."""
    environment, where = _environment(work)
    for lock in _locks(work):
        remake = _remake(lock.path, multi=lock.multi)
        platforms = lock.platforms
        about = expect.Subject(f"{lock.path}: platforms", remake)
        expected = "two or more: you and your colleagues do not all have the same machine"
        about.that(len(platforms) > 1 or not lock.multi, expected, ", ".join(platforms) or "none")
        conda.lock_satisfies(lock, environment, where, remake)
        conda.lock_from_channels(lock, environment, where, remake)


@step("created")
def test_created(work: Workspace) -> None:
    """The environment's conda-meta holds exactly the locked versions."""
    environment, _ = _environment(work)
    locks = _locks(work)
    path = work.path("env")
    fix = 'git rm -r --quiet --cached env\ngit commit -m "Keep the environment out of Git"'
    about = expect.Subject("env, in the last commit", fix)
    instead = "files of the environment, committed"
    about.that(work.snapshot.id(path) is None, "nothing of it in Git: the lock is enough to make it again", instead)
    differing = [(_differing(prefix, locks, environment), prefix.path) for prefix in _prefixes(work, locks)]
    found, path = min(differing, key=lambda pair: len(pair[0]))
    folder = work.shown(path) if path else "env"
    about = expect.Subject(f"{folder if path else NAME}/conda-meta", _recreate(locks[0], folder))
    instead = "; ".join(found[:3]) + (f"; {len(found)} differences in all" if len(found) > 3 else "")
    about.that(not found, f"the packages in {locks[0].path}: nothing missing, nothing more, the same versions", instead)


@step("answer")
def test_answer(work: Workspace) -> None:
    """metrics.json names this learner's data and the locked versions, and its numbers belong together."""
    locks = _locks(work)
    metrics = _metrics(work)
    again = _retrain(work)
    own = work.files.is_file(work.path(DATA)) and work.files.hash(work.path(DATA)) == work.data(MONTHS)
    answer.own_data(work, metrics, again if own else f"rm -f {DATA}\nmlsd start 3.2\n{again}")
    answer.one_forecast(metrics, _march(work), again)
    answer.locked_versions(metrics, MADE_BY, locks, again)


@step("recreate")
def test_recreate(work: Workspace) -> None:
    """A fresh environment from the lock gives the committed metrics.json, computed from the data."""
    locks, committed = _locks(work), _metrics(work)
    rebuild = _rebuild(work, locks)
    retrain = _retrain(work)
    again = f"{_recreate(locks[0], 'env')}\n{retrain}"
    remake = _remake(locks[0].path, multi=locks[0].multi)
    made: dict[str, object] = {}

    def make(once_more: bool) -> dict[str, float]:
        found = rebuild.metrics(
            int(once_more),
            relock=f"(in {ENVIRONMENT}, name every package that {SCRIPT} imports, with its version)\n{remake}\n{again}",
            commit=f'git status --short\n(git add every file that {SCRIPT} reads)\ngit commit -m "Add what {SCRIPT} reads"',
            retrain=f"(in {SCRIPT}, write {METRICS})\n{again}",
        )
        made.update(found)
        return answer.numbers(found)

    rebuilt.same_numbers(
        answer.numbers(committed),
        make,
        where=f"{METRICS} in your commit",
        script=SCRIPT,
        mend_chance=f"(in {SCRIPT}, give what draws numbers its seed: random_state=SEED)\n{retrain}",
        mend_other=again,
    )
    answer.own_data(work, made, f"(in {SCRIPT}, read {DATA})\n{again}")
    answer.same_versions(committed, made, rebuild.prefix(), locks, again)
    rebuild.computed(made, f"cp starter/{SCRIPT} {SCRIPT}\n{again}")


def _rebuild(work: Workspace, locks: tuple[Lock, ...]) -> EnvironmentRebuild:
    """The environment made again from the lock, and what train.py writes in it: made once for all steps."""
    environment, _ = _environment(work)
    return EnvironmentRebuild(work, locks, environment)


def _environment(work: Workspace) -> tuple[Environment, str]:
    """The committed environment file, and its name."""
    there = work.files.is_file(work.path(ENVIRONMENT))
    commit = f'git add {ENVIRONMENT}\ngit commit -m "Pin the environment"'
    try:
        found = work.conda.environment(work.snapshot)
    except Failure as failure:
        mend = f"(mend {ENVIRONMENT}: name, channels, and a list of dependencies, each as name=1.2.3)"
        raise failure.mended_by(f"{mend}\n{commit}") from None
    fix = commit if there else expect.commands("mlsd start 3.2", commit)
    about = expect.Subject(f"{ENVIRONMENT} in the last commit of {work.branch}", fix)
    instead = "the file is there, but not committed" if there else "no such file"
    environment = about.some(found, "the environment file", instead)
    return environment, posixpath.basename(work.conda.environment_path(work.snapshot) or ENVIRONMENT)


def _environment_is_exact(work: Workspace, environment: Environment, where: str) -> None:
    about = expect.Subject(f"{where}: name", f"(in {where}, write `name: {NAME}`)")
    about.that(environment.name == NAME, NAME, environment.name or "no name")
    conda.no_prefix(environment, where)
    conda.channels_unmixed(environment, where)
    conda.dependencies_pinned(environment, where, _known(work))
    conda.pip_section_valid(environment, where)


def _known(work: Workspace) -> list[Package]:
    """The packages that the lock or the environment names: which version to write in place of a range."""
    try:
        locks = work.conda.locks(work.snapshot)
        found = [package for lock in locks for packages in lock.packages.values() for package in packages]
        return found or [package for prefix in work.conda.prefixes() for package in prefix.packages]
    except (Failure, Unavailable):  # another step says so
        return []


def _locks(work: Workspace) -> tuple[Lock, ...]:
    """The committed locks. A malformed one fails with the commands that make it again."""
    try:
        locks = work.conda.locks(work.snapshot)
    except Failure as failure:
        remake = _remake(failure.looked_at, multi=failure.looked_at.endswith(("yml", "yaml")))
        raise failure.mended_by(remake) from None
    if locks:
        return locks
    there = next((name for name in ("conda-lock.yml", "conda-lock.yaml") if work.files.is_file(work.path(name))), None)
    fix = expect.commands(
        None if there else LOCKED, f'git add {there or "conda-lock.yml"}\ngit commit -m "Lock the environment"'
    )
    about = expect.Subject(f"the files of the task folder in the last commit of {work.branch}", fix)
    found = f"{there} is there, but not committed" if there else "neither"
    about.fail("conda-lock.yml, or a list with the line @EXPLICIT, such as conda-linux-64.txt", found)


def _remake(path: str, *, multi: bool) -> str:
    """Make the lock at `path` again. A list is made from an environment that environment.yml gave."""
    make = (
        f"rm -f {path}\n{LOCKED} --lockfile {path}"
        if multi
        else f"rm -rf env\nconda env create --file {ENVIRONMENT} --prefix ./env\n"
        f"conda list --prefix ./env --explicit --md5 > {path}"
    )
    return f'{make}\ngit add {path}\ngit commit -m "Lock the environment again"'


def _recreate(lock: Lock, folder: str) -> str:
    """Make the environment at `folder`, as one types it in the task folder, again."""
    make = f"conda-lock install --prefix ./{folder} {lock.path}"
    return f"rm -rf {folder}\n{make if lock.multi else f'conda create --yes --prefix ./{folder} --file {lock.path}'}"


def _prefixes(work: Workspace, locks: tuple[Lock, ...]) -> tuple[Prefix, ...]:
    """The environments to look at: those of the clone; of whoever sits here, the one with the right name too."""
    try:
        found = work.conda.prefixes()
    except Failure as failure:
        at = work.shown(failure.looked_at)
        remake = _recreate(locks[0], at.partition("/conda-meta")[0])
        raise failure.mended_by(remake, looked_at=at) from None
    if not found and work.clone.here:
        from checks.evidence.conda.machine import named_prefix

        folder = named_prefix(NAME)
        found = (read_prefix(Files(folder), ""),) if folder else ()
    if found:
        return found
    if work.form is Form.BRANCH and work.rebuild is None:
        raise Unavailable("a branch carries no environment: hand in the clone, or add --rebuild")
    if work.form is Form.BRANCH:
        return (_rebuild(work, locks).prefix(),)
    about = expect.Subject("the folders of the task folder", _recreate(locks[0], "env").partition("\n")[2])
    about.fail("an environment: a folder with conda-meta in it, such as env", "none")


def _differing(prefix: Prefix, locks: tuple[Lock, ...], environment: Environment) -> list[str]:
    """The differences of an environment from the lock of its platform."""
    platform = prefix.platform
    lock = next((lock for lock in locks if platform in lock.platforms), None)
    if platform is None:
        return ["no package at all"]
    if lock is None:
        locked = ", ".join(name for one in locks for name in one.platforms)
        return [f"packages for {platform}, and the lock is for {locked}"]
    return conda.differences(prefix, lock, platform, environment)


def _metrics(work: Workspace) -> dict[str, object]:
    """The committed metrics.json, beside the committed train.py."""
    retrain = _retrain(work)
    for name in (SCRIPT, METRICS):
        there = work.files.is_file(work.path(name))
        fix = f'git add {name}\ngit commit -m "Add {name}"' if there else _fix_absent(name, retrain)
        about = expect.Subject(f"{name} in the last commit of {work.branch}", fix)
        expected = "the script and what it wrote" if name == SCRIPT else f"what {SCRIPT} wrote"
        found = "the file is there, but not committed" if there else "no such file"
        about.that(work.snapshot.is_file(work.path(name)), expected, found)
    metrics = parse_json(work.snapshot.read(work.path(METRICS)) or b"", METRICS)
    if isinstance(metrics, dict):
        return metrics
    expect.fail(looked_at=METRICS, expected="what train.py writes", found="no JSON object", fix=retrain)


def _fix_absent(name: str, retrain: str) -> str:
    return f"mlsd start 3.2\n{retrain}" if name == SCRIPT else retrain


def _python(work: Workspace) -> str:
    """The Python of the environment in the task folder, as one types it."""
    paths = work.conda.prefix_paths()
    return f"{work.shown(paths[0]) if paths else 'env'}/bin/python"


def _retrain(work: Workspace) -> str:
    return f'{_python(work)} {SCRIPT}\ngit add {METRICS} {SCRIPT}\ngit commit -m "Train in the locked environment"'


def _march(work: Workspace) -> list[float]:
    """The rentals of this learner's test month, repeated and incomplete rows left out, as train.py reads them."""
    lines = dict.fromkeys(data.months(work.learner.id, MONTHS).decode().splitlines())
    rows = csv.reader(line for line in lines if line.startswith(TEST_MONTH))
    return [float(row[6]) for row in rows if all(row)]
