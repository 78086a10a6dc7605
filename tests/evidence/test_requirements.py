"""The reader of pip's requirement files."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.evidence.requirements import read_requirements
from checks.expect import Malformed

HASH = "a" * 64
EXACT = ["a==1", "a == 1.0", "a===1.0", "a[x,y]==1 ; python_version>'3'", f"a==1 --hash=sha256:{HASH}",
         f"a==1 \\\n  --hash=sha256:{HASH} \\\n  --hash=sha256:{HASH}", f"a @ https://x.org/a.whl#sha256={HASH}",
         f"a @ git+https://x.org/a@{'0' * 40}", "a==1 # why", f"git+https://x.org/a@{'0' * 40}#egg=a", f"-e git+https://x.org/a@{'0' * 64}",
         f"https://x.org/a.whl#sha256={HASH}", "-c other.txt\n--no-index\na==1", "\ufeffa==1\r\n"]  # fmt: skip
LOOSE = ["a", "a>=1", "a~=1.0", "a==1.*", "a>1,<2", "a @ https://x.org/a.whl", "a @ git+https://x.org/a@main",
         "-e git+https://x.org/a", "a!=1", f"a @ git+https://x.org/a@{'0' * 39}", f"https://x.org/{'0' * 40}/a.whl",
         "git+https://x.org/a@v1.0", "a==1,==1.0", f"a @ https://x.org/a.whl#sha256={HASH[1:]}"]  # fmt: skip


def read(text: str, **others: str):
    files = {"requirements.txt": text, **{f"{name}.txt": content for name, content in others.items()}}
    return read_requirements("requirements.txt", lambda path: files[path].encode() if path in files else None)


@pytest.mark.parametrize("text", EXACT)
def test_exact(text: str) -> None:
    assert [pin.exact for pin in read(text)] == [True]


@pytest.mark.parametrize("text", LOOSE)
def test_loose(text: str) -> None:
    assert [pin.exact for pin in read(text)] == [False]


def test_files_that_are_included() -> None:
    found = read("-r base.txt\n--requirement=more.txt\nC_c==3\n", base="a==1\n", more="b\n")
    assert [(pin.name, pin.version) for pin in found] == [("a", "1"), ("b", None), ("c-c", "3")]


@pytest.mark.parametrize(
    "text", ["-r ../x.txt", "-r requirements.txt", "-r missing.txt", "a b c", "=1", "a==1\n" * 3000]
)
def test_what_pip_refuses_is_a_failure(text: str) -> None:
    with pytest.raises(Malformed, match="requirements"):
        read(text)


@settings(max_examples=200)
@given(st.binary(max_size=100))
def test_nothing_but_a_failure_comes_of_anything(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        read_requirements("requirements.txt", lambda path: data if path == "requirements.txt" else None)
