"""Branches, tags and histories that end nowhere, turn in circles or never end."""

from __future__ import annotations

import os
import shutil

from tests.grading.ground import POINTER, TASK, Ground, attack, fails


@attack(step="init", says=" a link that leads out")
def refs_as_link(at: Ground) -> None:
    (at.git_folder / "packed-refs").unlink(missing_ok=True)
    at.link(".git/refs", at.outside / "other/.git/refs")


@attack(step="init", says="a reftable")
def reftable(at: Ground) -> None:
    at.write(".git/reftable/tables.list", "0x000000000001-0x000000000002-a.ref\n")


@attack(step="init", says="sha256")
def sha256_repository(at: Ground) -> None:
    shutil.rmtree(at.git_folder)
    at.git("init", "--quiet", "--object-format=sha256")
    at.git("add", "--force", POINTER, f"{TASK}/.dvc/config", "learner.toml")
    at.git("commit", "--quiet", "--message", "All of it")


@attack(step="init", says="none")
def repository_without_commits(at: Ground) -> None:
    shutil.rmtree(at.git_folder)
    at.git("init", "--quiet")


fails("init", "no .git folder", "git-folder-deleted", lambda at: shutil.rmtree(at.git_folder))


@attack(step="init", says=".git/objects")
def git_folder_emptied(at: Ground) -> None:
    shutil.rmtree(at.git_folder)
    at.git_folder.mkdir()


@attack(step="init", says="no such object")
def pack_cut_short(at: Ground) -> None:
    at.git("repack", "-adq")
    pack = next(at.git_folder.glob("objects/pack/*.pack"))
    pack.chmod(0o600)
    pack.write_bytes(pack.read_bytes()[:-4000])


@attack(step="track", says="these are months 1 and 2")
def history_cut_off(at: Ground) -> None:
    """As `git clone --depth 2` leaves it, with lines that Git never writes."""
    cut = at.git("rev-parse", "HEAD~1")
    at.write(".git/shallow", f"nonsense\n{'0' * 40}\n{cut}\n{cut[:39]}\n")


@attack(step="init", says="Git object")
def head_at_a_missing_commit(at: Ground) -> None:
    at.write(".git/HEAD", "ref: refs/heads/solution/nowhere\n")
    at.write(".git/refs/heads/solution/nowhere", "1" * 40 + "\n")


@attack(step="init", says="Git object")
def head_at_a_file(at: Ground) -> None:
    at.write(".git/HEAD", at.git("rev-parse", f"HEAD:{POINTER}") + "\n")
    shutil.rmtree(at.git_folder / "refs/heads")
    (at.git_folder / "packed-refs").unlink(missing_ok=True)


@attack()
def garbage_references(at: Ground) -> None:
    at.write(".git/packed-refs", b"# pack-refs \xff\n^peeled\n" + b"0" * 41 + b" refs/x\n" + b"\0" * 1000)
    at.write(".git/refs/heads/binary", os.urandom(5000))
    at.write(".git/refs/heads/loop", "ref: refs/heads/loop\n")
    at.write(".git/refs/tags/loop", "ref: refs/tags/loop\n")
    at.write(".git/refs/tags/\x1b[2J\u202e", "no id\n")
    at.link(".git/refs/tags/out", at.outside / "secret")
    os.mkfifo(at.git_folder / "refs/tags/pipe")


@attack(step="init", says="a commit")
def head_at_itself(at: Ground) -> None:
    at.write(".git/HEAD", "ref: HEAD\n")
    shutil.rmtree(at.git_folder / "refs/heads")
    (at.git_folder / "packed-refs").unlink(missing_ok=True)


@attack(step="init", says="branches and tags")
def fifteen_thousand_references(at: Ground) -> None:
    tip = at.git("rev-parse", "HEAD")
    at.write(".git/packed-refs", "".join(f"{tip} refs/tags/t{n}\n" for n in range(15_000)))


@attack(step="init", says=".git/packed-refs")
def packed_references_of_3_mb(at: Ground) -> None:
    tip = at.git("rev-parse", "HEAD")
    at.write(".git/packed-refs", "".join(f"{tip} refs/tags/tag-number-{n}\n" for n in range(50_000)))


@attack(step="tag", says="Git object")
def tag_at_a_missing_object(at: Ground) -> None:
    at.write(".git/refs/tags/data-v1.0.0", "2" * 40 + "\n")


@attack(step="tag", says="the tag data-v1.0.0")
def tag_of_tags(at: Ground) -> None:
    for number in range(12):
        target = at.git("rev-parse", "data-v1.0.0" if number == 0 else f"chain{number - 1}")
        at.git("tag", "--annotate", "--message", "x", f"chain{number}", target)
    at.write(".git/refs/tags/data-v1.0.0", at.git("rev-parse", "chain11") + "\n")


@attack(step="track", says="commits")
def twenty_thousand_commits(at: Ground) -> None:
    stream = [f"reset refs/heads/long\nfrom {at.git('rev-parse', 'HEAD')}\n"]
    stream += [f"commit refs/heads/long\ncommitter A <a@b> {n} +0000\ndata 1\nx\n" for n in range(20_001)]
    at.git("fast-import", "--quiet", data="".join(stream).encode())
    at.write(".git/refs/heads/solution/ada-example-org", at.git("rev-parse", "refs/heads/long") + "\n")
