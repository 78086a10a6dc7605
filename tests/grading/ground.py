"""What a hostile submission is built on: a finished clone, things outside that it must not reach, a mark that code left."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TASK = "1_model_versioning/task1_intro_to_dvc"
POINTER = f"{TASK}/data/rentals.csv.dvc"
DATA = f"{TASK}/data/rentals.csv"
SECRET = b"outs:\n- md5: 00000000000000000000000000000000\n  path: the-secret\n"


@dataclass(frozen=True)
class Ground:
    """Where one attack is built. `folder` is a finished clone of its own, to be spoilt."""

    folder: Path
    outside: Path
    """Somebody else's: `secret` (a file) and `other` (a finished clone)."""
    marker: Path
    """Every payload makes this file. It must never be there."""

    @property
    def payload(self) -> str:
        """A shell command that leaves the mark."""
        return f"touch {self.marker}"

    @property
    def python(self) -> str:
        """Python code that leaves the mark."""
        return f"open({str(self.marker)!r}, 'w').close()\n"

    @property
    def task(self) -> Path:
        """The task folder."""
        return self.folder / TASK

    @property
    def git_folder(self) -> Path:
        """The repository."""
        return self.folder / ".git"

    def git(self, *arguments: str, data: bytes | None = None) -> str:
        """What Git prints, with no hook of the submission. For building only."""
        command = ["git", "-c", "core.hooksPath=/dev/null", *arguments]
        done = subprocess.run(command, cwd=self.folder, input=data, check=True, capture_output=True)
        return done.stdout.decode("utf-8", "replace").strip()

    def write(self, path: str, content: bytes | str, *, executable: bool = False) -> Path:
        """Put a file into the clone, in place of what is there."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_symlink() or place.exists():
            place.unlink()
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        if executable:
            place.chmod(0o755)
        return place

    def commit(self, path: str, content: bytes | str) -> None:
        """Put a file into the clone and into its last commit."""
        self.write(path, content)
        self.git("add", "--force", path)
        self.git("commit", "--quiet", "--message", f"Change {path}")

    def uncommit(self, path: str) -> None:
        """Take a file or a folder out of the last commit, and a file out of the clone."""
        self.git("rm", "--quiet", "-r", "--cached", path)
        self.git("commit", "--quiet", "--message", f"Without {path}")

    def replace(self, path: str, make: Callable[[Path], object]) -> None:
        """Make something else at a path, in place of the file or folder there."""
        place = self.folder / path
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
        make(place)

    def link(self, path: str, target: Path | str) -> None:
        """Put a symbolic link in the place of something."""
        self.replace(path, lambda place: place.symlink_to(target))

    def sparse(self, path: str, size: int = 5 << 30) -> None:
        """Put a file of `size` bytes that takes no room in the place of something."""

        def make(place: Path) -> None:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
            os.truncate(place, size)

        self.replace(path, make)

    def loose_object(self, revision: str) -> str:
        """The path of an object as a file of its own; the packs are unpacked for it."""
        packs = list((self.git_folder / "objects/pack").glob("*.pack"))
        for pack in packs:
            moved = self.folder.parent / pack.name
            shutil.move(pack, moved)
            self.git("unpack-objects", "-q", data=moved.read_bytes())
            moved.unlink()
        name = self.git("rev-parse", revision)
        return f".git/objects/{name[:2]}/{name[2:]}"


Build = Callable[[Ground], object]


@dataclass(frozen=True)
class Attack:
    """A way to spoil a clone, and what grading must say of it. With neither `step` nor `problem`: full marks."""

    name: str
    build: Build
    step: str | None
    """The first step that does not pass."""
    problem: str | None
    """The kind of the problem."""
    says: str
    """What the message must hold."""
    folder_name: str | None = None


ATTACKS: dict[str, Attack] = {}


def passes(name: str, build: Build, folder_name: str | None = None) -> None:
    """Add an attack that costs nothing: full marks."""
    _add(Attack(name, build, None, None, "", folder_name))


def fails(step: str, says: str, name: str, build: Build) -> None:
    """Add an attack by the first step that does not pass, and what the message must hold."""
    _add(Attack(name, build, step, None, says))


def refused(problem: str, says: str, name: str, build: Build) -> None:
    """Add an attack by the kind of the problem, and what the message must hold."""
    _add(Attack(name, build, None, problem, says))


def _add(attack: Attack) -> None:
    assert attack.name not in ATTACKS
    ATTACKS[attack.name] = attack


def attack(
    *, step: str | None = None, problem: str | None = None, says: str = ""
) -> Callable[[Callable[[Ground], None]], Callable[[Ground], None]]:
    """Add a builder of several lines to the corpus, under its own name."""

    def add(build: Callable[[Ground], None]) -> Callable[[Ground], None]:
        _add(Attack(build.__name__.replace("_", "-"), build, step, problem, says))
        return build

    return add


def prepare(solution: Path, into: Path) -> None:
    """What grounds are copied from: the finished clone with few files in it, and the same with objects one a file.

    What the course itself did before the learner came is cut off, as in a shallow clone: it is copied for each attack.
    """
    for folder in (into / "clone", into / "outside/other"):
        shutil.copytree(solution / ".git", folder / ".git", symlinks=True, ignore=shutil.ignore_patterns("*.sample"))
        shutil.copytree(solution / ".storage", folder / ".storage", symlinks=True)
        kept = shutil.ignore_patterns("mistakes", "solution", "starter", "__pycache__", "tmp")
        shutil.copytree(solution / TASK, folder / TASK, symlinks=True, ignore=kept)
        shutil.copy(solution / "learner.toml", folder)
        git = Ground(folder, into, into).git
        (folder / ".git/shallow").write_text(git("merge-base", "HEAD", "origin/HEAD") + "\n")
        for name_of_origin in git("for-each-ref", "--format=%(refname)", "refs/remotes").split():
            git("update-ref", "--no-deref", "-d", name_of_origin)
        git("reflog", "expire", "--expire=all", "--all")
        git("repack", "-adq")
    Ground(into / "outside/other", into, into).loose_object("HEAD")
    (into / "outside/secret").write_bytes(SECRET)


def lay_ground(place: Path, base: Path, name: str = "clone") -> Ground:
    """A fresh ground below `place`. What is outside is shared: nothing may change it."""
    place.mkdir(exist_ok=True)
    (place / "outside").symlink_to(base / "outside", target_is_directory=True)
    return Ground(
        shutil.copytree(base / "clone", place / "class" / name, symlinks=True), place / "outside", place / "marker"
    )


def untouched(folder: Path) -> dict[str, tuple[int, int, int, str]]:
    """What a folder holds: mode, size, time and hash of every file, to be compared later."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        plain = stat.S_ISREG(status.st_mode) and status.st_size < 1 << 24
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if plain else ""
        size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
        found[str(path.relative_to(folder))] = (status.st_mode, size, status.st_mtime_ns, digest)
    return found


def forget_reading(folder: Path) -> None:
    """Set back when each file was last read, so that the next reading shows."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, ns=(10**18, path.stat().st_mtime_ns))


def read_files(folder: Path) -> list[str]:
    """The files that were read since `forget_reading`."""
    return [str(path) for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_atime_ns != 10**18]
