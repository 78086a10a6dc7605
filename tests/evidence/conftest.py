"""Real repositories, made by the real git and dvc in folders of their own, with no setting of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.evidence.files import Files
from checks.evidence.git.repository import Git
from checks.evidence.git.snapshot import Snapshot


@dataclass(frozen=True)
class Repo:
    """One Git repository, and how to run the tools in it."""

    root: Path
    env: dict[str, str]

    def git(self, *arguments: str, data: bytes | None = None) -> str:
        """What `git` prints. Its configuration comes from the repository alone."""
        return self.raw(*arguments, data=data).decode().strip()

    def raw(self, *arguments: str, data: bytes | None = None) -> bytes:
        command = ["git", *arguments]
        return subprocess.run(command, cwd=self.root, env=self.env, input=data, capture_output=True, check=True).stdout

    def dvc(self, *arguments: str, folder: str = ".") -> None:
        """Run `dvc` in a folder of the repository."""
        command = [sys.executable, "-m", "dvc", *arguments, "-q"]
        subprocess.run(command, cwd=self.root / folder, env=self.env, capture_output=True, check=True)

    def write(self, path: str, content: str | bytes) -> Path:
        at = self.root / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(content if isinstance(content, bytes) else content.encode())
        return at

    def commit(self, message: str, **files: str | bytes) -> str:
        """Write `files` (`__` stands for `/`, a last `_txt` for `.txt`), commit everything, and return the id."""
        for name, content in files.items():
            self.write(name.replace("__", "/").replace("_txt", ".txt"), content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    @property
    def read(self) -> Git:
        """The reader that is tested, on this repository, fresh."""
        return Git(Files(self.root))

    @property
    def last(self) -> Snapshot:
        """The files of the last commit, as the reader that is tested reads them."""
        git = self.read
        assert git.tip is not None
        return git.at(git.tip)


@pytest.fixture(scope="session")
def tool_env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which git and dvc see nothing of this machine's settings."""
    home = tmp_path_factory.mktemp("home")
    config = home / "gitconfig"
    config.write_text(
        "[user]\nname = Learner\nemail = learner@example.org\n[init]\ndefaultBranch = main\n"
        '[protocol "file"]\nallow = always\n[safe]\ndirectory = *\n[gc]\nauto = 0\n'
    )
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(home / "site-cache"),
        "DVC_GLOBAL_CONFIG_DIR": str(home),
        "DVC_SYSTEM_CONFIG_DIR": str(home),
    }


@pytest.fixture(scope="session")
def new_repo(tmp_path_factory: pytest.TempPathFactory, tool_env: dict[str, str]) -> Callable[..., Repo]:
    """Make an empty repository; `git init`'s own options may be given."""

    def make(*options: str) -> Repo:
        repo = Repo(tmp_path_factory.mktemp("repo"), tool_env)
        repo.git("init", "-q", *options)
        return repo

    return make


@pytest.fixture
def repo(new_repo: Callable[..., Repo]) -> Repo:
    """An empty repository for one test."""
    return new_repo()


@pytest.fixture(scope="session")
def busy(new_repo: Callable[..., Repo]) -> Repo:
    """A repository with a life: merges, all kinds of tags, an amended commit, packed and loose. Only read it."""
    repo = new_repo()
    repo.commit("First\n\nWith a body", a_txt="1", deep__er__b_txt="x" * 5000)
    repo.git("tag", "light")
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("On the side", side_txt="s")
    repo.git("checkout", "-q", "main")
    repo.commit("On main", a_txt="2")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge side", "side")
    repo.git("tag", "-a", "-m", "An annotated one", "noted")
    repo.git("tag", "-a", "-m", "A tag of a tag", "nested", "noted")
    repo.git("tag", "of-a-blob", "HEAD:a.txt")
    repo.git("tag", "of-a-tree", "HEAD^{tree}")
    for number in range(12):
        repo.commit(f"Version {number}", deep__er__b_txt="x" * 5000 + str(number))
    repo.git("gc", "-q")
    repo.commit("To be amended", loose_txt="loose")
    repo.write("loose.txt", "amended")
    repo.git("commit", "-q", "-a", "--amend", "-m", "Amended")
    repo.git("tag", "later")
    repo.git("tag", "-f", "light", "HEAD~1")
    os.symlink("a.txt", repo.root / "link")
    repo.commit("A link, and a name in Unicode", **{"naïve name": "ü"})
    return repo
