"""A `.dvc` file: the pointer that Git keeps in place of data.

Format: https://doc.dvc.org/user-guide/project-structure/dvc-files.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from checks.evidence.documents import parse_yaml_text
from checks.expect import Failure

MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?\Z")
_SIZE = re.compile(r"[0-9]{1,18}\Z")


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
    document = parse_yaml_text(data, path)
    outs = document.get("outs") if isinstance(document, dict) else None
    if not isinstance(outs, list) or not outs:
        raise _not_a_pointer(path, "no list `outs`")
    folder = document.get("wdir", ".")
    if not isinstance(folder, str):
        raise _not_a_pointer(path, "a `wdir` that is no path")
    base = posixpath.join(posixpath.dirname(path), folder.replace("\\", "/"))
    return tuple(_output(out, base, path) for out in outs)


def _output(out: object, base: str, where: str) -> Output:
    if not isinstance(out, dict):
        raise _not_a_pointer(where, "an entry of `outs` that is no mapping")
    md5, size, path = out.get("md5"), out.get("size"), out.get("path")
    if not isinstance(path, str):
        raise _not_a_pointer(where, "an output without a `path`")
    if not isinstance(md5, str) or not MD5.match(md5):
        # Only a text is shown: written out, the aliases of a list can fill the memory.
        shown = f"`md5: {md5[:60]}`" if isinstance(md5, str) else "an `md5`"
        raise _not_a_pointer(where, f"{shown}, which is no MD5 of 32 hexadecimal digits")
    return Output(
        path=posixpath.normpath(posixpath.join(base, path.replace("\\", "/"))),
        md5=md5,
        size=int(size) if isinstance(size, str) and _SIZE.match(size) else None,
        legacy=out.get("hash") is None,
    )


def _not_a_pointer(where: str, found: str) -> Failure:
    target = where.removesuffix(".dvc")
    return Failure(looked_at=where, expected="a pointer as `dvc add` writes it", found=found, fix=f"dvc add {target}")
