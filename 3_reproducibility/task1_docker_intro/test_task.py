"""Task 3.1: do the Dockerfile, its image and what the image wrote tell the same story?"""

import math
from typing import Any

from checks import Failure, Unavailable, Workspace, expect, step
from checks.assertions.rebuilt import finished
from checks.core.workspace import Form, RebuiltImage
from checks.evidence.docker.dockerfile import Dockerfile
from checks.evidence.docker.image import Image
from checks.evidence.documents import parse_json
from checks.evidence.requirements import Requirement, read_requirements

from .checking import dockerfile as recipe
from .checking import image as built
from .checking import runs as twice
from .checking.image import DESCRIBE, HISTORY, INSPECTION

REPOSITORY = "reproducibility-docker"
TAG = f"{REPOSITORY}:1.0.0"
BASE = "python:3.11-slim-bookworm"
SOURCES = ("Dockerfile", "requirements.txt", "train.py")
DATA, MODEL, METRICS = "data/rentals.csv", "model.pkl", "metrics.json"
RUNS = ("output", "output-again")
MONTHS = 3
KEPT_OUT = {
    ".git/HEAD": "the history of your repository",
    ".venv/pyvenv.cfg": "a virtual environment",
    "venv/pyvenv.cfg": "a virtual environment",
    "__pycache__/train.cpython-311.pyc": "Python's cache",
    ".pytest_cache/README.md": "a cache",
    f"{RUNS[0]}/{MODEL}": "what a run wrote",
    f"{RUNS[1]}/{MODEL}": "what a run wrote",
    "image.tar": "an image's archive",
    INSPECTION: "the description of an image",
}
"""A file of each kind that has no place in an image, and what it is."""
_MAGIC = (b"\x80", b"\x78", b"\x1f\x8b", b"BZ", b"\xfd7z", b"\x5d\x00", b"PK")
"""The first bytes of a pickle: as it is, packed by joblib, or in skops' archive."""


@step("pins")
def test_pins(work: Workspace) -> None:
    """Every requirement allows one version."""
    _ = work.learner  # without an id there is no data to train on: `mlsd start` comes before everything
    wanted = _pins(work)
    for pin in wanted:
        about = expect.Subject(pin.where, _fix_pins())
        about.that(pin.exact, "one exact version: name==1.2.3", pin.text[:200])
    fix = "(write scikit-learn and pandas into requirements.txt, a line each)\n" + _fix_pins()
    about = expect.Subject("requirements.txt", fix)
    about.that(wanted, "what train.py needs: scikit-learn and pandas, with their versions", "no requirement")


@step("dockerfile")
def test_dockerfile(work: Workspace) -> None:
    """The base is pinned, dependencies come before sources, the user is not root, the command is a JSON array."""
    dockerfile = _dockerfile(work)
    recipe.pinned_bases(dockerfile)
    recipe.working_directory(dockerfile)
    recipe.dependencies_first(dockerfile, "train.py")
    recipe.pinned_installs(dockerfile)
    recipe.without_root(dockerfile)
    recipe.exec_form(dockerfile)


@step("ignore")
def test_ignore(work: Workspace) -> None:
    """The build gets neither history, environments, caches nor outputs, and gets what it copies."""
    try:
        found = work.docker.dockerignore
    except Failure as failure:
        commit = _fix_commit(failure.looked_at.partition(",")[0], "Mend what is kept out")
        raise failure.mended_by(f"(mend {failure.looked_at})\n{commit}") from None
    if found is None:
        there = work.files.is_file(work.path(".dockerignore"))
        fix = expect.commands(None if there else _WRITE_IGNORE, _fix_commit(".dockerignore", "Keep the context small"))
        about = expect.Subject(f".dockerignore in the last commit of {work.branch}", fix)
        instead = "there, but not committed" if there else "no such file: the whole folder goes into the build"
        about.fail("a list of what stays out of the build", instead)
    name, rules = found
    for path, what in KEPT_OUT.items():
        fix = expect.commands(f"echo '{path.partition('/')[0]}' >> {name}", _fix_commit(name, "Keep more out"))
        about = expect.Subject(f"{name}, for {path}", fix)
        about.that(rules.keeps_out(path), f"a line that keeps {what} out of the build", "none")
    for path in SOURCES[1:]:
        fix = expect.commands(f"echo '!{path}' >> {name}", _fix_commit(name, f"Let {path} in"))
        about = expect.Subject(f"{name}, for {path}", fix)
        expected = "a build that gets it: the Dockerfile copies it"
        about.that(not rules.keeps_out(path), expected, "a line that keeps it out")


@step("build")
def test_build(work: Workspace) -> None:
    """The image's configuration, layers and history are those of the committed Dockerfile."""
    carries_none = work.form is Form.BRANCH and work.rebuild is not None and not built.images(work, REPOSITORY)
    image = _rebuilt(work).image if carries_none else _image(work)
    built.built_from(image, _dockerfile(work), build=_fix_build())


@step("run")
def test_run(work: Workspace) -> None:
    """Two runs wrote the same model and the same metrics, of this learner's data, with the pinned library."""
    committed = work.snapshot.read(work.path(f"{RUNS[0]}/{METRICS}"))
    carried = work.form is not Form.BRANCH
    if carried:
        _same_twice(work)
    if committed is None:
        fix = _fix_commit(f"{RUNS[0]}/{METRICS}", "The metrics of the model")
        about = expect.Subject(f"{RUNS[0]}/{METRICS} in the last commit of {work.branch}", fix)
        about.fail("the metrics of your model", "there, but not committed" if carried else "no such file")
    _sound_metrics(work, committed)
    if not carried:
        if work.rebuild is None:
            raise Unavailable("a branch carries no model and no second run: add --rebuild, or hand in the clone")
        _same_twice(_rebuilt(work).work, "two runs of the image built from the commit: ")
        return
    working = work.files.read(work.path(f"{RUNS[0]}/{METRICS}"))
    fix = _fix_commit(f"{RUNS[0]}/{METRICS}", "The metrics of the model")
    about = expect.Subject(f"{RUNS[0]}/{METRICS} in the last commit of {work.branch}", fix)
    found = "other metrics: those in your folder are not committed"
    about.that(_unix(working) == _unix(committed), "the metrics that the last runs wrote", found)


@step("publish")
def test_publish(work: Workspace) -> None:
    """A full name with a semantic version, and a label with the commit that holds these very sources."""
    image = _image(work)
    built.published_name(image, REPOSITORY, fix=_fix_publish(work))
    about = expect.Subject(f"the labels of {image.id[:19]}... in {image.where}", _fix_publish(work))
    expected = f"{built.REVISION}: the commit that the image was built from"
    revision = about.some(image.labels.get(built.REVISION) or None, expected, "no such label")
    commits = [commit for commit in work.git.history if len(revision) >= 7 and commit.id.startswith(revision.lower())]
    about = expect.Subject(f"the label {built.REVISION} of {image.where}", _fix_publish(work))
    about.that(len(commits) == 1, f"a commit of {work.branch}", f"{revision[:80]}, which is none of its commits")
    then = work.git.at(commits[0])
    for name in SOURCES:
        fix = _fix_publish(work)
        about = expect.Subject(f"{name} in commit {commits[0].short}, which the image says it was built from", fix)
        expected = "the file of your last commit"
        found = "another content: it was changed after the build" if then.is_file(work.path(name)) else "no such file"
        about.that(then.read(work.path(name)) == work.snapshot.read(work.path(name)), expected, found)


@step("rebuild")
def test_rebuild(work: Workspace) -> None:
    """The image that is built from the commit writes the committed metrics."""
    rebuilt = _rebuilt(work)
    described = built.described(work)
    if described is not None:
        built.same_configuration(rebuilt.image, described, fix=_fix_describe())
    _same_twice(rebuilt.work, "two runs of the image built from the commit: ")
    where = f"{RUNS[0]}/{METRICS}"
    committed = work.snapshot.read(work.path(where))
    twice.as_committed(
        parse_json(committed or b"{}", where),
        parse_json(rebuilt.work.files.read(work.path(where)), where),
        exactly=("scikit_learn", "data_md5"),
        equal={own: work.data(MONTHS).md5 for own in _own_data(work)},
        where=where,
        why=built.copied_otherwise(rebuilt.image, described, _dockerfile(work)) if described is not None else None,
        fix=f"{_fix_build()}\n{_fix_runs()}\n{_fix_commit(where, 'The metrics of the committed code')}\n"
        + _fix_publish(work),
    )


_WRITE_IGNORE = "printf '*\\n!requirements.txt\\n!train.py\\n' > .dockerignore"


def _pins(work: Workspace) -> tuple[Requirement, ...]:
    """The committed requirements."""

    def read(name: str) -> bytes | None:
        return work.snapshot.read(work.path(name))

    if read("requirements.txt") is None:
        there = work.files.is_file(work.path("requirements.txt"))
        fix = expect.commands(None if there else "mlsd start 3.1", _fix_pins())
        about = expect.Subject(f"requirements.txt in the last commit of {work.branch}", fix)
        about.fail("every requirement with its exact version", "there, but not committed" if there else "no such file")
    try:
        return read_requirements("requirements.txt", read)
    except Failure as failure:
        mend = f"(mend {failure.looked_at}: a requirement in each line, and commit the files that it includes)"
        raise failure.mended_by(f"{mend}\n{_fix_commit('requirements.txt', 'Mend the requirements')}") from None


def _dockerfile(work: Workspace) -> Dockerfile:
    there = work.files.is_file(work.path("Dockerfile"))
    try:
        found = work.docker.dockerfile
    except Failure as failure:
        commit = _fix_commit("Dockerfile", "Mend the Dockerfile")
        raise failure.mended_by(f"(mend {failure.looked_at})\n{commit}") from None
    fix = expect.commands(
        None if there else "(write the Dockerfile, as step 2 of the README shows)",
        _fix_commit("Dockerfile", "Describe the image"),
    )
    about = expect.Subject(f"Dockerfile in the last commit of {work.branch}", fix)
    return about.some(found, "the recipe of your image", "there, but not committed" if there else "no such file")


def _image(work: Workspace) -> Image:
    return built.found(work, REPOSITORY, build=_fix_build())


def _rebuilt(work: Workspace) -> RebuiltImage:
    """The image built from the commit, and its two runs, each ended without an error."""
    _ = _dockerfile(work)
    rebuilt = work.rebuilt_image(data={DATA: MONTHS}, output=RUNS[0], runs=RUNS)
    for run in rebuilt.runs:
        finished(
            run,
            "docker run --network none, of the image built",
            fix="(mend what the last lines name, and try it in a fresh clone, as step 7 of the README shows)",
        )
    return rebuilt


def _same_twice(work: Workspace, of: str = "") -> None:
    """Both runs wrote the same model and metrics. `of` says whose runs, where not the learner's own."""
    for name in (METRICS, MODEL):
        first, second = (f"{folder}/{name}" for folder in RUNS)
        twice.same_bytes(work, first, second, of=of, run=_fix_runs(), mend=_fix_chance())
    twice.begins_like(work, f"{RUNS[0]}/{MODEL}", _MAGIC, run=_fix_runs())


def _own_data(work: Workspace) -> tuple[str, str]:
    """The MD5 of this learner's data, as it is and with the line ends of an editor of Windows."""
    return work.data(MONTHS).md5, work.data(MONTHS, line_end=b"\r\n").md5


def _sound_metrics(work: Workspace, data: bytes) -> None:
    """The metrics are possible numbers of a model of this learner's data, made with the pinned library."""
    where = f"{RUNS[0]}/{METRICS}"
    metrics = parse_json(data, where)
    fix = f"{_fix_runs()}\n{_fix_commit(where, 'The metrics of the model')}"

    def hold(holds: object, expected: str, found: str) -> None:
        expect.that(holds, looked_at=where, expected=expected, found=found[:300], fix=fix)

    hold(isinstance(metrics, dict), "a JSON object, as train.py writes it", "something else")
    numbers = {name: metrics.get(name) for name in ("rmse", "mae", "r2")}
    for name, value in numbers.items():
        hold(_is_finite(value), f"a finite number `{name}`", f"{value!r}")
    rmse, mae, r2 = numbers.values()
    hold(0 < mae <= rmse and r2 <= 1, "0 < mae <= rmse and r2 <= 1, as for every model", _told(numbers))
    hold(
        metrics.get("data_md5") in _own_data(work),
        f"data_md5 {_own_data(work)[0]}: months 1 to {MONTHS} of {work.learner.id}",
        f"data_md5 {metrics.get('data_md5')}: not your data",
    )
    try:
        version = next((pin.version for pin in _pins(work) if pin.name == "scikit-learn"), None)
    except Failure:  # another step says so
        version = None
    hold(
        version is None or metrics.get("scikit_learn") == version,
        f"scikit_learn {version}, the version that requirements.txt pins",
        f"scikit_learn {metrics.get('scikit_learn')}",
    )


def _told(numbers: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in numbers.items())


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _unix(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def _fix_commit(names: str, message: str) -> str:
    return f'git add {names}\ngit commit -m "{message}"'


def _fix_pins() -> str:
    return (
        f'docker run --rm --volume "$PWD:/work:ro" {BASE} sh -c '
        '"pip install --quiet --requirement /work/requirements.txt && pip freeze" > pins.txt\n'
        "mv pins.txt requirements.txt\n" + _fix_commit("requirements.txt", "Pin the requirements")
    )


def _fix_build() -> str:
    return f"docker build --tag {TAG} ."


def _fix_runs() -> str:
    """Two runs, each in a container of its own; what they wrote is copied out."""
    lines = ["docker rm --force first second"]
    for name, folder in zip(("first", "second"), RUNS, strict=True):
        lines.append(f'docker run --name {name} --network none --volume "$PWD/data:/app/data:ro" {TAG}')
        lines.append(f"docker cp {name}:/app/output/. {folder}")
    return "\n".join([*lines, "docker rm first second"])


def _fix_chance() -> str:
    """Mend the training, then build and run again."""
    return (
        "(in train.py, mend what chance decides: give the split and the model a seed, and write no time)\n"
        f"{_fix_build()}\n{_fix_runs()}"
    )


def _fix_describe() -> str:
    return f"{_fix_build()}\n{DESCRIBE}\n" + _fix_commit(f"{INSPECTION} {HISTORY}", "Describe the image again")


def _fix_publish(work: Workspace) -> str:
    account = "".join(letter for letter in work.learner.id.partition("@")[0] if letter.isascii() and letter.isalnum())
    name = f"ghcr.io/{account or 'account'}/{TAG}"
    return (
        f'docker build --label "{built.REVISION}=$(git rev-parse HEAD)" --tag {TAG} --tag {name} .\n{DESCRIBE}\n'
        + _fix_commit(f"{INSPECTION} {HISTORY}", "Describe the image")
    )
