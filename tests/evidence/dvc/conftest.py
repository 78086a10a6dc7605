"""DVC repositories, made by the real dvc; and dvc's own API as the oracle that the readers are held against."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.evidence.conftest import Repo

FIRST = "day,rides\n1,10\n"
SECOND = FIRST + "2,20\n"


@pytest.fixture(scope="module", autouse=True)
def quiet_dvc(tool_env: dict[str, str]) -> Any:
    """dvc's API in this process sees nothing of this machine either; tests of other folders have their own settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in tool_env.items():
            if name.startswith(("DVC_", "GIT_")):
                patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def course(new_repo: Callable[..., Repo]) -> Repo:
    """A DVC repository in the folder `task` (`--subdir`): two versions of a file, a folder, a remote. Only read it."""
    repo = new_repo()
    repo.write("task/README.md", "")
    repo.dvc("init", "--subdir", folder="task")
    repo.dvc("remote", "add", "-d", "storage", "../.storage", folder="task")
    repo.write("task/data/rentals.csv", FIRST)
    repo.write("task/photos/a.txt", "a")
    repo.write("task/photos/more/b.txt", "b")
    repo.dvc("add", "data/rentals.csv", "photos", folder="task")
    repo.commit("First")
    repo.dvc("push", folder="task")
    repo.write("task/data/rentals.csv", SECOND)
    repo.dvc("add", "data/rentals.csv", folder="task")
    repo.commit("Second")
    return repo


@pytest.fixture(scope="session")
def at_root(new_repo: Callable[..., Repo]) -> Repo:
    """A DVC repository at the root of its Git repository. Only read it."""
    repo = new_repo()
    repo.dvc("init")
    repo.write("data/rentals.csv", FIRST)
    repo.dvc("add", "data/rentals.csv")
    repo.commit("First")
    return repo
