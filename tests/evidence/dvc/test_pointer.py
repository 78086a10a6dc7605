"""`.dvc` files as DVC itself reads them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.evidence.dvc.pointer import Output, parse_pointer
from checks.expect import Malformed

MD5 = "0123456789abcdef0123456789abcdef"


def told_by_dvc(root: Path) -> set[Output]:
    """The outputs of every pointer in a DVC repository, as DVC's own index has them."""
    from dvc.repo import Repo as DvcRepo

    with DvcRepo(str(root)) as repo:
        return {
            Output(
                path=os.path.relpath(out.fs_path, root),
                md5=out.hash_info.value,
                size=out.meta.size,
                legacy=out.hash_info.name == "md5-dos2unix",
            )
            for out in repo.index.outs
        }


def told_by_us(root: Path) -> set[Output]:
    pointers = [path for path in root.rglob("*.dvc") if path.is_file()]
    return {out for path in pointers for out in parse_pointer(path.read_bytes(), path.relative_to(root).as_posix())}


OUT = f"- md5: {MD5}\n  size: 12\n  hash: md5\n  path: data.csv\n"
WRITTEN = {
    "as DVC 3 writes it": f"outs:\n{OUT}",
    "as DVC 2 wrote it": f"outs:\n- md5: {MD5}\n  size: 12\n  path: data.csv\n",
    "as DVC 1 wrote it": f"md5: {MD5}\nouts:\n- md5: {MD5}\n  path: data.csv\n  cache: true\n  persist: false\n",
    "with CRLF": f"outs:\n{OUT}".replace("\n", "\r\n"),
    "with a folder": f"outs:\n- md5: {MD5}.dir\n  size: 3\n  nfiles: 2\n  hash: md5\n  path: photos\n",
    "with a wdir above": f"wdir: ../other\nouts:\n{OUT}",
    "with an empty wdir": f"wdir:\nouts:\n{OUT}",
    "with a wdir below": f"wdir: inner\nouts:\n{OUT}",
    "with two outputs": f"outs:\n{OUT}- md5: {MD5}\n  hash: md5\n  path: second.csv\n",
    "with comments and metadata": f"# mine\nmeta: {{team: [a, b]}}\ndesc: rentals\nouts:\n{OUT}",
    "with a quoted path": f"outs:\n{OUT}".replace("data.csv", '"data.csv"'),
    "with a name that YAML 1.1 takes for yes": f"outs:\n{OUT}".replace("data.csv", "on"),
    "with a name that YAML 1.1 takes for a time": f"outs:\n{OUT}".replace("data.csv", "12:30:00"),
    "with a path in a folder": f"outs:\n{OUT}".replace("data.csv", "./inner/../inner/data.csv"),
    "with flow style": f"outs: [{{md5: {MD5}, size: 12, hash: md5, path: data.csv}}]\n",
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
def test_dvc_and_we_read_the_same(text: str, tmp_path: Path) -> None:
    for folder in (".dvc", "task/inner", "other"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = true\n")
    (tmp_path / "task/any.dvc").write_bytes(text.encode())
    assert told_by_us(tmp_path) == told_by_dvc(tmp_path) != set()


NAMES = st.text(min_size=1, max_size=12).filter(
    lambda name: not set(name) & set("/\\") and name not in {".", ".."} and name.isprintable()
)
HASHES = st.text("0123456789abcdef", min_size=32, max_size=32)


@st.composite
def documents(draw: st.DrawFn) -> tuple[dict[str, object], Output]:
    md5 = draw(HASHES) + draw(st.sampled_from(["", ".dir"]))
    size, legacy, name = draw(st.none() | st.integers(0, 10**15)), draw(st.booleans()), draw(NAMES)
    out: dict[str, object] = (
        {"md5": md5} | ({} if size is None else {"size": size}) | ({} if legacy else {"hash": "md5"})
    )
    return {"outs": [out | {"path": name}]}, Output(f"task/{name}", md5, size, legacy)


@given(documents())
def test_what_dvc_dumps_loads_back(document: tuple[dict[str, object], Output]) -> None:
    from dvc.utils.serialize import dumps_yaml

    content, expected = document
    assert parse_pointer(dumps_yaml(content).encode(), "task/any.dvc") == (expected,)


@pytest.mark.parametrize(
    "text",
    [
        "", "outs:", "outs: []", "outs: {}", "outs: [x]", "[]", "x", "outs: [{path: a}]", "outs: [[]]",
        f"outs: [{{md5: {MD5}}}]", f"outs: [{{md5: {MD5}0, path: a}}]", f"outs: [{{md5: {MD5.upper()}, path: a}}]",
        "outs: [{md5: ../../../x, path: a}]", f"outs: [{{md5: [{MD5}], path: a}}]",
        f"outs: [{{md5: {MD5}, path: [a]}}]", f'outs: [{{md5: "{MD5}\\n", path: a}}]', "md5: &a [*a]", "- *x",
    ],
)  # fmt: skip
def test_what_is_no_pointer_is_named(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_pointer(text.encode(), "data/rentals.csv.dvc")
    assert caught.value.looked_at == "data/rentals.csv.dvc"


@pytest.mark.parametrize("size", ["-1", "true", "1e3", "[1]", "9" * 400, "x", "١٢"])
def test_a_size_that_is_none_is_not_recorded(size: str) -> None:
    (out,) = parse_pointer(f"outs:\n- md5: {MD5}\n  size: {size}\n  path: a\n".encode(), "a.dvc")
    assert out.size is None
