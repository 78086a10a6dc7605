"""Repositories that would run something, lead elsewhere or never end (A4, A5, A13, A14, A29)."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import zlib

from tests.grading.ground import POINTER, TASK, Ground, attack, fails, passes
from tests.packs import BLOCK, distance, number, object_head, zeros

HOOKS = (
    "post-checkout",
    "pre-commit",
    "post-index-change",
    "fsmonitor-watchman",
    "post-merge",
    "reference-transaction",
)


@attack()
def git_config_runs_programs(at: Ground) -> None:
    run, fifo = at.payload, at.folder / "pipe"
    os.mkfifo(fifo)
    at.write(".gitattributes", "* filter=evil diff=evil merge=evil\n")
    at.write(
        ".git/config",
        f"""[core]
	repositoryformatversion = 0
	bare = false
	fsmonitor = {run}
	sshCommand = {run}
	pager = {run}
	editor = {run}
	askPass = {run}
	gitProxy = {run}
	alternateRefsCommand = {run}
	hooksPath = {at.folder}/hooks
	worktree = {at.outside}
	attributesFile = {fifo}
	excludesFile = {fifo}
[diff]
	external = {run}
[diff "evil"]
	textconv = {run}
	command = {run}
[merge "evil"]
	driver = {run}
[filter "evil"]
	clean = {run}
	smudge = {run}
	process = {run}
	required = true
[alias]
	status = !{run}
	log = !{run}
[include]
	path = {fifo}
[includeIf "gitdir:/"]
	path = {at.outside}/secret
[credential]
	helper = !{run}
[gpg]
	program = {run}
[gpg "ssh"]
	program = {run}
[sequence]
	editor = {run}
[interactive]
	diffFilter = {run}
[uploadpack]
	packObjectsHook = {run}
[protocol "ext"]
	allow = always
[remote "origin"]
	url = ext::sh -c "{run}"
	promisor = true
	uploadpack = {run}
	receivepack = {run}
[extensions]
	partialClone = origin
	worktreeConfig = true
[submodule "x"]
	update = !{run}
[url "ext::sh -c {run}"]
	insteadOf = https://
""",
    )
    for hook in HOOKS:
        at.write(f"hooks/{hook}", f"#!/bin/sh\n{run}\n", executable=True)


passes("git-config-that-is-no-text", lambda at: at.write(".git/config", b"\xff\xfe[core\0" + b"[" * 100_000))


@attack()
def git_hooks(at: Ground) -> None:
    for hook in HOOKS:
        at.write(f".git/hooks/{hook}", f"#!/bin/sh\n{at.payload}\n", executable=True)


@attack()
def submodules(at: Ground) -> None:
    commit = at.git("rev-parse", "HEAD")
    at.git("update-index", "--add", "--cacheinfo", f"160000,{commit},{TASK}/module")
    at.commit(".gitmodules", f'[submodule "x"]\n\tpath = {TASK}/module\n\turl = --upload-pack={at.payload}\n')


@attack()
def bare_repository_inside(at: Ground) -> None:
    at.git("clone", "--quiet", "--bare", ".", f"{TASK}/data/bare.git")
    at.write(f"{TASK}/data/bare.git/config", f"[core]\n\tbare = true\n\tfsmonitor = {at.payload}\n")


@attack()
def other_repositories_inside(at: Ground) -> None:
    at.write(".hg/hgrc", f"[hooks]\npre-status = {at.payload}\n")
    shutil.copytree(at.git_folder, at.task / ".git")
    at.write(f"{TASK}/.git/config", f"[core]\n\tfsmonitor = {at.payload}\n")


@attack(step="init", says="no such object")
def objects_at_another_learners(at: Ground) -> None:
    shutil.rmtree(at.git_folder / "objects")
    at.write(".git/objects/info/alternates", f"{at.outside}/other/.git/objects\n")
    (at.git_folder / "objects/pack").mkdir()


@attack(step="init", says=".git/objects")
def objects_as_link(at: Ground) -> None:
    at.link(".git/objects", at.outside / "other/.git/objects")


@attack(step="init", says=".git/objects")
def objects_as_relative_link(at: Ground) -> None:
    at.link(".git/objects", "../../../outside/other/.git/objects")


@attack(step="init", says=".git folder a link")
def pack_folder_as_link(at: Ground) -> None:
    at.git("repack", "-adq")
    at.link(".git/objects/pack", at.outside / "other/.git/objects/pack")


@attack(step="init", says=".git folder a link")
def object_folders_as_links(at: Ground) -> None:
    at.loose_object("HEAD")
    other = at.outside / "other/.git/objects"
    for folder in [entry for entry in at.git_folder.glob("objects/??") if (other / entry.name).is_dir()]:
        at.link(f".git/objects/{folder.name}", other / folder.name)


@attack(step="init", says=".git/objects/")
def objects_as_links(at: Ground) -> None:
    at.loose_object("HEAD")
    other = at.outside / "other/.git/objects"
    for entry in at.git_folder.glob("objects/??/*"):
        at.link(str(entry.relative_to(at.folder)), other / entry.parent.name / entry.name)


@attack(step="init", says=".git is a file")
def git_file_to_outside(at: Ground) -> None:
    shutil.rmtree(at.git_folder)
    at.write(".git", f"gitdir: {at.outside}/other/.git\n")


fails("init", ".git is a link", "git-folder-as-link", lambda at: at.link(".git", at.outside / "other/.git"))


@attack(step="init", says=".git is a link")
def git_folder_as_tricky_link(at: Ground) -> None:
    """Read name by name, `door/../x` is inside; the system goes through the door first."""
    shutil.move(at.git_folder, at.folder / "x")
    at.link("door", at.outside / "other")
    at.link(".git", "door/../x")


@attack(step="init", says="Git object")
def damaged_loose_object(at: Ground) -> None:
    at.write(at.loose_object("HEAD"), b"\x78\x9c" + os.urandom(200))


@attack(step="init", says="Git object")
def garbage_packs(at: Ground) -> None:
    at.git("repack", "-adq")
    for path in at.git_folder.glob("objects/pack/*"):
        path.chmod(0o600)
        path.write_bytes(os.urandom(4000))


@attack(problem="too-large", says="400 MiB of memory")
def commit_that_differs_little_from_3_gb(at: Ground) -> None:
    """The last commit as a delta: itself 250 bytes, on a base that a reader must unpack first."""
    name = at.git("rev-parse", "HEAD")
    content = at.git("cat-file", "commit", "HEAD").encode() + b"\n"
    blocks = 192
    delta = number(blocks * BLOCK) + number(len(content))
    for start in range(0, len(content), 127):
        part = content[start : start + 127]
        delta += bytes([len(part)]) + part
    pack = b"PACK" + struct.pack(">II", 2, 2)
    base_at = len(pack)
    pack += object_head(1, blocks * BLOCK) + zeros(blocks)
    delta_at = len(pack)
    pack += object_head(6, len(delta)) + distance(delta_at - base_at) + zlib.compress(delta)
    pack += hashlib.sha1(pack).digest()

    objects = sorted([(bytes(20), base_at), (bytes.fromhex(name), delta_at)])
    index = b"\xfftOc" + struct.pack(">I", 2)
    index += b"".join(struct.pack(">I", sum(entry[0][0] <= first for entry in objects)) for first in range(256))
    index += b"".join(entry[0] for entry in objects) + bytes(8)
    index += b"".join(struct.pack(">I", entry[1]) for entry in objects) + pack[-20:]
    index += hashlib.sha1(index).digest()

    (at.folder / at.loose_object("HEAD")).unlink()
    at.write(".git/objects/pack/pack-bomb.pack", pack)
    at.write(".git/objects/pack/pack-bomb.idx", index)


def slow_history(at: Ground) -> None:
    """Hundreds of commits, each with another pointer that takes long to read: none is wrong, together they take long."""
    stream = [f"reset refs/heads/long\nfrom {at.git('rev-parse', 'HEAD')}\n"]
    for day in range(300):
        pointer = f"# {day}\nouts:\n- md5: {'0' * 32}\n  path: {day}\nmeta:\n" + "- a\n" * 50_000
        stream.append(f"commit refs/heads/long\ncommitter A <a@b> {day} +0000\ndata 1\nx\n")
        stream.append(f"M 644 inline {POINTER}\ndata {len(pointer)}\n{pointer}\n")
    at.git("fast-import", "--quiet", data="".join(stream).encode())
    at.write(".git/refs/heads/solution/ada-example-org", at.git("rev-parse", "refs/heads/long") + "\n")
