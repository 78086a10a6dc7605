"""Small Git objects that unpack to hundreds of megabytes are refused by the size that they tell, and not loaded."""

from __future__ import annotations

import hashlib
import struct
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING

import pytest

from tests.packs import BLOCK, object_head, zeros

if TYPE_CHECKING:
    from tests.evidence.conftest import Repo

NAME = "ab" * 20


def commit_bomb(repo: Repo, blob: str) -> None:
    """Commit the blob as the file `bomb`, without asking Git to look at it."""
    entry = b"100644 bomb\0" + bytes.fromhex(blob)
    tree = repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=entry)
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", "-m", "x", tree))


PEAK = """
import resource, sys
from pathlib import Path
from checks.evidence.files import Files
from checks.evidence.git.repository import Git
from checks.expect import Failure
git = Git(Files(Path(sys.argv[1])))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    git.at(git.tip).read("bomb")
except Failure as failure:
    print(failure.found)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def read_bomb(repo: Repo) -> tuple[str, int]:
    """What is said of the file `bomb`, and the MiB of memory that it took to say it."""
    done = subprocess.run([sys.executable, "-c", PEAK, repo.root], capture_output=True, check=True, timeout=60)
    found, grown = done.stdout.decode().splitlines()
    return found, int(grown)


@pytest.mark.parametrize("says", [300 << 20, 10])
def test_a_small_object_that_unpacks_to_hundreds_of_megabytes_is_not_loaded(repo: Repo, says: int) -> None:
    packer = zlib.compressobj(1)
    data = [
        packer.compress(f"blob {says}\0".encode()),
        *(packer.compress(bytes(1 << 20)) for _ in range(300)),
        packer.flush(),
    ]
    repo.write(f".git/objects/{NAME[:2]}/{NAME[2:]}", b"".join(data))
    commit_bomb(repo, NAME)
    found, grown = read_bomb(repo)
    assert f"{says:,} bytes" in found or says == 10
    assert grown < 64


def test_a_packed_giant_is_not_loaded(repo: Repo) -> None:
    size = 19 * BLOCK
    pack = b"PACK" + struct.pack(">II", 2, 1) + object_head(3, size) + zeros(19)
    pack += hashlib.sha1(pack, usedforsecurity=False).digest()
    repo.write(".git/objects/pack/pack-1.pack", pack)
    repo.git("index-pack", ".git/objects/pack/pack-1.pack")
    blob = repo.git("show-index", data=(repo.root / ".git/objects/pack/pack-1.idx").read_bytes()).split()[1]
    commit_bomb(repo, blob)
    found, grown = read_bomb(repo)
    assert f"{size:,} bytes" in found
    assert grown < 64
