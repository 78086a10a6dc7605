"""`mlsd status`, and the page that it writes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlparse


def test_the_page_lies_where_git_does_not_look(mlsd, solved: Path, monkeypatch) -> None:
    monkeypatch.chdir(solved / "1_model_versioning")
    call = mlsd("status", "--html")
    assert call.code == 0
    [address] = re.findall(r"^Your page: (\S+)$", call.out, re.MULTILINE)
    page = Path(unquote(urlparse(address).path))
    assert page == solved.resolve() / ".mlsd/status.html"
    text = page.read_text(encoding="utf-8")
    assert "1.1 Intro to DVC: 10 / 10" in text
    reads = re.findall(r'href="(\.\./[^"#]+)#', text)
    assert reads
    assert all((page.parent / read).is_file() for read in reads)
    status = subprocess.run(["git", "status", "--porcelain"], cwd=solved, check=True, capture_output=True, text=True)
    assert status.stdout == ""


def test_a_page_that_can_not_be_written(mlsd, solved: Path, monkeypatch) -> None:
    shutil.rmtree(solved / ".mlsd", ignore_errors=True)
    (solved / ".mlsd").write_text("")
    monkeypatch.chdir(solved)
    call = mlsd("status", "--html")
    assert call.code == 2
    assert "can't write" in call.err
