"""Repositories that would run something, lead elsewhere or never end (A4, A13, A14, A29)."""

from __future__ import annotations

import os
import shutil

from tests.grading.ground import TASK, Ground, attack

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


@attack()
def git_config_that_is_no_text(at: Ground) -> None:
    at.write(".git/config", b"\xff\xfe[core\0" + b"[" * 100_000)


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


@attack(step="init", says=".git is a link")
def git_folder_as_link(at: Ground) -> None:
    at.link(".git", at.outside / "other/.git")


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
