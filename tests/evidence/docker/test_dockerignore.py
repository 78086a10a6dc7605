"""The reader of ignore files agrees with the engine: real builds show which files they got."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path
from shutil import which

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import limits
from checks.evidence.docker.dockerignore import parse_dockerignore
from checks.expect import Failure

PATHS = ["train.py", "requirements.txt", "a/train.py", "a/b/c.txt", "a/b/.git/HEAD", ".git/HEAD", "data/x.csv",
         "data/y/z.csv", "[odd].txt", "image.tar", "output/m.pkl", "out+put", "b/a"]  # fmt: skip
FILES = {
    "let in": "*\n!train.py\n!requirements.txt\n",
    "folders at any depth": "**/.git\n**/*.csv\n",
    "comments and blanks": "# .git\n\n  data  \n/output\n./a/b\n",
    "let in below what is out": "a\n!a/b\n!a/b/c.txt\n",
    "in, out, in": "*\n!a\na/b\n!a/b/c.txt\n",
    "one letter": "?\ndat?\n",
    "classes": "[a-c]\nd[^b-z]ta\n\\[odd\\].txt\n",
    "stars inside": "a/**/c.txt\n**/train.py\n",
    "up and down": "a/../data\ntrain.py/\n",
    "everything": "**\n!train.py\n",
}


@pytest.mark.parametrize("name", FILES)
def test_agrees_with_the_engine(name: str, tmp_path: Path) -> None:
    if not which("docker") or subprocess.run(["docker", "version"], capture_output=True, check=False).returncode:
        if os.environ.get("REQUIRE_ENGINES") == "1":
            pytest.fail("no Docker engine answers")
        pytest.skip("no Docker engine answers")
    for path in PATHS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    (tmp_path / ".dockerignore").write_text(FILES[name])
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    rules = parse_dockerignore(FILES[name].encode(), ".dockerignore")
    kept = {path for path in PATHS if not rules.keeps_out(path)}
    tag = f"mlsd-ignore-{os.getpid()}"
    with FileLock("/tmp/mlsd-docker-engine.lock"):
        built = subprocess.run(
            ["docker", "build", "-q", "-t", tag, "."], cwd=tmp_path, capture_output=True, check=False
        )
        assert built.returncode == 0, built.stderr
        container = subprocess.check_output(["docker", "create", tag, "x"], text=True).strip()
        exported = subprocess.check_output(["docker", "export", container])
        subprocess.run(["docker", "rm", container], check=True, capture_output=True)
        subprocess.run(["docker", "rmi", tag], check=True, capture_output=True)
    with tarfile.open(fileobj=io.BytesIO(exported)) as tar:
        assert {name for name in tar.getnames() if name in PATHS} == kept


@pytest.mark.parametrize("text", ["!\n", "[a\n", "[b-a]\n", "a\\\n", "x\n" * (limits.IGNORE_PATTERNS + 1)])
def test_what_docker_refuses_is_a_failure(text: str) -> None:
    with pytest.raises(Failure, match="dockerignore"):
        parse_dockerignore(text.encode(), ".dockerignore")


def test_a_pattern_that_would_take_years() -> None:
    assert not parse_dockerignore(b"**/*a" * 200 + b"\n", "x").keeps_out("a/" * 150 + "b")


@settings(max_examples=200)
@given(st.binary(max_size=60), st.sampled_from(PATHS))
def test_nothing_but_a_failure_comes_of_anything(data: bytes, path: str) -> None:
    try:
        rules = parse_dockerignore(data, ".dockerignore")
    except Failure:
        return
    assert rules.keeps_out(path) in (True, False)
