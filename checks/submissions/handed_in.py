"""Opening what `mlsd submit` packed: files of the clone, a Git bundle, and a manifest that is held against both."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from checks import limits
from checks.core.clone import Clone
from checks.evidence.files import Files
from checks.evidence.manifest import BUNDLE, MANIFEST, Manifest, parse_manifest
from checks.expect import Failure
from checks.submissions.bundle import lay_out_bundle
from checks.submissions.problem import SubmissionProblem

_FAULTS = 20
"""Differences from the manifest that are told."""


def open_handed_in(root: Path, scratch: Path) -> Clone:
    """The clone that was packed into the unpacked archive `root`; its repository is laid out below `scratch`.

    What the manifest says and what is there may differ: `Clone.manifest_faults` tells. Raises SubmissionProblem where
    the manifest or the bundle can't be read.
    """
    files = Files(root)
    try:
        manifest = parse_manifest(files.read(MANIFEST, limits.MANIFEST_BYTES))
    except Failure as failure:
        raise SubmissionProblem(
            "unreadable-manifest", f"{MANIFEST}: expected {failure.expected}, found {failure.found}"
        ) from None
    repository = scratch / "repository"
    try:
        with files.open(BUNDLE, limits.BUNDLE_BYTES) as bundle:
            lay_out_bundle(bundle, BUNDLE, repository / ".git", manifest.shallow)
        clone = Clone(root, repository=repository)
        clone.manifest_faults = (*_other_commit(clone, manifest), *islice(manifest.faults(files), _FAULTS))
    except Failure as failure:
        problem = f"{failure.looked_at}: expected {failure.expected}, found {failure.found}"
        raise SubmissionProblem("unreadable-archive", problem) from None
    return clone


def _other_commit(clone: Clone, manifest: Manifest) -> list[str]:
    """What the manifest says otherwise than the repository and `learner.toml`."""
    tip = clone.git.tip
    found = [
        ("the branch", clone.git.branch, manifest.branch),
        ("the commit", tip.id if tip else None, manifest.commit),
    ]
    try:
        learner = clone.learner
        found += [("the learner's id", learner.id, manifest.learner.id)]
    except Failure:  # told by the steps that need it
        pass
    return [f"{what}: {there}, and the manifest says {said}"[:300] for what, there, said in found if there != said]
