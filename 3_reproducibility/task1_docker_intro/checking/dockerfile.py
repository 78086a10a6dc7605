"""Assertions over a Dockerfile, in words that every task with Docker shares. Each raises `Failure`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from checks import expect
from checks.evidence.docker.reference import DOCKER_HUB, parse_reference
from checks.evidence.requirements import parse_requirement
from checks.evidence.wildmatch import matches, parsed

if TYPE_CHECKING:
    from checks.evidence.docker.dockerfile import Command, Dockerfile
    from checks.evidence.docker.lines import Instruction

FILE = "Dockerfile"
_INSTALLS = re.compile(
    r"\b(pip3?(\.\d+)?\s+(--?\S+\s+)*install|pip-sync|uv\s+(pip\s+(install|sync)|sync)|poetry\s+install|pipenv\s+(install|sync)"
    r"|(conda|mamba|micromamba)\s+(env\s+(create|update)|install|create)|pdm\s+(install|sync))\b"
)
_PIP = re.compile(r"\bpip3?(?:\.\d+)?\s+(?:--?\S+\s+)*install\s+([^;&|]*)")
_WITH_VALUE = frozenset(
    [
        "-r",
        "--requirement",
        "-c",
        "--constraint",
        "-t",
        "--target",
        "-f",
        "--find-links",
        "-i",
        "--index-url",
        "--extra-index-url",
        "--prefix",
        "--root",
        "--python",
        "--platform",
        "--cache-dir",
        "--timeout",
        "--retries",
        "--trusted-host",
        "--progress-bar",
        "--only-binary",
        "--no-binary",
        "--src",
        "--report",
        "--root-user-action",
        "--cert",
        "--proxy",
        "--log",
        "--abi",
        "--implementation",
        "--python-version",
        "--upgrade-strategy",
    ]
)
"""Options of `pip install` whose value is the next word."""
_INSTALLERS = frozenset({"pip", "setuptools", "wheel", "uv", "pip-tools", "pipenv", "poetry", "pdm"})
"""What installs, and is no part of what runs."""
_FILE = re.compile(r"/|\.whl\Z|\.gz\Z|\A\.\Z")
"""A folder or a file in place of a package."""
_MINOR = re.compile(r"\d+\.\d+")


def pinned_bases(dockerfile: Dockerfile) -> None:
    """Each image that this one is built on or copies from has a tag of one version, or a digest."""
    for name, line in dockerfile.images():
        reference = parse_reference(name)
        tag = reference.tag if reference else None
        digest = reference.digest if reference else None
        found = None
        if reference is None:
            found = "which is no image's name"
        elif digest is None and tag in (None, "latest"):
            found = "the newest image of the day" + ("" if tag else ": without a tag, Docker takes `latest`")
        elif digest is None and not any(letter.isdigit() for letter in tag or ""):
            found = f"the tag `{tag}` names no version"
        elif digest is None and reference.path == "python" and not _MINOR.search(tag or ""):
            found = f"the tag `{tag}` moves from one Python to the next"
        expect.that(
            found is None,
            looked_at=f"{FILE}, line {line}",
            expected="an image with the tag of one version, or with a digest",
            found=f"{name}: {found}",
            fix=_by_hand(f"(in line {line}, name a version: FROM python:3.11-slim-bookworm)"),
        )


def dependencies_first(dockerfile: Dockerfile, source: str) -> None:
    """In each stage that reaches the image, dependencies are installed before the file `source` is copied; both happen."""
    installed = copied = False
    for number in dockerfile.used():
        first_copy: Instruction | None = None
        for instruction in dockerfile.instructions(number):
            if _copies(instruction, source):
                first_copy, copied = first_copy or instruction, True
            if not installs(instruction) or _installs_sources_alone(instruction):
                continue
            installed = True
            expect.that(
                first_copy is None,
                looked_at=f"{FILE}, line {first_copy.line if first_copy else 0}",
                expected="the requirements copied and installed first, the sources after them",
                found=f"{_shown(first_copy)} comes before line {instruction.line}, {_shown(instruction)}: each change of "
                f"{source} installs everything again",
                fix=_by_hand(
                    f"(move line {first_copy.line if first_copy else 0} below line {instruction.line}, "
                    "and copy requirements.txt alone before it)"
                ),
            )
    expect.that(
        installed,
        looked_at=FILE,
        expected="a RUN that installs the requirements",
        found="none",
        fix=_by_hand("(add two lines: COPY requirements.txt . and RUN pip install --no-cache-dir -r requirements.txt)"),
    )
    expect.that(
        copied,
        looked_at=FILE,
        expected=f"a COPY of {source} into the image",
        found="none",
        fix=_by_hand(f"(add a line below the installation: COPY {source} .)"),
    )


def pinned_installs(dockerfile: Dockerfile) -> None:
    """Packages that a RUN names itself are exact versions too."""
    for number in dockerfile.used():
        for instruction in dockerfile.stages[number].instructions:
            for word in _named_packages(instruction):
                pin = parse_requirement(word, FILE)
                expect.that(
                    pin is None or pin.exact or pin.name in _INSTALLERS,
                    looked_at=f"{FILE}, line {instruction.line}",
                    expected="packages from requirements.txt, or exact versions",
                    found=f"pip install {word}: "
                    + (
                        "other content may be there another day"
                        if pin and pin.is_address
                        else "whatever version is the newest that day"
                    ),
                    fix=_by_hand(f"(in line {instruction.line}: RUN pip install --no-cache-dir -r requirements.txt)"),
                )


def working_directory(dockerfile: Dockerfile) -> str:
    """The image's own `WORKDIR`, an absolute path."""
    given = [instruction for instruction in dockerfile.instructions() if instruction.keyword == "WORKDIR"]
    return expect.some(
        dockerfile.described(defaults=True).workdir,
        looked_at=FILE,
        expected="a WORKDIR with an absolute path, such as /app",
        found=f"line {given[-1].line}: WORKDIR {given[-1].text}" if given else "no WORKDIR",
        fix=_by_hand("(add a line below FROM: WORKDIR /app)"),
    )


def without_root(dockerfile: Dockerfile) -> None:
    """The last `USER` of the image is not root, by name or by number."""
    given = [instruction for instruction in dockerfile.instructions() if instruction.keyword == "USER"]
    user = dockerfile.described(defaults=True).user
    name = (user or "").partition(":")[0]
    expect.that(
        bool(name) and name != "root" and not (name.isdigit() and int(name[:20]) == 0),
        looked_at=f"{FILE}, line {given[-1].line}" if given else FILE,
        expected="a last USER that is not root",
        found=f"USER {given[-1].text}" if given else "no USER in the last stage: the image runs as root",
        fix=_by_hand(
            "(add two lines before CMD: RUN useradd --create-home learner && mkdir output && chown learner output, "
            "then USER learner)"
        ),
    )


def exec_form(dockerfile: Dockerfile) -> None:
    """The image has a command, a JSON array, so that it is the program itself that is started and stopped."""
    described = dockerfile.described()
    commands: dict[str, Command | None] = {"CMD": described.cmd, "ENTRYPOINT": described.entrypoint}
    for keyword, command in commands.items():
        if command is None or command.exec_form:
            continue
        single = " with double quotes in place of single ones" if command.words[0].startswith("['") else ""
        expect.fail(
            looked_at=f"{FILE}, line {command.line}",
            expected=f'{keyword} as a JSON array{single}, such as ["python", "train.py"]',
            found=f"{keyword} {command.words[0]}, which a shell runs: it does not pass signals on to your program",
            fix=_by_hand(f'(write line {command.line} as {keyword} ["python", "train.py"])'),
        )
    expect.that(
        any(command and command.words for command in commands.values()),
        looked_at=FILE,
        expected="a command: CMD or ENTRYPOINT",
        found="none in the last stage",
        fix=_by_hand('(add a last line: CMD ["python", "train.py"])'),
    )


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
                value_next = not value_next and word in _WITH_VALUE
            elif "$" not in word and ("://" in word or not _FILE.search(word)):
                yield word


def _words(command: str) -> list[str]:
    """The words of a shell command; of one whose quotes don't end, what stands between blanks."""
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _by_hand(change: str) -> str:
    """A change in the Dockerfile, which counts when it is committed."""
    return expect.commands(change, f'git add {FILE}\ngit commit -m "Mend the {FILE}"')


def _shown(instruction: Instruction | None) -> str:
    text = f"{instruction.keyword} {instruction.text}" if instruction else ""
    return text if len(text) <= 80 else f"{text[:80]}... ({len(text)} characters)"


def python_of(dockerfile: Dockerfile) -> str | None:
    """The version of Python that the tag of an official `python` base promises, such as 3.11; None of another base."""
    reference = parse_reference(dockerfile.chain()[0].base)
    official = reference and reference.registry == DOCKER_HUB and reference.path in ("python", "library/python")
    version = re.match(r"\d+\.\d+(\.\d+)?", reference.tag or "") if reference and official else None
    return version[0] if version else None
