"""Archives with names and links that lead elsewhere, and honest ones (A1, A2, A4)."""

from __future__ import annotations

import tarfile
import zipfile
from functools import partial
from pathlib import Path

from tests.grading.archives import honest, member, packed, refused, tar_folder, tar_of, zip_folder
from tests.grading.ground import TASK

bad_name = partial(refused, "unsafe-archive", "a name that no honest work has")


honest("honest-with-top-folder.tar.gz", lambda archive, finished: tar_folder(archive, finished, "clone", "w:gz"))
honest("honest-without-top-folder.tar", lambda archive, finished: tar_folder(archive, finished, ".", "w:"))
honest("honest-with-another-ending.tgz", lambda archive, finished: tar_folder(archive, finished, "clone", "w:gz"))
honest(
    "packed-though-its-name-does-not-say-so.tar",
    lambda archive, finished: tar_folder(archive, finished, "clone", "w:gz"),
)
honest("honest-zip-with-top-folder.zip", lambda archive, finished: zip_folder(archive, finished, "clone").close())
honest("honest-zip-without-top-folder.ZIP", lambda archive, finished: zip_folder(archive, finished, "").close())


@packed(".zip")
def zip_with_links(archive: Path, finished: Path) -> None:
    with zip_folder(archive, finished, "clone") as pack:
        for number, target in enumerate(("/etc/passwd", "../../outside/secret", f"{TASK}")):
            link = zipfile.ZipInfo(f"clone/link{number}")
            link.external_attr = 0o120777 << 16
            pack.writestr(link, target)


@packed(".tar.gz")
def tar_with_links(archive: Path, finished: Path) -> None:
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(finished, "clone")
        for number, target in enumerate(("/etc/passwd", "../../outside/secret", TASK)):
            tar.addfile(member(f"clone/link{number}", tarfile.SYMTYPE, target))


@packed(".tar.gz")
def tar_with_hard_links(archive: Path, finished: Path) -> None:
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(finished, "clone")
        tar.addfile(member("clone/again", tarfile.LNKTYPE, "clone/learner.toml"))
        tar.addfile(member("clone/and-again", tarfile.LNKTYPE, "./clone/again"))


NAMES = {
    "climbing": "../../x",
    "climbing-from-inside": "clone/../../../x",
    "absolute": "/tmp/mlsd-was-here",
    "in-windows-style": "..\\..\\x",
    "on-a-drive": "C:/x",
    "with-a-stream": "x:y",
    "with-escapes": "\x1b[2Jx",
    "with-line-break": "a\nb",
    "of-256-bytes": "n" * 256,
    "of-a-long-path": "/".join(["n" * 200] * 30 + [".."]),
    "of-60-folders": "/".join("d" * 60),
}


def _in_tar(archive: Path, finished: Path, name: str, kind: bytes = tarfile.REGTYPE) -> None:
    tar_of(archive, member(name, kind))


def _in_zip(archive: Path, finished: Path, name: str) -> None:
    with zipfile.ZipFile(archive, "w") as pack:
        entry = zipfile.ZipInfo("x")
        entry.filename = name
        pack.writestr(entry, "x")


for _word, _name in NAMES.items():
    bad_name(f"name-{_word}.tar.gz", partial(_in_tar, name=_name))
    bad_name(f"name-{_word}.zip", partial(_in_zip, name=_name))


@packed(".zip", "unsafe-archive", "a name that no honest work has")
def name_with_nul(archive: Path, finished: Path) -> None:
    with zipfile.ZipFile(archive, "w") as pack:
        pack.writestr("clone.xx", "x")
    archive.write_bytes(archive.read_bytes().replace(b"clone.xx", b"clone\0xx"))


@packed(".tar", "not-a-submission", "neither a Git repository nor a folder")
def chain_of_links(archive: Path, finished: Path) -> None:
    """CVE-2025-4517: a way of links that grows past the longest path, then a file written through it."""
    part, members, way = "d" * 200, [], ""
    for letter in "abcdefghijklmnop":
        members += [member(f"{way}{part}", tarfile.DIRTYPE), member(f"{way}{letter}", tarfile.SYMTYPE, part)]
        way += f"{letter}/"
    members.append(member("abc", tarfile.SYMTYPE, f"{way}{'../' * 16}"))
    members.append(member("escape", tarfile.SYMTYPE, "abc/../../outside"))
    tar_of(archive, *members[:32:2], member("escape", tarfile.SYMTYPE, "../outside"), member("escape/secret"))


refused(
    "not-a-submission",
    "neither a Git repository nor a folder",
    "written-through-a-link.tar",
    lambda archive, _: tar_of(archive, member("x", tarfile.SYMTYPE, "../../outside"), member("x/secret")),
)
refused(
    "unsafe-archive",
    "is a hard link to",
    "hard-link-to-a-link.tar",
    lambda archive, _: tar_of(archive, member("s", tarfile.SYMTYPE, "/etc/passwd"), member("h", tarfile.LNKTYPE, "s")),
)
bad_name("hard-link-to-outside.tar", lambda archive, _: tar_of(archive, member("h", tarfile.LNKTYPE, "/etc/passwd")))
bad_name(
    "hard-link-climbing.tar", lambda archive, _: tar_of(archive, member("h", tarfile.LNKTYPE, "../../outside/secret"))
)
refused(
    "unsafe-archive",
    "is a hard link to",
    "hard-links-in-a-circle.tar",
    lambda archive, _: tar_of(archive, member("a", tarfile.LNKTYPE, "b"), member("b", tarfile.LNKTYPE, "a")),
)


for _word, _kind in {"pipe": tarfile.FIFOTYPE, "device": tarfile.CHRTYPE, "disk": tarfile.BLKTYPE}.items():
    _special = partial(_in_tar, name="clone/x", kind=_kind)
    refused("unsafe-archive", "'clone/x' is a device or a pipe", f"tar-with-a-{_word}.tar", _special)


refused(
    "unsafe-archive",
    "is in the archive twice",
    "name-twice.tar",
    lambda archive, _: tar_of(archive, member("a/b"), member("./a//b")),
)
refused(
    "unsafe-archive",
    "'a/b' is in the archive twice",
    "file-that-is-a-folder-too.tar",
    lambda archive, _: tar_of(archive, member("a"), member("a/b")),
)


@packed(".zip", "unsafe-archive", "twice")
def name_twice_in_zip(archive: Path, finished: Path) -> None:
    with zipfile.ZipFile(archive, "w") as pack:
        pack.writestr("a", "x")
        pack.writestr("b", "x")
    archive.write_bytes(archive.read_bytes().replace(b"b", b"a"))
