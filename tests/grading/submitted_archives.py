"""What `mlsd submit` writes, honest and changed afterwards (A3, A4, A25)."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checks.core.course import load_course
from checks.evidence.manifest import BUNDLE, MANIFEST
from checks.learner.packing.submission import pack
from tests.grading.archives import packed
from tests.grading.bundles import COMMIT, REFERENCE
from tests.packs import BLOCK, bundle_of, object_head, pack_of, whole, zeros

Members = dict[str, bytes]
LIES: dict[str, str] = {}
"""What is said of each archive whose manifest does not match, by its name."""


def _pack_changed(archive: Path, finished: Path, change: Callable[[Members], None]) -> None:
    honest = archive.with_name(f"{archive.name}.honest")
    pack(load_course(), finished, honest)
    members: Members = {}
    with tarfile.open(honest) as tar:
        for info in tar:
            content = tar.extractfile(info)
            assert content is not None
            members[info.name.partition("/")[2]] = content.read()
    honest.unlink()
    change(members)
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(f"ada/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def _changed(problem: str | None, says: str = "") -> Callable[[Callable[[Members], None]], Callable[[Members], None]]:
    def add(change: Callable[[Members], None]) -> Callable[[Members], None]:
        def build(archive: Path, finished: Path) -> None:
            _pack_changed(archive, finished, change)

        build.__name__ = change.__name__
        packed(".tar.gz", problem, says if problem else "")(build)
        if problem is None:
            LIES[change.__name__.replace("_", "-") + ".tar.gz"] = says
        return change

    return add


def _say(members: Members, **other: Any) -> None:
    """Change what the manifest says."""
    members[MANIFEST] = json.dumps({**json.loads(members[MANIFEST]), **other}).encode()


@packed(".tar.gz")
def submitted(archive: Path, finished: Path) -> None:
    pack(load_course(), finished, archive)


@_changed("unreadable-manifest", "no valid JSON")
def manifest_that_is_no_json(members: Members) -> None:
    members[MANIFEST] = b"{" * 100_000


@_changed("unreadable-manifest", "`format`")
def manifest_of_another_format(members: Members) -> None:
    _say(members, format=2)


@_changed("unreadable-manifest", "no `learner`")
def manifest_without_a_learner(members: Members) -> None:
    members[MANIFEST] = json.dumps({"format": 1, "course": {"id": "", "version": ""}}).encode()


@_changed("unreadable-manifest", "`files`")
def manifest_of_40_000_files(members: Members) -> None:
    _say(members, files=[{"path": f"{name}", "size": 0, "sha256": "0" * 64} for name in range(40_000)])


@_changed("unreadable-manifest", "bytes")
def manifest_of_9_mb(members: Members) -> None:
    members[MANIFEST] = members[MANIFEST].replace(b"{", b"{" + b" " * (9 << 20), 1)


@_changed("unreadable-manifest", "no path in the archive")
def manifest_that_reads_outside(members: Members) -> None:
    _say(members, files=[{"path": "../../../outside/secret", "size": 62, "sha256": "0" * 64}])


@_changed("unreadable-manifest", "no path in the archive")
def manifest_with_two_names_of_a_file(members: Members) -> None:
    _say(members, files=[{"path": name, "size": 1, "sha256": "0" * 64} for name in ("a", "./a")])


@_changed("unreadable-archive", f"{BUNDLE}: nothing")
def submitted_without_its_bundle(members: Members) -> None:
    del members[BUNDLE]


@_changed("unreadable-bundle", f"{BUNDLE} is a Git bundle that can't be read")
def submitted_with_a_damaged_bundle(members: Members) -> None:
    members[BUNDLE] = members[BUNDLE][:-1] + bytes([members[BUNDLE][-1] ^ 1])


@_changed("too-large", "unpacks to more")
def submitted_with_a_bomb_in_its_bundle(members: Members) -> None:
    members[BUNDLE] = bundle_of(pack_of(whole(1, COMMIT), object_head(3, 192 * BLOCK) + zeros(192)), REFERENCE)


@_changed(None, "learner.toml: not there")
def manifest_of_a_file_that_is_not_there(members: Members) -> None:
    del members["learner.toml"]


@_changed(None, "learner.toml: other content than the manifest says")
def submitted_and_edited(members: Members) -> None:
    members["learner.toml"] = members["learner.toml"].replace(b"Ada", b"Eve")


@_changed(None, "learner.toml: 8 bytes, and the manifest says")
def submitted_and_cut(members: Members) -> None:
    members["learner.toml"] = b"# later\n"


@_changed(None, "more.txt: not in the manifest")
def submitted_with_one_file_more(members: Members) -> None:
    members["more.txt"] = b"x"


@_changed(None, "the commit: ")
def manifest_of_another_commit(members: Members) -> None:
    _say(members, commit="0" * 40)


@_changed(None, "the learner's id: ada@example.org, and the manifest says eve@example.org")
def manifest_of_another_learner(members: Members) -> None:
    _say(members, learner={"id": "eve@example.org", "name": "Eve"})


@_changed(None, "the branch: ")
def manifest_of_another_branch(members: Members) -> None:
    _say(members, branch="refs/heads/\x1b[2J")
