"""Assertions on the Dockerfile: its bases, the order of its lines, its user and its command. Each raises `Failure`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from checks import expect
from checks.evidence.docker.dockerfile import Command, Dockerfile
from checks.evidence.docker.lines import Instruction
from checks.evidence.docker.reference import DOCKER_HUB, parse_reference
from checks.evidence.requirements import parse_requirement
from checks.evidence.wildmatch import matches, parsed

FILE = "Dockerfile"
_INSTALLS = re.compile(
    r"\b(pip3?(\.\d+)?\s+(--?\S+\s+)*install|pip-sync|uv\s+(pip\s+(install|sync)|sync)|poetry\s+install|pipenv\s+(install|sync)"
    r"|(conda|mamba|micromamba)\s+(env\s+(create|update)|install|create)|pdm\s+(install|sync))\b"
)
_PIP = re.compile(r"\bpip3?(?:\.\d+)?\s+(?:--?\S+\s+)*install\s+([^;&|]*)")
_WITH_VALUE = re.compile(
    r"-[rctfi]|--(?:requirement|constraint|target|find-links|(?:extra-)?index-url|prefix|root|python|platform|cache-dir|timeout"
    r"|retries|trusted-host|progress-bar|only-binary|no-binary|src|report|root-user-action|cert|proxy|log|abi|implementation"
    r"|python-version|upgrade-strategy)"
)
"""Options of `pip install` whose value is the next word."""
_INSTALLERS = frozenset({"pip", "setuptools", "wheel", "uv", "pip-tools", "pipenv", "poetry", "pdm"})
"""Packages that install others, and have no part in the training."""
_FILE = re.compile(r"/|\.whl\Z|\.gz\Z|\A\.\Z")
"""A folder or a file in place of a package."""
_MINOR = re.compile(r"\d+\.\d+")


def pinned_bases(dockerfile: Dockerfile) -> None:
    """Each image that this one is built on or copies from has a tag of one version, or a digest."""
    for name, line in dockerfile.images():
        fault = _moves(name)
        _hold(
            fault is None,
            _line(line),
            "an image with the tag of one version, or with a digest",
            f"{name}: {fault}",
            f"(in line {line}, name a version: FROM python:3.11-slim-bookworm)",
        )


def _moves(name: str) -> str | None:
    """Why an image's name may mean another image tomorrow; None where it may not."""
    reference = parse_reference(name)
    if reference is None:
        return "which is no image's name"
    tag = reference.tag or ""
    if reference.digest is not None:
        return None
    if tag in ("", "latest"):
        return "the newest image of the day" + ("" if tag else ": without a tag, Docker takes `latest`")
    if not any(letter.isdigit() for letter in tag):
        return f"the tag `{tag}` names no version"
    if reference.path == "python" and not _MINOR.search(tag):
        return f"the tag `{tag}` moves from one Python to the next"
    return None


def dependencies_first(dockerfile: Dockerfile, source: str) -> None:
    """In each stage that reaches the image, dependencies are installed before the file `source` is copied; both happen."""
    installed = copied = False
    for number in dockerfile.used():
        first: Instruction | None = None
        for instruction in dockerfile.instructions(number):
            if _copies(instruction, source):
                first, copied = first or instruction, True
            if not installs(instruction) or _installs_sources_alone(instruction):
                continue
            installed = True
            at = first.line if first else 0
            _hold(
                first is None,
                _line(at),
                "the requirements copied and installed first, the sources after them",
                f"{_shown(first)} comes before line {instruction.line}, {_shown(instruction)}: each change of {source} "
                "installs everything again",
                f"(move line {at} below line {instruction.line}, and copy requirements.txt alone before it)",
            )
    install = "(add two lines: COPY requirements.txt . and RUN pip install --no-cache-dir -r requirements.txt)"
    _hold(installed, FILE, "a RUN that installs the requirements", "none", install)
    add = f"(add a line below the installation: COPY {source} .)"
    _hold(copied, FILE, f"a COPY of {source} into the image", "none", add)


def pinned_installs(dockerfile: Dockerfile) -> None:
    """Packages that a RUN names itself are exact versions too."""
    for instruction in (one for number in dockerfile.used() for one in dockerfile.stages[number].instructions):
        for word in _named_packages(instruction):
            pin = parse_requirement(word, FILE)
            moves = "other content may be there" if pin and pin.is_address else "whatever version is the newest"
            _hold(
                pin is None or pin.exact or pin.name in _INSTALLERS,
                _line(instruction.line),
                "packages from requirements.txt, or exact versions",
                f"pip install {word}: {moves} that day",
                f"(in line {instruction.line}: RUN pip install --no-cache-dir -r requirements.txt)",
            )


def working_directory(dockerfile: Dockerfile) -> None:
    """The image has a `WORKDIR` of its own, an absolute path."""
    found = _last(dockerfile, "WORKDIR") or "no WORKDIR"
    has = dockerfile.described(defaults=True).workdir is not None
    _hold(has, FILE, "a WORKDIR with an absolute path, such as /app", found, "(add a line below FROM: WORKDIR /app)")


def without_root(dockerfile: Dockerfile) -> None:
    """The last `USER` of the image is not root, by name or by number."""
    name = (dockerfile.described(defaults=True).user or "").partition(":")[0]
    _hold(
        bool(name) and name != "root" and not (name.isdigit() and int(name[:20]) == 0),
        FILE,
        "a last USER that is not root",
        _last(dockerfile, "USER") or "no USER in the last stage: the image runs as root",
        "(add two lines before CMD: RUN useradd --create-home learner && mkdir output && chown learner output, "
        "then USER learner)",
    )


def exec_form(dockerfile: Dockerfile) -> None:
    """The image has a command, a JSON array, so that it is the program itself that is started and stopped."""
    described = dockerfile.described()
    commands: dict[str, Command | None] = {"CMD": described.cmd, "ENTRYPOINT": described.entrypoint}
    for keyword, command in commands.items():
        if command is None or command.exec_form:
            continue
        single = " with double quotes in place of single ones" if command.words[0].startswith("['") else ""
        _hold(
            False,
            _line(command.line),
            f'{keyword} as a JSON array{single}, such as ["python", "train.py"]',
            f"{keyword} {command.words[0]}, which a shell runs: it does not pass signals on to your program",
            f'(write line {command.line} as {keyword} ["python", "train.py"])',
        )
    some = any(command and command.words for command in commands.values())
    add = '(add a last line: CMD ["python", "train.py"])'
    _hold(some, FILE, "a command: CMD or ENTRYPOINT", "none in the last stage", add)


def _hold(holds: bool, looked_at: str, expected: str, found: str, change: str) -> None:
    """Hold something of the Dockerfile. `change` is the change in it that mends it, which counts when it is committed."""
    commit = f'git add {FILE}\ngit commit -m "Mend the {FILE}"'
    expect.that(holds, looked_at=looked_at, expected=expected, found=found, fix=f"{change}\n{commit}")


def _line(number: int) -> str:
    return f"{FILE}, line {number}"


def _last(dockerfile: Dockerfile, keyword: str) -> str | None:
    """The last instruction of a kind in the image's stages, with its line; None where there is none."""
    given = [one for one in dockerfile.instructions() if one.keyword == keyword]
    return f"line {given[-1].line}: {keyword} {given[-1].text}" if given else None


def installs(instruction: Instruction) -> bool:
    """Whether an instruction installs packages for Python."""
    return instruction.keyword == "RUN" and _INSTALLS.search(" ".join(instruction.words)) is not None


def _installs_sources_alone(instruction: Instruction) -> bool:
    """Whether only the copied project itself is installed: that comes after the sources, and downloads nothing."""
    text = " ".join(instruction.words)
    return (
        "--no-deps" in text and not re.search(r"\s(-r|--requirement)\b", text) and not any(_named_packages(instruction))
    )


def _copies(instruction: Instruction, source: str) -> bool:
    """Whether an instruction copies a file of the build context into the image."""
    if instruction.keyword not in ("COPY", "ADD") or instruction.flag("from") is not None or instruction.heredoc:
        return False
    return any(_covers(word, source) for word in instruction.words[:-1])


def _covers(pattern: str, source: str) -> bool:
    bare = pattern.strip("\"'").lstrip("/").removeprefix("./").rstrip("/")
    if bare in ("", "."):
        return True
    tokens = parsed(bare.encode())
    return tokens is not None and (matches(tokens, source.encode()) or source.startswith(f"{bare}/"))


def _named_packages(instruction: Instruction) -> Iterator[str]:
    """The packages that `pip install` is given on the command line, by name or as an address."""
    if instruction.keyword != "RUN" or instruction.heredoc:
        return
    for arguments in _PIP.findall(" ".join(instruction.words)):
        value_next = False
        for word in _words(arguments):
            if value_next or word.startswith("-"):
                value_next = not value_next and _WITH_VALUE.fullmatch(word) is not None
            elif "$" not in word and ("://" in word or not _FILE.search(word)):
                yield word


def _words(command: str) -> list[str]:
    """The words of a shell command; of one whose quotes don't end, what stands between blanks."""
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _shown(instruction: Instruction | None) -> str:
    text = f"{instruction.keyword} {instruction.text}" if instruction else ""
    return text if len(text) <= 80 else f"{text[:80]}... ({len(text)} characters)"


def python_of(dockerfile: Dockerfile) -> str | None:
    """The version of Python that the tag of an official `python` base promises, such as 3.11; None of another base."""
    reference = parse_reference(dockerfile.chain()[0].base)
    official = reference and reference.registry == DOCKER_HUB and reference.path in ("python", "library/python")
    version = re.match(r"\d+\.\d+(\.\d+)?", reference.tag or "") if reference and official else None
    return version[0] if version else None
