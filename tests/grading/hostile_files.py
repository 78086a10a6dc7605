"""Links out of the tree, pipes, sockets, giants, and names (A3, A4, A5, A21)."""

from __future__ import annotations

import os
import shutil
import socket
import zlib

from tests.grading.ground import DATA, POINTER, TASK, Ground, attack

STORED = ".storage/files/md5"


def _last_object(at: Ground) -> str:
    """The stored object that the last pointer names."""
    md5 = next(line.split()[-1] for line in (at.folder / POINTER).read_text().splitlines() if "md5:" in line)
    return f"{STORED}/{md5[:2]}/{md5[2:]}"


@attack(step="restore", says="leads out of the submission")
def data_as_link_to_outside(at: Ground) -> None:
    at.link(DATA, at.outside / "secret")


@attack(step="restore", says="leads out of the submission")
def data_as_link_to_the_system(at: Ground) -> None:
    at.link(DATA, "../../../../../../../../../../../../etc/passwd")


@attack(step="restore", says="leads out of the submission")
def data_folder_as_link(at: Ground) -> None:
    at.link(f"{TASK}/data", at.outside)


@attack(step="restore", says="a link")
def data_as_link_to_itself(at: Ground) -> None:
    at.link(DATA, "rentals.csv")


@attack()
def pointer_as_link(at: Ground) -> None:
    """Git's history has the pointer; what replaces it in the folder is nobody's business."""
    at.link(POINTER, at.outside / "secret")


@attack(step="restore", says="data/rentals.csv")
def committed_pointer_as_link(at: Ground) -> None:
    at.link(POINTER, at.outside / "secret")
    at.git("add", "--force", POINTER)
    at.git("commit", "--quiet", "--message", "A link")


@attack(step="remote", says="the remote ../../.storage")
def storage_as_link(at: Ground) -> None:
    at.link(".storage", at.outside / "other/.storage")


@attack(step="remote", says="leads out of the submission")
def stored_object_as_link(at: Ground) -> None:
    path = _last_object(at)
    at.link(path, at.outside / "other" / path)


@attack(step="remote", says="the remote ../../.storage")
def stored_object_as_pipe(at: Ground) -> None:
    at.replace(_last_object(at), os.mkfifo)


@attack(step="remote", says="5,368,709,120 bytes")
def stored_object_of_5_gb(at: Ground) -> None:
    at.sparse(_last_object(at))


@attack(step="restore", says="neither a file nor a folder")
def data_as_pipe(at: Ground) -> None:
    at.replace(DATA, os.mkfifo)


@attack(step="restore", says="neither a file nor a folder")
def data_as_socket(at: Ground) -> None:
    (at.folder / DATA).unlink()
    here = os.open(at.task / "data", os.O_RDONLY)
    try:  # a socket's path has at most about a hundred bytes
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"/proc/self/fd/{here}/rentals.csv")
    finally:
        os.close(here)


@attack(step="restore", says="5,368,709,120 bytes")
def data_of_5_gb(at: Ground) -> None:
    at.sparse(DATA)


@attack(step="restore", says="data/rentals.csv")
def data_as_folder(at: Ground) -> None:
    at.replace(DATA, lambda place: place.mkdir())


@attack()
def working_pointer_as_pipe(at: Ground) -> None:
    at.replace(POINTER, os.mkfifo)


@attack(step="init", says="learner.toml")
def learner_as_pipe(at: Ground) -> None:
    at.git("rm", "--quiet", "learner.toml")
    at.git("commit", "--quiet", "--message", "Nobody")
    os.mkfifo(at.folder / "learner.toml")


@attack(step="init", says="learner.toml")
def learner_of_5_gb(at: Ground) -> None:
    at.git("rm", "--quiet", "learner.toml")
    at.git("commit", "--quiet", "--message", "Nobody")
    at.sparse("learner.toml")


@attack()
def head_as_pipe(at: Ground) -> None:
    """The only solution branch is found without it."""
    at.replace(".git/HEAD", os.mkfifo)


@attack()
def packed_references_as_pipe(at: Ground) -> None:
    at.replace(".git/packed-refs", os.mkfifo)


@attack(step="init", says=".git/objects/")
def loose_object_as_pipe(at: Ground) -> None:
    at.replace(at.loose_object("HEAD"), os.mkfifo)


@attack(step="init", says=".git/objects/pack")
def pack_as_pipe(at: Ground) -> None:
    at.git("repack", "-adq")
    pack = next(at.git_folder.glob("objects/pack/*.pack"))
    at.replace(str(pack.relative_to(at.folder)), os.mkfifo)


@attack(step="init", says=".git/objects/")
def loose_object_of_5_gb(at: Ground) -> None:
    at.sparse(at.loose_object("HEAD"))


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


@attack(problem="link", says="symbolic link")
def submission_as_link(at: Ground) -> None:
    at.replace(".", lambda place: place.symlink_to(at.outside / "other"))


@attack(problem="not-a-submission", says="neither a folder nor a file")
def submission_as_pipe(at: Ground) -> None:
    at.replace(".", os.mkfifo)


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


def _named(name: str, folder_name: str) -> None:
    def build(at: Ground) -> None:
        """An honest clone, but for its folder's name."""

    build.__name__ = f"name_{name}"
    attack(folder_name=folder_name)(build)


_named("with_spaces_and_quotes", ' it\'s "me" ; $(touch x) `touch y` ')
_named("with_line_breaks", "line\nbreak\r\n::error ::x")
_named("with_escapes", "\x1b[2J\x1b]0;owned\x07\x9b31m")
_named("from_right_to_left", "\u202egpj.\u2066evil\u200f")
_named("of_255_bytes", "n" * 255)
_named("like_an_option", "--out")
_named("like_a_formula", '=HYPERLINK("http:evil","click")')
_named("like_markup", "<script>alert(1)<&>\"'")
_named("that_is_no_utf_8", os.fsdecode(b"caf\xe9-\xff\xfe"))
_named("like_the_results", "results.json")
