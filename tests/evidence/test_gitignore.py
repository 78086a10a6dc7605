"""What Git ignores: the real `git check-ignore` is asked about generated patterns and paths."""

from __future__ import annotations

import itertools
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks import limits
from checks.evidence.git.ignore import is_ignored

if TYPE_CHECKING:
    from tests.evidence.conftest import Repo

NAMES = ("a", "b", "ab", "a.b", ".a", "A")
PATHS = ["/".join(parts) for depth in (1, 2, 3) for parts in itertools.product(NAMES[: 7 - depth], repeat=depth)]

WORDS = r"""
a b ab a.b A * ** *** ? a* *b *.b a? ?* a** **b .* a\* [ab] [!a] [^a] [a-b]* []a] [!]a] [a [ [b-a] [a-]
[-a] [/] [a\] [a\]] \a [[:alpha:]] [[:alpha:] [[:nope:]] [[:] [[:a] [[:upper:]b] [a-[:digit:]] a\ \ \\ \?
"""
PIECES = st.sampled_from([*WORDS.split(), "a b", " a"])
ODD = st.sampled_from(
    ["", " ", "#a", "\\#a", "!", "!!a", "\\!a", "!#", "/", "//", "!/", "**/", "/**", "a//b", "\t", "\r", "a/.", "./a"]
)


@st.composite
def patterns(draw: st.DrawFn) -> str:
    if draw(st.integers(0, 9)) == 0:
        return draw(ODD)
    body = "/".join(draw(st.lists(PIECES, min_size=1, max_size=3)))
    start = draw(st.sampled_from(["", "", "", "/", "!", "!/"]))
    end = draw(st.sampled_from(["", "", "", "/", " ", "  ", "\\ ", "/ ", "\t", "\r", "\x0c", "\\"]))
    return start + body + end


FILES = st.lists(patterns(), min_size=1, max_size=5).map("\n".join)


@pytest.fixture(scope="module")
def asked(new_repo: Callable[..., Repo]) -> Callable[[dict[str, str]], dict[str, bool]]:
    """Ask Git about every path, given the `.gitignore` files by their folder."""
    repo = new_repo()
    repo.git("config", "core.ignorecase", "false")
    for folder in ("a", "a/b"):
        (repo.root / folder).mkdir()

    def ask(rules: dict[str, str]) -> dict[str, bool]:
        for folder in ("", "a", "a/b"):
            path = Path(folder, ".gitignore")
            (repo.root / path).unlink(missing_ok=True)
            if folder in rules:
                (repo.root / path).write_bytes(rules[folder].encode())
        stdin = "\0".join(path for path in PATHS if path not in {"a", "a/b"}).encode()
        command = ["git", "check-ignore", "--no-index", "-v", "-n", "-z", "--stdin"]
        # It exits with 1 where nothing is ignored.
        done = subprocess.run(command, cwd=repo.root, env=repo.env, input=stdin, capture_output=True, check=False)
        fields: Iterator[str] = iter(done.stdout.decode().split("\0")[:-1])
        return {
            path: bool(pattern) and not pattern.startswith("!")
            for _source, _line, pattern, path in zip(*[fields] * 4, strict=True)
        }

    return ask


def reader(rules: dict[str, str]) -> Callable[[str], bytes | None]:
    files = {str(Path(folder, ".gitignore")): text.encode() for folder, text in rules.items()}
    return files.get


@settings(max_examples=250)
@given(rules=st.dictionaries(st.sampled_from(["", "", "a", "a/b"]), FILES, min_size=1))
@example(rules={"": "*\n!*/\n!*.b"})
@example(rules={"": "a/*\n!a/b"})
@example(rules={"": "a/\n!a/b"})
@example(rules={"": "a**/b\na**/[^a]"})
@example(rules={"": "\ufeffa\r\n\x0cb\r\n"})
@example(rules={"": "a\x00b\nb"})
@example(rules={"": "*", "a": "!*", "a/b": "!a"})
def test_git_and_we_agree(asked: Callable[[dict[str, str]], dict[str, bool]], rules: dict[str, str]) -> None:
    for path, ignored in asked(rules).items():
        assert is_ignored(path, reader(rules)) == ignored, path


def test_a_gitignore_may_hold_any_bytes() -> None:
    assert is_ignored("a\udcff", {".gitignore": b"a\xff\n"}.get)
    assert not is_ignored("a", {".gitignore": bytes(range(256))}.get)


SLOW = {
    "stars": b"*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
    "double stars": b"**/a/**/a/**/a/**/a/**/a/**/a/**/b",
    "stars and questions": b"*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?x",
    "brackets": b"*[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*[A-Z]",
    "open brackets": b"[" * 500,
    "open classes": b"[" + b"[:a" * 160,
    "spaces": b"\\ " * 250,
}


@pytest.mark.parametrize("line", SLOW.values(), ids=SLOW.keys())
@pytest.mark.parametrize("path", ["a" * 200 + ".csv", "a/" * 20 + "rentals.csv"])
def test_patterns_made_to_be_slow_are_not(line: bytes, path: str) -> None:
    rules = b"\n".join(line + str(number).encode() for number in range(limits.IGNORE_PATTERNS))
    start = time.process_time()
    assert not is_ignored(path, {".gitignore": rules}.get)
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    "line", [b"*a" * 500_000, b"[" * 1_000_000, b"!" * 1_000_000, b" " * 1_000_000, b"**/" * 300_000]
)
def test_a_line_of_a_megabyte_does_not_count(line: bytes) -> None:
    start = time.process_time()
    assert not is_ignored("data/rentals.csv", {".gitignore": line}.get)
    assert time.process_time() - start < 20


def test_lines_beyond_the_limit_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IGNORE_PATTERNS", 2)
    assert is_ignored("b", {".gitignore": b"a\nb\nlimit1\n"}.get)
    assert not is_ignored("b", {".gitignore": b"a\nlimit2\nb\n"}.get)
