"""Conda packages made of a Python of this machine and of wheels."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from tests.engines.bytecode import compile_modules
from tests.engines.plain_python import SERIES, PlainPython

NATIVE = "linux-64"
OTHERS = ("osx-arm64",)
"""Platforms that can be locked, and not installed: their packages hold no files."""
_LEFT_OUT = ("site-packages", "dist-packages", "test", "tests", "idlelib", "turtledemo", "tkinter", "__pycache__")
_SYSTEMS_OWN = re.compile(r"(linux-vdso|ld-linux.*|lib(c|m|dl|rt|pthread|util|resolv|nsl|crypt))[.-].*")
"""Libraries of glibc, which a package never brings."""
_LIBRARY = re.compile(r"=> (/\S+)")
_MADE = datetime(2025, 11, 1, tzinfo=UTC)


def make(channel: Path, name: str, version: str, depends: Iterable[str], files: Path) -> None:
    """Put a package into the channel: with `files` for this platform, without any for the others."""
    from rattler_build import assemble_package

    build = f"py{sys.version_info.major}{sys.version_info.minor}_0" if name != "python" else "0_cpython"
    for subdir in (NATIVE, *OTHERS):
        (channel / subdir).mkdir(parents=True, exist_ok=True)
        assemble_package(
            name,
            version,
            subdir,
            build,
            channel / subdir,
            files_dir=files if subdir == NATIVE else None,
            depends=list(depends),
            license="see the wheel" if name != "python" else "Python-2.0",
            timestamp=_MADE,
            compression_level=1,
        )


def lay_out_python(python: PlainPython, work: Path, patchelf: Path) -> Path:
    """This Python so that it runs wherever it is put: its libraries beside it, found relative to itself."""
    root = work / "python"
    library = root / "lib" / SERIES
    for folder in python.standard_library:
        left_out = shutil.ignore_patterns(*_LEFT_OUT, "*.a", "*.o")
        shutil.copytree(folder, library, ignore=left_out, dirs_exist_ok=True)
    (library / "site-packages").mkdir()
    (library / "site-packages/README.txt").write_text("Packages go here.\n")
    (root / "bin").mkdir()
    binary = root / "bin" / SERIES
    shutil.copy2(python.executable, binary)
    for name in ("python", "python3"):
        (root / "bin" / name).symlink_to(SERIES)
    modules = sorted(library.glob("lib-dynload/*.so"))
    for needed in sorted(_needed([binary, *modules])):
        shutil.copy2(needed, root / "lib" / needed.name)
        (root / "lib" / needed.name).chmod(0o755)
    for path in [binary, *modules, *root.glob("lib/*.so*")]:
        rpath = "$ORIGIN/../lib" if path == binary else "$ORIGIN/../.." if path in modules else "$ORIGIN"
        subprocess.run([patchelf, "--set-rpath", rpath, path], check=True)
    compile_modules(library)
    return root


def _needed(binaries: Iterable[Path]) -> set[Path]:
    """The libraries that these are linked with, and that not every Linux has."""
    found: set[Path] = set()
    for binary in binaries:
        listed = subprocess.run(["ldd", binary], capture_output=True, text=True, check=False).stdout
        found |= {Path(path) for path in _LIBRARY.findall(listed)}
    return {path for path in found if not _SYSTEMS_OWN.match(path.name)}


def download(into: Path, pip: Path, wanted: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], Path]:
    """The wheels of these packages and versions."""
    found = {}
    for name, versions in wanted.items():
        for version in versions:
            folder = into / f"{name}-{version}"
            _pip(pip, "download", "--only-binary", ":all:", "--dest", folder, f"{name}=={version}")
            (found[name, version],) = folder.iterdir()
    return found


def unpack(wheel: Path, root: Path, pip: Path) -> Path:
    """A folder with the files of a wheel where an environment has them."""
    target = root / "lib" / SERIES / "site-packages"
    _pip(pip, "install", "--no-compile", "--target", target, wheel)
    shutil.rmtree(target / "bin", ignore_errors=True)
    for installer in target.glob("*.dist-info/INSTALLER"):
        installer.write_text("conda\n")
    compile_modules(target)
    return root


def _pip(pip: Path, verb: str, *arguments: str | Path) -> None:
    subprocess.run([pip, verb, "-qq", "--no-deps", "--disable-pip-version-check", *arguments], check=True)
