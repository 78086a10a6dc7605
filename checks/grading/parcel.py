"""A submission as bytes, for a machine that does not see the place where it is."""

from __future__ import annotations

import io
import os
import tarfile
from dataclasses import replace
from pathlib import Path

from checks import limits
from checks.submissions.branches import Branch
from checks.submissions.submission import Submission


class TooLargeError(Exception):
    """More than anybody sends."""


def pack(submission: Submission) -> bytes:
    """An uncompressed tar of a submission, with its links as links and without pipes and devices.

    Raises TooLargeError beyond `limits.SENT_BYTES`, and OSError.
    """
    place = submission.path if isinstance(submission, Branch) else submission
    packed = io.BytesIO()
    left = limits.SENT_BYTES

    def kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        nonlocal left
        left -= member.size + tarfile.BLOCKSIZE
        if left < 0:
            raise TooLargeError(f"it is larger than the {limits.SENT_BYTES >> 20} MiB that are sent: share its folder")
        return member if member.isfile() or member.isdir() or member.issym() or member.islnk() else None

    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.add(place, "parcel", filter=kept)
    return packed.getvalue()


def unpack(parcel: bytes, submission: Submission, folder: Path) -> Submission:
    """Lay out what `pack` gave in an empty folder: the same submission, at its new place.

    The names come from a file system and hold no way out of it; links lead where they led, and readers follow none
    out of a submission.
    """
    with tarfile.open(fileobj=io.BytesIO(parcel), mode="r:") as tar:
        # As it lies there. The argument `filter` came with Python 3.11.4; where this attribute is unknown, it is the default.
        tar.extraction_filter = lambda member, _: member
        tar.extractall(folder)  # noqa: S202 - of our own making
    if isinstance(submission, Branch):
        return replace(submission, path=folder / "parcel")
    here = folder / submission.name
    os.rename(folder / "parcel", here)
    return here
