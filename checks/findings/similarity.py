"""Scripts that are alike: groups of submissions around one of them, in time that grows with the class alone.

Each script is held against the first one of each group that MinHash LSH finds near it, never against all others
(https://ekzhu.com/datasketch/lsh.html). The similarity is Jaccard's: of the runs of words that two scripts have
together, the share that both have.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from checks.findings.fingerprint import Script
from checks.findings.scripts import empty_sketch

if TYPE_CHECKING:
    from datasketch import MinHash

ALIKE = 0.8
"""The least similarity that is told."""
_BANDS = (16, 4)
"""So many parts of a signature with so many numbers: of 5,000 pairs that are 0.8 alike, one is overlooked."""


def groups(scripts: Iterable[tuple[str, Script]]) -> list[dict[str, float]]:
    """The groups of two or more submissions, from each submission with its script.

    Each submission comes with its similarity to the first one of its group, and the first one with that of the one
    that is nearest to it.
    """
    from datasketch import MinHashLSH

    index: MinHashLSH | None = None
    firsts: dict[str, MinHash] = {}
    found: dict[str, dict[str, float]] = {}
    seen: dict[str, tuple[str, float]] = {}
    for submission, script in scripts:
        if script.exact not in seen:
            sketch = _sketch(script)
            index = index or MinHashLSH(num_perm=len(sketch), params=_BANDS)
            near = [(sketch.jaccard(firsts[name]), name) for name in index.query(sketch)]
            similarity, first = max(near, default=(0.0, ""))
            if similarity < ALIKE:
                similarity, first = 1.0, submission
                index.insert(submission, sketch)
                firsts[submission], found[submission] = sketch, {}
            seen[script.exact] = first, similarity
        first, similarity = seen[script.exact]
        found[first][submission] = similarity
    shared = {first: members for first, members in found.items() if len(members) > 1}
    for first, members in shared.items():
        members[first] = max(similarity for name, similarity in members.items() if name != first)
    return list(shared.values())


def _sketch(script: Script) -> MinHash:
    import numpy as np

    sketch = empty_sketch().copy()
    numbers = np.frombuffer(bytes.fromhex(script.signature), dtype=">u4")
    sketch.hashvalues = numbers.astype(sketch.hashvalues.dtype)
    return sketch
