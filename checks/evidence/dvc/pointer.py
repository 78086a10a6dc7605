"""A `.dvc` file: the pointer that Git keeps in place of data.

Format: https://doc.dvc.org/user-guide/project-structure/dvc-files.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from checks.evidence.documents import parse_yaml
from checks.expect import Failure

_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?\Z")


@dataclass(frozen=True, slots=True)
class Output:
    """One file or folder that a pointer stands for.

    `path` is relative to the repository's root. `md5` ends in `.dir` for a folder: it is then the hash of the
    folder's listing. `size` is in bytes, or None where it was not recorded. `legacy` marks the layout that DVC
    used before version 3.
    """

    path: str
    md5: str
    size: int | None
    legacy: bool

    @property
    def is_folder(self) -> bool:
        """Whether a whole folder is tracked."""
        return self.md5.endswith(".dir")


def parse_pointer(data: bytes, path: str) -> tuple[Output, ...]:
    """The outputs of the pointer at `path` (relative to the repository's root). Raises Failure where it is none."""
    document = parse_yaml(data, path)
    outs = document.get("outs") if isinstance(document, dict) else None
    if not isinstance(outs, list) or not outs:
        raise _not_a_pointer(path, "no list `outs`")
    base = posixpath.join(posixpath.dirname(path), str(document.get("wdir", ".")).replace("\\", "/"))
    return tuple(_output(out, base, path) for out in outs)


def _output(out: object, base: str, where: str) -> Output:
    if not isinstance(out, dict):
        raise _not_a_pointer(where, "an entry of `outs` that is no mapping")
    md5, size, path = out.get("md5"), out.get("size"), out.get("path")
    if not isinstance(path, str):
        raise _not_a_pointer(where, "an output without a `path`")
    if not isinstance(md5, str) or not _MD5.match(md5):
        raise _not_a_pointer(where, f"`md5: {md5}`, which is no MD5 of 32 hexadecimal digits")
    return Output(
        path=posixpath.normpath(posixpath.join(base, path.replace("\\", "/"))),
        md5=md5,
        size=size if type(size) is int else None,
        legacy=out.get("hash") is None,
    )


def _not_a_pointer(where: str, found: str) -> Failure:
    target = where.removesuffix(".dvc")
    return Failure(looked_at=where, expected="a pointer as `dvc add` writes it", found=found, fix=f"dvc add {target}")
