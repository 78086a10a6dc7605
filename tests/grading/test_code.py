"""Python code as runs of words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.findings.code import RUN, runs, words

NAMES = st.from_regex(r"[a-z]{3,8}_[0-9]", fullmatch=True)


def test_names_of_one_s_own_texts_and_numbers_are_left_out() -> None:
    assert " ".join(words("total = price * 3 + len('abc')  # sum\n")) == "N = N * 0 + len ( S )"


def test_names_of_others_stay() -> None:
    source = "import mlflow as m, os\nfrom a.b import fit\nos.sep\nfit(model.train(depth=3))\n"
    assert words(source)[12:] == ["os", ".", "sep", "fit", "(", "N", ".", "train", "(", "depth", "=", "0", ")", ")"]
    assert words(source)[:12] == ["import", "mlflow", "as", "N", ",", "os", "from", "a", ".", "b", "import", "fit"]


def test_parameters_are_names_of_one_s_own() -> None:
    assert words("def f(x, y=1): return x") == words("def g(a, b=2): return a")
    assert words("async def f(y=1): pass") == words("async def f(z=1): pass")


@pytest.mark.parametrize(
    "other",
    [
        '"""Says what it does."""\na = 1\n',
        "# hello\na = 1",
        "a  =  1\n\n\n",
        "a \\\n = 1",
        "\tb = 0x1F  # renamed\r\n",
    ],
)
def test_what_changes_nothing_is_no_difference(other: str) -> None:
    assert words(other) == words("a = 1\n") == ["N", "=", "0"]


@pytest.mark.parametrize("text", ["'a'", '"""a"b\n""c"""', "r'\\'", "f'{x!r}'", "b'\\''", '"open', "'''open"])
def test_a_text_is_one_word(text: str) -> None:
    assert words(f"x = {text}") == ["N", "=", "S"]


@given(old=NAMES, new=NAMES)
def test_renaming_a_variable_changes_nothing(old: str, new: str) -> None:
    source = "def {0}(row):\n    {0} = row.get('{0}', 3)\n    return [{0} for {0} in row if {0} > 2]\n"
    assert runs(source.format(old)) == runs(source.format(new)) != set()


@given(st.text(max_size=300) | st.text("\"'\\\n([{)]}=.a1 #", max_size=300))
def test_any_text_has_words(source: str) -> None:
    found = words(source)
    assert all(found)
    assert len(runs(source)) <= max(0, len(found) - RUN + 1)
