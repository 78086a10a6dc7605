"""Repositories that would run something, lead elsewhere or never end (A4, A13, A14, A29)."""

from __future__ import annotations

import os
import shutil

from tests.grading.ground import POINTER, TASK, Ground, attack

HOOKS = ("post-checkout", "pre-commit", "post-index-change", "fsmonitor-watchman", "post-merge", "reference-transaction")


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


@attack(step="init", says="Git object")
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


@attack(step="init", says=".git/objects/pack")
def pack_folder_as_link(at: Ground) -> None:
    at.git("repack", "-adq")
    at.link(".git/objects/pack", at.outside / "other/.git/objects/pack")


@attack(step="init", says=".git/objects/")
def object_folders_as_links(at: Ground) -> None:
    other = at.outside / "other/.git/objects"
    for folder in [entry for entry in at.git_folder.glob("objects/??") if (other / entry.name).is_dir()]:
        at.link(f".git/objects/{folder.name}", other / folder.name)


@attack(step="init", says=".git/objects/")
def objects_as_links(at: Ground) -> None:
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


@attack(step="init", says="no such file")
def refs_as_link(at: Ground) -> None:
    (at.git_folder / "packed-refs").unlink(missing_ok=True)
    at.link(".git/refs", at.outside / "other/.git/refs")


@attack(step="init", says="a reftable")
def reftable(at: Ground) -> None:
    at.write(".git/reftable/tables.list", "0x000000000001-0x000000000002-a.ref\n")


@attack(step="init")
def sha256_repository(at: Ground) -> None:
    shutil.rmtree(at.git_folder)
    at.git("init", "--quiet", "--object-format=sha256")
    at.git("add", "--force", POINTER, f"{TASK}/.dvc/config", "learner.toml")
    at.git("commit", "--quiet", "--message", "All of it")


@attack(step="init", says="none")
def repository_without_commits(at: Ground) -> None:
    shutil.rmtree(at.git_folder)
    at.git("init", "--quiet")


@attack(step="init", says="no .git folder")
def git_folder_deleted(at: Ground) -> None:
    shutil.rmtree(at.git_folder)


@attack(step="init")
def git_folder_emptied(at: Ground) -> None:
    shutil.rmtree(at.git_folder)
    at.git_folder.mkdir()


@attack(step="init", says="Git object")
def shallow_without_history(at: Ground) -> None:
    """The first commit's parents are cut off by hand, and missing all the same."""
    tip = at.git("rev-parse", "HEAD")
    at.write(".git/shallow", "\n".join(["nonsense", "0" * 40, tip[:39]]))
    at.git("repack", "-adq")
    pack = next(at.git_folder.glob("objects/pack/*.pack"))
    pack.chmod(0o600)
    pack.write_bytes(pack.read_bytes()[:-4000])


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
def thirty_thousand_references(at: Ground) -> None:
    tip = at.git("rev-parse", "HEAD")
    at.write(".git/packed-refs", "".join(f"{tip} refs/tags/t{n}\n" for n in range(19_000)))


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


@attack(step="init", says="Git object")
def damaged_loose_object(at: Ground) -> None:
    at.write(at.loose_object("HEAD"), b"\x78\x9c" + os.urandom(200))


@attack(step="init", says="Git object")
def garbage_packs(at: Ground) -> None:
    at.git("repack", "-adq")
    for path in at.git_folder.glob("objects/pack/*"):
        path.chmod(0o600)
        path.write_bytes(os.urandom(4000))
