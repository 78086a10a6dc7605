"""Links out of the tree, pipes, sockets, giants, and names (A3, A4, A5, A21)."""

from __future__ import annotations

import os
import shutil
import socket
import zlib
from functools import partial

from tests.grading.ground import DATA, POINTER, TASK, Ground, attack, fails, passes, refused

STORED = ".storage/files/md5"
leads_out = partial(fails, "restore", "leads out of the submission")
no_remote = partial(fails, "remote", "the remote ../../.storage")
no_object = partial(fails, "init", ".git/objects/")


def _last_object(at: Ground) -> str:
    """The stored object that the last pointer names."""
    md5 = next(line.split()[-1] for line in (at.folder / POINTER).read_text().splitlines() if "md5:" in line)
    return f"{STORED}/{md5[:2]}/{md5[2:]}"


leads_out("data-as-link-to-outside", lambda at: at.link(DATA, at.outside / "secret"))
leads_out("data-as-link-to-the-system", lambda at: at.link(DATA, "../../../../../../../../../../../../etc/passwd"))
leads_out("data-folder-as-link", lambda at: at.link(f"{TASK}/data", at.outside))
fails("restore", "a link", "data-as-link-to-itself", lambda at: at.link(DATA, "rentals.csv"))
# Git's history has the pointer; what replaces it in the folder is nobody's business.
passes("pointer-as-link", lambda at: at.link(POINTER, at.outside / "secret"))


@attack(step="restore", says="data/rentals.csv")
def committed_pointer_as_link(at: Ground) -> None:
    at.link(POINTER, at.outside / "secret")
    at.git("add", "--force", POINTER)
    at.git("commit", "--quiet", "--message", "A link")


no_remote("storage-as-link", lambda at: at.link(".storage", at.outside / "other/.storage"))


@attack(step="remote", says="leads out of the submission")
def stored_object_as_link(at: Ground) -> None:
    path = _last_object(at)
    at.link(path, at.outside / "other" / path)


no_remote("stored-object-as-pipe", lambda at: at.replace(_last_object(at), os.mkfifo))
fails("remote", "5,368,709,120 bytes", "stored-object-of-5-gb", lambda at: at.sparse(_last_object(at)))
fails("restore", "neither a file nor a folder", "data-as-pipe", lambda at: at.replace(DATA, os.mkfifo))


@attack(step="restore", says="neither a file nor a folder")
def data_as_socket(at: Ground) -> None:
    (at.folder / DATA).unlink()
    here = os.open(at.task / "data", os.O_RDONLY)
    try:  # a socket's path has at most about a hundred bytes
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"/proc/self/fd/{here}/rentals.csv")
    finally:
        os.close(here)


fails("restore", "5,368,709,120 bytes", "data-of-5-gb", lambda at: at.sparse(DATA))
fails("restore", "data/rentals.csv", "data-as-folder", lambda at: at.replace(DATA, lambda place: place.mkdir()))
passes("working-pointer-as-pipe", lambda at: at.replace(POINTER, os.mkfifo))


@attack(step="init", says="learner.toml")
def learner_as_pipe(at: Ground) -> None:
    at.uncommit("learner.toml")
    at.replace("learner.toml", os.mkfifo)


@attack(step="init", says="learner.toml")
def learner_of_5_gb(at: Ground) -> None:
    at.uncommit("learner.toml")
    at.sparse("learner.toml")


# The only solution branch is found without it.
passes("head-as-pipe", lambda at: at.replace(".git/HEAD", os.mkfifo))
passes("packed-references-as-pipe", lambda at: at.replace(".git/packed-refs", os.mkfifo))
no_object("loose-object-as-pipe", lambda at: at.replace(at.loose_object("HEAD"), os.mkfifo))


@attack(step="init", says=".git/objects/pack")
def pack_as_pipe(at: Ground) -> None:
    at.git("repack", "-adq")
    pack = next(at.git_folder.glob("objects/pack/*.pack"))
    at.replace(str(pack.relative_to(at.folder)), os.mkfifo)


no_object("loose-object-of-5-gb", lambda at: at.sparse(at.loose_object("HEAD")))


@attack(step="init", says="Git object")
def packs_of_5_gb(at: Ground) -> None:
    at.git("repack", "-adq")
    for path in at.git_folder.glob("objects/pack/*"):
        os.chmod(path, 0o600)
        with path.open("r+b") as file:
            file.truncate(64)
            file.truncate(5 << 30)


@attack(step="init", says="more than the")
def loose_object_that_unpacks_to_4_gb(at: Ground) -> None:
    """Four megabytes on disk; its header tells how much comes out."""
    pack = zlib.compressobj(9)
    size = 4 << 30
    packed = pack.compress(f"commit {size}\0".encode())
    packed += b"".join(pack.compress(bytes(1 << 24)) for _ in range(8)) + pack.flush()
    at.write(at.loose_object("HEAD"), packed)


@attack(step="init", says="branches and tags")
def five_thousand_loose_references(at: Ground) -> None:
    folder = at.git_folder / "refs/heads"
    for number in range(5_001):
        (folder / f"b{number}").touch()


@attack(problem="not-a-submission", says="neither a Git repository nor a folder of this course")
def empty_folder(at: Ground) -> None:
    shutil.rmtree(at.folder)
    at.folder.mkdir()


@attack(problem="too-large", says="20,000")
def folder_of_nothing_but_names(at: Ground) -> None:
    shutil.rmtree(at.folder)
    at.folder.mkdir()
    for number in range(20_001):
        (at.folder / f"f{number}").touch()


refused(
    "link",
    "symbolic link",
    "submission-as-link",
    lambda at: at.replace(".", lambda place: place.symlink_to(at.outside / "other")),
)
refused("not-a-submission", "neither a folder nor a file", "submission-as-pipe", lambda at: at.replace(".", os.mkfifo))


@attack(problem="not-a-submission", says="neither a Git repository nor a folder of this course")
def folder_with_links_only(at: Ground) -> None:
    shutil.rmtree(at.folder)
    at.folder.mkdir()
    (at.folder / "clone").symlink_to(at.outside / "other")


@attack()
def nested_clone(at: Ground) -> None:
    inner = shutil.move(at.folder, at.folder.parent / "inner")
    at.folder.mkdir()
    shutil.move(inner, at.folder / "clone")
    (at.folder / "__MACOSX").mkdir()


@attack(step="remote", says="a branch does not carry")
def bare_repository(at: Ground) -> None:
    inner = shutil.move(at.git_folder, at.folder.parent / "inner")
    shutil.rmtree(at.folder)
    shutil.move(inner, at.folder)
    at.write("config", f"[core]\n\tbare = true\n\tfsmonitor = {at.payload}\n")


# Honest clones, but for their folders' names.
for _name, _folder_name in {
    "with-spaces-and-quotes": ' it\'s "me" ; $(touch x) `touch y` ',
    "with-line-breaks": "line\nbreak\r\n::error ::x",
    "with-escapes": "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "from-right-to-left": "\u202egpj.\u2066evil\u200f",
    "of-255-bytes": "n" * 255,
    "like-an-option": "--out",
    "like-a-formula": '=HYPERLINK("http:evil","click")',
    "like-markup": "<script>alert(1)<&>\"'",
    "that-is-no-utf-8": os.fsdecode(b"caf\xe9-\xff\xfe"),
    "like-the-results": "results.json",
}.items():
    passes(f"name-{_name}", lambda at: None, _folder_name)
