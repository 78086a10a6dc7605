"""The base image of task 3.1 where no registry can be reached: Debian packages of this machine, and a Python of it.

What results is like the official `python:3.11-slim-bookworm`: a small Debian with apt, and Python below `/usr/local`.
The wheels that the task pins lie in it, so that `pip install` needs no network in a build; and compiled, so that each
build takes seconds.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.engines import plain_python
from tests.engines.bytecode import compile_wheel
from tests.engines.plain_python import SERIES, PlainPython

NAME = "python:3.11-slim-bookworm"
REQUIREMENTS = ("scikit-learn==1.9.1", "pandas==3.1.1")
"""What task 3.1's starter asks for, as the course's lock file pins it."""
WHEELS = "/opt/wheels"

_STATUS = Path("/var/lib/dpkg/status")
_INFO = Path("/var/lib/dpkg/info")
_ALSO = ("apt", "ca-certificates", "netbase", "passwd", "tzdata")
_LIBRARIES = ("libbz2-1.0", "libexpat1", "libffi8", "libgdbm6", "liblzma5", "libncursesw6", "libreadline8",
              "libsqlite3-0", "libssl3", "libstdc++6", "libuuid1", "zlib1g")  # fmt: skip
"""What the official image installs for Python, and what wheels expect."""
_NOT_IN_IT = ("/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/", "/usr/share/info/")
_TESTS = re.compile(r"(^|/)(test|tests|idlelib|lib2to3|site-packages|dist-packages|config-[^/]*)(/|$)")
_PIP_CONFIG = f"[global]\nno-index = true\nfind-links = {WHEELS}\n[install]\ncompile = false\n"
_ACCOUNTS = {
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\n_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "/etc/group": "root:x:0:\nshadow:x:42:\nmail:x:8:\nnogroup:x:65534:\n",
    "/etc/shadow": "root:*:20000:0:99999:7:::\n",
    "/etc/gshadow": "root:*::\n",
}
_PIP = b"""#!/usr/local/bin/python3
from pip._internal.cli.main import main
raise SystemExit(main())
"""
_FOLDERS = (
    "/dev", "/home", "/proc", "/root", "/run", "/sys", "/var/lib/apt/lists/partial", "/var/cache/apt/archives/partial"
)  # fmt: skip
_CHANGES = (
    "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
    "ENV LANG=C.UTF-8",
    'CMD ["python3"]',
)


def build(docker: list[str]) -> None:
    """Import the image into the engine that the command `docker` talks to, where `can_be_built`. Takes half a minute."""
    python = plain_python.find()
    if python is None:
        raise LookupError(f"no {SERIES} on PATH that keeps its packages in site-packages")
    with tempfile.TemporaryDirectory(prefix="mlsd-base-") as scratch:
        wheels = Path(scratch, "wheels")
        pip = [sys.executable, "-m", "pip", "download", "-qq", "--only-binary", ":all:", "--dest", str(wheels)]
        subprocess.run([*pip, *REQUIREMENTS], check=True, stdout=subprocess.DEVNULL)
        for wheel in wheels.iterdir():
            compile_wheel(wheel)
        archive = Path(scratch, "base.tar")
        with tarfile.open(archive, "w") as tar:
            _fill(_Root(tar), python, wheels)
        changes = [
            word for change in (*_CHANGES, f"ENV PYTHON_VERSION={python.version}") for word in ("--change", change)
        ]
        subprocess.run([*docker, "import", *changes, str(archive), NAME], check=True, stdout=subprocess.DEVNULL)


class _Root:
    """The file system of the image, each name in it once."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._names: set[str] = set()

    def put(self, source: str, name: str) -> None:
        """A file, folder or link of this machine. What is in the way of it already stays."""
        # Debian 12 has merged /bin, /lib and /sbin into /usr: a package's own list still names the old places.
        parent, _, base = name.rpartition("/")
        place = f"{os.path.realpath(parent)}/{base}" if parent.startswith(("/bin", "/lib", "/sbin")) else name
        if not place.startswith(_NOT_IN_IT) and self._free(place):
            self._tar.add(source, place.lstrip("/"), recursive=False)

    def write(self, path: str, data: bytes | None, mode: int = 0o644) -> None:
        """A file with this content; a folder where there is none."""
        entry = tarfile.TarInfo(path.lstrip("/"))
        entry.type, entry.mode = (tarfile.DIRTYPE if data is None else tarfile.REGTYPE), mode
        entry.size = len(data or b"")
        if self._free(path):
            self._tar.addfile(entry, io.BytesIO(data or b""))

    def link(self, path: str, target: str) -> None:
        """A symbolic link."""
        entry = tarfile.TarInfo(path.lstrip("/"))
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        if self._free(path):
            self._tar.addfile(entry)

    def _free(self, path: str) -> bool:
        free = path not in self._names
        self._names.add(path)
        return free


def _fill(root: _Root, python: PlainPython, wheels: Path) -> None:
    packages = _closure()
    for path, text in _ACCOUNTS.items():
        root.write(path, text.encode())
    root.write("/var/lib/dpkg/status", _status_of(packages).encode())
    root.write("/etc/pip.conf", _PIP_CONFIG.encode())
    for folder in ("/bin", "/lib", "/lib64", "/sbin"):
        root.put(folder, folder)
    for folder in _FOLDERS:
        root.write(folder, None, 0o755)
    for path in (path for package in packages for path in _paths(package)):
        root.put(path, path)
    for source, place in _installed(python, wheels):
        root.put(source, place)
    for name in ("pip", "pip3"):
        root.write(f"/usr/local/bin/{name}", _PIP, 0o755)
    for name in ("python", "python3"):
        root.link(f"/usr/local/bin/{name}", SERIES)


def _paragraphs() -> Iterator[tuple[str, dict[str, str]]]:
    """Each installed package: its paragraph in dpkg's database, and the fields that matter here."""
    for paragraph in _STATUS.read_text(encoding="utf-8").split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", paragraph, re.MULTILINE))
        if fields.get("Status") == "install ok installed":
            yield paragraph, fields


def _closure() -> list[str]:
    """The packages that make a minimal Debian here, with what they need, and where a package is a choice, what is here."""
    fields = {found["Package"]: found for _, found in _paragraphs()}
    offers = {name: name for name in fields}
    for name, found in fields.items():
        for offer in re.findall(r"([a-z0-9][a-z0-9.+-]+)(?: \([^)]*\))?", found.get("Provides", "")):
            offers.setdefault(offer, name)
    waiting = [name for name, found in fields.items() if found.get("Essential") == "yes"]
    waiting += [name for name in (*_ALSO, *_LIBRARIES) if name in fields]
    chosen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in chosen:
            continue
        chosen.add(name)
        needs = f"{fields[name].get('Pre-Depends', '')},{fields[name].get('Depends', '')}"
        for need in needs.split(","):
            choices = [re.split(r"[ (:]", choice.strip())[0] for choice in need.split("|")]
            waiting.extend([offers[choice] for choice in choices if choice in offers][:1])
    return sorted(chosen)


def _status_of(packages: list[str]) -> str:
    wanted = set(packages)
    return "\n\n".join(text for text, fields in _paragraphs() if fields["Package"] in wanted) + "\n\n"


def _paths(package: str) -> Iterator[str]:
    """The files and folders of a package that are still there, and dpkg's notes on it."""
    for note in (*_INFO.glob(f"{package}.*"), *_INFO.glob(f"{package}:*")):
        yield str(note)
        if note.suffix == ".list":
            yield from (line for line in note.read_text().splitlines() if line != "/." and os.path.lexists(line))
    if package == "ca-certificates":
        yield "/etc/ssl/certs/ca-certificates.crt"


def _installed(python: PlainPython, wheels: Path) -> Iterator[tuple[str, str]]:
    """This Python and pip as they are to lie in the image: source and place."""
    yield str(python.executable), f"/usr/local/bin/{SERIES}"
    library = f"/usr/local/lib/{SERIES}"
    for root in python.standard_library:
        yield from ((source, f"{library}/{inner}") for source, inner in _below(str(root)))
    import pip

    pip_folder = Path(pip.__file__).parent
    yield str(pip_folder), f"{library}/site-packages/pip"
    yield from ((source, f"{library}/site-packages/pip/{inner}") for source, inner in _below(str(pip_folder)))
    for info in pip_folder.parent.glob("pip-*.dist-info"):
        for source, inner in _below(str(info)):
            yield source, f"{library}/site-packages/{info.name}/{inner}"
    if shared := python.shared_library:
        yield str(shared), f"/usr/lib/{os.uname().machine}-linux-gnu/{shared.name}"
    yield from ((str(path), f"{WHEELS}/{path.name}") for path in wheels.iterdir())


def _below(root: str) -> Iterator[tuple[str, str]]:
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not _TESTS.search(name)]
        inner = os.path.relpath(folder, root)
        for name in files:
            yield os.path.join(folder, name), os.path.normpath(os.path.join(inner, name))


def can_be_built() -> bool:
    """Whether this is a machine whose files make such an image: a Debian with Python 3.11, beside its own or in use."""
    return _STATUS.is_file() and SERIES == "python3.11" and plain_python.find() is not None
