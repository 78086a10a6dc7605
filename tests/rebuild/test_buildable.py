"""What of a stranger's Dockerfile is not built, and that the course's own ways are."""

from __future__ import annotations

import pytest

from checks.evidence.docker.dockerfile import parse_dockerfile
from checks.expect import Failure, Unavailable
from checks.rebuild.builder import bases, official
from checks.rebuild.image import refuse

BASE = "FROM python:3.11-slim-bookworm\n"
REFUSED = {
    "a mount": ("RUN --mount=type=bind,target=/x true", "--mount needs BuildKit"),
    "the network of the host": ("RUN --network=host true", "--network needs BuildKit"),
    "no walls": ("RUN --security=insecure true", "--security needs BuildKit"),
    "a here-document": ("RUN <<EOF\ntrue\nEOF", "here-document"),
    "a volume": ("VOLUME /app/output", "VOLUME"),
    "what is built on it": ("ONBUILD ADD http://localhost/x /", "ONBUILD"),
    "a source that can't be told": ("ARG WHAT\nADD $WHAT /", "ADD $WHAT"),
    "an archive": ("ADD wheels.tar.gz /", "ADD unpacks archives, such as wheels.tar.gz"),
    "an archive by a star": ("ADD * /", "ADD unpacks archives"),
    "too many lines": ("RUN true\n" * 201, "more than 200"),
}
CONTEXT = {"train.py": b"print()", "wheels.tar.gz": b"\x1f\x8b\x08rest"}
ADDRESSES = ("https://example.org/x.tar", "http://169.254.169.254/", "git@example.org:x.git", "ftp://x/y")


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    lines, phrase = REFUSED[name]
    with pytest.raises(Unavailable, match=phrase.replace("$", r"\$")):
        refuse(parse_dockerfile(f"{BASE}{lines}\n".encode(), "Dockerfile"), CONTEXT)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("line", ["ADD {} /x", 'ADD ["{}", "/x"]', "ADD train.py {} /x/"])
def test_an_address_is_in_no_commit(address: str, line: str) -> None:
    with pytest.raises(Failure, match="on the day of the build"):
        refuse(parse_dockerfile(f"{BASE}{line.format(address)}\n".encode(), "Dockerfile"), CONTEXT)


def test_an_unused_stage_is_looked_at_too() -> None:
    """The classic builder builds every stage."""
    text = b"FROM evil.example/x:1 AS unused\nFROM python:3.11-slim-bookworm\nCOPY --from=other/image:2 /a /b\n"
    assert list(bases(parse_dockerfile(text, "Dockerfile"))) == [
        "evil.example/x:1", "python:3.11-slim-bookworm", "other/image:2",
    ]  # fmt: skip


def test_plain_lines_are_built() -> None:
    text = f"# syntax=docker/dockerfile:1\n{BASE}COPY --chown=1 wheels.tar.gz .\nHEALTHCHECK --interval=1s CMD true\n"
    refuse(parse_dockerfile(text.encode(), "Dockerfile"), CONTEXT)
    refuse(parse_dockerfile(f"{BASE}ADD train.py .\n".encode(), "Dockerfile"), {"train.py": b"print()"})


@pytest.mark.parametrize("name", ["python:3.11", "python", "library/debian:12", "docker.io/library/python:3.11"])
def test_official(name: str) -> None:
    assert official(name)


@pytest.mark.parametrize("name", ["ada/python:3.11", "ghcr.io/python:3", "localhost:5000/python", "$X", ""])
def test_not_official(name: str) -> None:
    assert not official(name)
