"""Bytecode for packages, so that no container and no sandbox compiles what was compiled before.

Packages of conda bring theirs; wheels may. It is not held against its source's time, which whoever copies or unpacks a
file changes. The packages' own tests, which are most of what there is to compile, are left out.
"""

from __future__ import annotations

import compileall
import hashlib
import shutil
import tempfile
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path
from py_compile import PycInvalidationMode


def compile_modules(root: Path) -> None:
    """Compile every module below a folder, and remove the folders of tests."""
    for tests in [path for path in root.rglob("tests") if path.is_dir()]:
        shutil.rmtree(tests)
    compileall.compile_dir(
        root, maxlevels=50, quiet=2, force=True, workers=0, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
    )


def compile_wheel(wheel: Path) -> None:
    """Replace a wheel by one with bytecode.

    Its format, with the RECORD of all files: https://packaging.python.org/en/latest/specifications/binary-distribution-format/.
    """
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(root)
        compile_modules(root)
        (record,) = root.glob("*.dist-info/RECORD")
        record.unlink()
        files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        rows = [f"{name},sha256={_digest(content)},{len(content)}\n" for name, content in files.items()]
        files[record.relative_to(root).as_posix()] = "".join([*rows, f"{record.relative_to(root)},,\n"]).encode()
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, content in files.items():
                archive.writestr(name, content)


def _digest(content: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
