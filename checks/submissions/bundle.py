"""Laying the repository of a Git bundle out in a folder of ours, as a bare one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from checks import limits
from checks.evidence.bundle.errors import BundleError
from checks.evidence.bundle.header import read_header
from checks.evidence.bundle.index import index_of
from checks.submissions.problem import SubmissionProblem

BUNDLE_ENDING = ".bundle"


def lay_out_bundle(bundle: BinaryIO, name: str, into: Path, shallow: Iterable[str] = ()) -> None:
    """Write the objects and references of a bundle into the new folder `into`. No name of the bundle becomes a file's.

    `name` is what the file is called, `shallow` the commits at which the history was cut. Raises SubmissionProblem.
    """
    try:
        header = read_header(bundle)
        pack = bundle.read(limits.BUNDLE_BYTES + 1)
        if len(pack) > limits.BUNDLE_BYTES:
            raise SubmissionProblem("too-large", f"{name} has more than {limits.BUNDLE_BYTES:,} bytes")
        index = index_of(pack)
    except BundleError as error:
        raise SubmissionProblem(error.kind, f"{name} is a Git bundle that can't be read: {error}") from None
    packs = into / "objects/pack"
    packs.mkdir(parents=True)
    (into / "refs").mkdir()
    (packs / "pack-bundle.pack").write_bytes(pack)
    (packs / "pack-bundle.idx").write_bytes(index)
    cut = "".join(f"{commit}\n" for commit in shallow)
    for file, text in (("HEAD", f"{header.head}\n"), ("packed-refs", header.packed), ("shallow", cut)):
        (into / file).write_text(text, encoding="utf-8", newline="\n")
