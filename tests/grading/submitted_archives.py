"""What `mlsd submit` writes, honest and changed afterwards (A3, A4, A25)."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from checks.core.course import load_course
from checks.evidence.manifest import BUNDLE, MANIFEST
from checks.learner.packing.submission import pack
from tests.grading.archives import honest, members, refused
from tests.grading.bundles import COMMIT, REFERENCE
from tests.packs import BLOCK, bundle_of, object_head, pack_of, whole, zeros

Members = dict[str, bytes]
LIES: dict[str, str] = {}
"""What is said of each archive whose manifest does not match, by its name."""


def _pack_changed(archive: Path, finished: Path, change: Callable[[Members], object]) -> None:
    unchanged = archive.with_name(f"{archive.name}.honest")
    pack(load_course(), finished, unchanged)
    found = members(unchanged)
    unchanged.unlink()
    change(found)
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        for name, content in found.items():
            info = tarfile.TarInfo(f"ada/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def _changed(problem: str | None, says: str, name: str, change: Callable[[Members], object]) -> None:
    """Add what `mlsd submit` writes, changed afterwards; without a problem, with what is said of its manifest."""
    refused(problem, says if problem else "", f"{name}.tar.gz", partial(_pack_changed, change=change))
    if problem is None:
        LIES[f"{name}.tar.gz"] = says


def _say(members: Members, **other: Any) -> None:
    """Change what the manifest says."""
    members[MANIFEST] = json.dumps({**json.loads(members[MANIFEST]), **other}).encode()


_no_manifest = partial(_changed, "unreadable-manifest")
_lie = partial(_changed, None)

honest("submitted.tar.gz", lambda archive, finished: pack(load_course(), finished, archive))
_no_manifest("no valid JSON", "manifest-that-is-no-json", lambda members: members.update({MANIFEST: b"{" * 100_000}))
_no_manifest("`format`", "manifest-of-another-format", lambda members: _say(members, format=2))
_no_manifest(
    "no `learner`",
    "manifest-without-a-learner",
    lambda members: members.update({MANIFEST: json.dumps({"format": 1, "course": {"id": "", "version": ""}}).encode()}),
)
_no_manifest(
    "`files`",
    "manifest-of-40-000-files",
    lambda members: _say(members, files=[{"path": f"{name}", "size": 0, "sha256": "0" * 64} for name in range(40_000)]),
)
_no_manifest(
    "bytes",
    "manifest-of-9-mb",
    lambda members: members.update({MANIFEST: members[MANIFEST].replace(b"{", b"{" + b" " * (9 << 20), 1)}),
)
_no_manifest(
    "no path in the archive",
    "manifest-that-reads-outside",
    lambda members: _say(members, files=[{"path": "../../../outside/secret", "size": 62, "sha256": "0" * 64}]),
)
_no_manifest(
    "no path in the archive",
    "manifest-with-two-names-of-a-file",
    lambda members: _say(members, files=[{"path": name, "size": 1, "sha256": "0" * 64} for name in ("a", "./a")]),
)
_changed(
    "unreadable-archive", f"{BUNDLE}: nothing", "submitted-without-its-bundle", lambda members: members.pop(BUNDLE)
)
_changed(
    "unreadable-bundle",
    f"{BUNDLE} is a Git bundle that can't be read",
    "submitted-with-a-damaged-bundle",
    lambda members: members.update({BUNDLE: members[BUNDLE][:-1] + bytes([members[BUNDLE][-1] ^ 1])}),
)
_changed(
    "too-large",
    "unpacks to more",
    "submitted-with-a-bomb-in-its-bundle",
    lambda members: members.update(
        {BUNDLE: bundle_of(pack_of(whole(1, COMMIT), object_head(3, 192 * BLOCK) + zeros(192)), REFERENCE)}
    ),
)
_lie("learner.toml: not there", "manifest-of-a-file-that-is-not-there", lambda members: members.pop("learner.toml"))
_lie(
    "learner.toml: other content than the manifest says",
    "submitted-and-edited",
    lambda members: members.update({"learner.toml": members["learner.toml"].replace(b"Ada", b"Eve")}),
)
_lie(
    "learner.toml: 8 bytes, and the manifest says",
    "submitted-and-cut",
    lambda members: members.update({"learner.toml": b"# later\n"}),
)
_lie(
    "more.txt: not in the manifest", "submitted-with-one-file-more", lambda members: members.update({"more.txt": b"x"})
)
_lie("the commit: ", "manifest-of-another-commit", lambda members: _say(members, commit="0" * 40))
_lie(
    "the learner's id: ada@example.org, and the manifest says eve@example.org",
    "manifest-of-another-learner",
    lambda members: _say(members, learner={"id": "eve@example.org", "name": "Eve"}),
)
_lie("the branch: ", "manifest-of-another-branch", lambda members: _say(members, branch="refs/heads/\x1b[2J"))
