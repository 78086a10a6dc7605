"""The reader of Dockerfiles agrees with BuildKit's own parser, and reads whatever it is given."""

from __future__ import annotations

import dockerfile as buildkit
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks import limits
from checks.evidence.docker.dockerfile import parse_dockerfile
from checks.evidence.docker.lines import instructions
from checks.expect import Failure

REAL = {
    "plain": 'FROM python:3.11-slim\nWORKDIR /app\nCOPY a b c/\nRUN pip install x\nUSER ada\nCMD ["python", "x.py"]\n',
    "continued": "FROM a\nRUN one \\\n  # a comment\n\n  two \\\n  three\nCOPY x y\n",
    "backticks": "# escape=`\nFROM a\nRUN dir `\n  c:\\\nCOPY x y\n",
    "syntax": "# syntax=docker/dockerfile:1\n# a comment\n\nFROM a\nRUN echo '#no comment'\n",
    "here-documents": "FROM a\nRUN <<EOF\necho \\\nFROM b\nEOF\nRUN cat <<-'ONE' <<\"TWO\" > x\n\tone\n\tONE\ntwo\nTWO\nCOPY <<F /f\nx\nF\n",
    "no here-document": "FROM a\nRUN echo $((1<<2)) <<<word\nRUN x<<EOF\nUSER b\n",
    "flags": "FROM --platform=linux/amd64 a AS b\nCOPY --from=b --chown=1:1 x y\nRUN --mount=type=cache,target=/r pip install x\n",
    "json": 'FROM a\nCOPY ["a b", "c"]\nENTRYPOINT [ "x" ]\nCMD [\'x\']\nRUN ["a", "b"]\nVOLUME ["/x"]\nSHELL ["bash", "-c"]\n',
    "windows": "\ufeffFROM a\r\nRUN one \\\r\n  two\r\nUSER b\r\n",
    "small letters": "from a as b\nrun x\nuser c\n",
    "trailing blanks": "FROM a   \n  RUN   x  y  \\ \n z\n\tUSER b\t\n",
    "doubled backslash": "FROM a\nRUN echo \\\\\nUSER b\n",
    "the end is continued": "FROM a\nRUN x \\\n",
    "comments only inside": "FROM a\nRUN x && \\\n# one\n   # two\n y\n",
}


@pytest.mark.parametrize("name", REAL)
def test_agrees_with_buildkit(name: str) -> None:
    text = REAL[name]
    ours = list(instructions(text.encode(), "Dockerfile"))
    theirs = buildkit.parse_string(text.removeprefix("\ufeff"))
    assert [one.keyword for one in ours] == [other.cmd.upper() for other in theirs]
    assert [one.line for one in ours] == [other.start_line for other in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert one.exec_form == other.json
        assert bool(one.heredoc) == bool(other.heredocs)
        assert [f"--{name}={value}" for name, value in one.flags] == list(other.flags)
        if one.keyword in ("RUN", "CMD", "USER") and not one.exec_form:
            assert " ".join(one.text.split()) == " ".join(" ".join(other.value).split())
        elif one.exec_form or one.keyword == "COPY":
            assert one.words == other.value


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "FROM\n", "RUN x\n", "FROM a\nFOO x\n", "FROM a\nUSER\n", "FROM a b\n", "FROM a AS\n",
     "FROM ${X}\n", "FROM a\nCOPY x\n", "FROM a\nRUN <<EOF\n", "FROM a\0b\n", "\xff\n", "FROM a\n" * (limits.DOCKERFILE_LINES + 1)],
)  # fmt: skip
def test_what_docker_refuses_is_a_failure(text: str) -> None:
    with pytest.raises(Failure, match="Dockerfile"):
        parse_dockerfile(text.encode("latin-1"), "Dockerfile")


def test_stages_and_what_reaches_the_image() -> None:
    parsed = parse_dockerfile(
        b"ARG V=3.11\nARG BASE=python:${V}-slim\nFROM ${BASE} AS One\nUSER a\nFROM debian:12 AS unused\n"
        b"FROM one AS two\nWORKDIR /x\nFROM alpine:3.20\nCOPY --from=TWO /x /x\nCOPY --from=ghcr.io/a/uv:0.9 /uv /bin/\n",
        "Dockerfile",
    )
    assert [stage.base for stage in parsed.stages] == ["python:3.11-slim", "debian:12", "one", "alpine:3.20"]
    assert parsed.used() == (0, 2, 3)
    assert [name for name, _ in parsed.images()] == ["python:3.11-slim", "alpine:3.20", "ghcr.io/a/uv:0.9"]
    assert [instruction.keyword for instruction in parsed.instructions(2)] == ["USER", "WORKDIR"]


def test_the_configuration_of_the_image() -> None:
    text = (
        b"FROM a\nARG UID=7\nENV A=1 B=\"two words\" C='$A'\nENV D ${A}-${B:-x} e\nENV A=2 F=$A\n"
        b'LABEL x=$A y=$UID\nWORKDIR /a\nWORKDIR b/../c\nUSER $UID\nENTRYPOINT ["p"]\nCMD one\nCMD ["two"]\n'
    )
    parsed = parse_dockerfile(text, "Dockerfile")
    told = parsed.described()
    assert told.env == {"A": "2", "B": "two words", "C": "$A", "D": "1-two words e", "F": "1"}
    assert told.labels == {"x": "2"}
    assert (told.workdir, told.user) == ("/a/c", None)
    assert parsed.described(defaults=True).user == "7"
    assert told.cmd is not None
    assert told.cmd.words == ("two",)
    assert told.entrypoint is not None
    assert told.entrypoint.exec_form


PIECES = st.sampled_from(
    ["FROM a", "FROM a AS b", "RUN x", "\\", "\n", " ", "<<EOF", "EOF", "[\"", "\"]", "ENV", "A=", "${", "}", "$A", "'", '"',
     "USER", "WORKDIR", "LABEL", "ARG", "COPY", "--from=0", "# escape=`", "`", "\t", "CMD", ":-", "ONBUILD", "\x1c", "\x85"]
)  # fmt: skip


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=40).map(lambda parts: " ".join(parts).encode())))
@example(b"\x1c")
@example(b"FROM a\nENV \x1c\nENV \x1c \x85\nRUN --\x1c\nLABEL \xc2\x85")
def test_nothing_but_a_failure_comes_of_anything(data: bytes) -> None:
    try:
        parsed = parse_dockerfile(data, "Dockerfile")
    except Failure:
        return
    parsed.described()
    parsed.described(defaults=True)
    assert list(parsed.images()) or parsed.used()


def test_many_long_lines_take_no_time() -> None:
    parse_dockerfile(b"FROM a\nRUN " + b"x \\\n" * (limits.DOCKERFILE_LINES - 10) + b"y\n", "Dockerfile")
    parse_dockerfile(b"FROM a\nENV A=" + b"${" * 200_000 + b"\n", "Dockerfile").described()
    parse_dockerfile(b"FROM a\nCMD " + b"[" * 200_000 + b"\n", "Dockerfile")
