"""Other honest routes to the same state pass every step, whatever made the lock and the environment."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

CREATE = "rm -rf env\n"
COMMIT = "git add -A .\ngit commit -qm 'Another way'\n"
PIP_OFFLINE = {"PIP_NO_INDEX": "1"}
EXPLICIT = f"""{CREATE}git rm -q conda-lock.yml
conda env create -q --file environment.yml --prefix ./env
conda list --prefix ./env --explicit --md5 > conda-linux-64.txt
"""
FROM_THE_SOLUTION = {
    "an explicit list of the environment that environment.yml gave": f"{EXPLICIT}{COMMIT}",
    "an environment made of an explicit list, in the folder of locks": f"{EXPLICIT}mkdir locks; mv conda-linux-64.txt "
    f"locks/linux-64.lock; {CREATE}conda create -q -y --prefix ./env --file locks/linux-64.lock\n{COMMIT}",
    "an explicit list that conda-lock rendered": "conda-lock render --kind explicit --platform linux-64 conda-lock.yml"
    f"\ngit rm -q conda-lock.yml\n{COMMIT}",
    "an environment in a hidden folder": "mv env .conda",
    "conda-meta alone, as an archive carries it": "mv env all; mkdir env; cp -r all/conda-meta env; rm -rf all",
    "specs with their channel": "sed -i 's/- numpy/- conda-forge::numpy/' environment.yml; git commit -qam Channels",
    "specs with two equals signs": "sed -i -E 's/=([0-9])/==\\1/' environment.yml; git commit -qam Exact",
    "specs with a blank": "sed -i -E 's/=([0-9])/ =\\1/' environment.yml; git commit -qam Blanks",
    "no channels but its own": "sed -i 's/- conda-forge/- conda-forge\\n  - nodefaults/' environment.yml;"
    "git commit -qam Nodefaults",
    "the file of an export without builds": "echo 'name: reproducibility-env' > file; conda env export --no-builds "
    "--prefix ./env | sed -n -e '/^prefix/q' -e '/^channels/,$p' >> file; mv file environment.yml;"
    "git commit -qam Export",
    "a lock of another name": "git mv conda-lock.yml cpu.conda-lock.yml; git commit -qam Name",
    "a lock with MD5 alone": "sed -i '/    sha256:/d' conda-lock.yml; git commit -qam MD5",
    "a lock with SHA-256 alone": "sed -i '/    md5:/d' conda-lock.yml; git commit -qam SHA",
    "work that goes on": "echo '# Notes' > notes.md; git add notes.md; git commit -qm Notes",
    "a detached HEAD": "git switch -q --detach",
    "Windows line ends in what is committed": "for file in environment.yml conda-lock.yml metrics.json; do sed 's/$/\\r/' "
    "$file > crlf; git update-index --cacheinfo 100644,$(git hash-object -w --no-filters crlf),"
    "$(git ls-files --full-name $file); rm crlf; done; git commit -qm CRLF",
}


@pytest.mark.parametrize("route", FROM_THE_SOLUTION)
def test_route_from_the_solution(done, route: str) -> None:
    done.sh(FROM_THE_SOLUTION[route])
    done.passes()


def test_pip_with_a_version_of_two_parts(done) -> None:
    """`pip=25.3` is a range to conda; the lock shows that there is no longer version of it here."""
    done.sh(
        "sed -i 's/  - numpy/  - pip=25.3\\n  - numpy/' environment.yml; rm -rf env conda-lock.yml\n"
        "conda-lock lock --file environment.yml --platform linux-64 --platform osx-arm64\n"
        f"conda-lock install --prefix ./env conda-lock.yml\n{COMMIT}"
    )
    done.passes()


def test_pip_section(done, tmp_path: Path) -> None:
    """What pip installs is in the environment file; an explicit list cannot hold it."""
    wheel = "conda-meta/../lib/python3*/site-packages/tabulate*"
    done.sh(
        "sed -i -e '$a\\  - pip==25.3\\n  - pip:\\n      - tabulate==0.9.0' environment.yml\n"
        "rm -rf env; git rm -q conda-lock.yml; conda create -q -y --prefix ./other conda-forge::tabulate=0.9.0\n"
        "conda create -q -y --prefix ./env $(grep -oE '(python|numpy|scikit-learn)=[0-9.]+' environment.yml) pip=25.3\n"
        "conda list --prefix ./env --explicit --md5 > conda-linux-64.txt\n"
        f"cp -r other/{wheel} env/lib/python3*/site-packages/; rm -rf other\n{COMMIT}"
    )
    done.passes()


def test_environment_installed_by_rattler(done) -> None:
    """mamba and pixi write records of the same form."""
    done.sh("rm -rf env")
    # In a thread of its own: in this one a browser's loop runs on, where a test before needed one.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, install_with_rattler(done.folder)).result()
    assert (done.folder / "env/bin/python").exists()
    done.passes()


async def install_with_rattler(folder: Path) -> None:
    """Solve and install what environment.yml names, without conda."""
    from rattler import Channel, Subdir, install, solve

    channel = Channel((Path(os.environ["CONDARC"]).parent / "channels/conda-forge").as_uri())
    lines = (folder / "environment.yml").read_text().splitlines()
    specs = [line.removeprefix("  - ") for line in lines if line.startswith("  - ") and "=" in line]
    records = await solve([channel], specs, platforms=[str(Subdir.current()), "noarch"])
    await install(records, target_prefix=folder / "env")


def test_environment_with_a_name_on_ones_own_machine(done, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """conda's own folder is looked at where the clone's owner checks, and nowhere else."""
    home = tmp_path / "home"
    (home / ".conda").mkdir(parents=True)
    named = tmp_path / "envs/reproducibility-env"
    named.parent.mkdir()
    (done.folder / "env").rename(named)
    done.fails("created", "an environment: a folder with conda-meta")
    (home / ".conda/environments.txt").write_text(f"/gone\n{named}\n")
    monkeypatch.setenv("HOME", str(home))
    done.passes(here=True)
    done.fails("created", "an environment: a folder with conda-meta")


def test_environment_on_the_search_path_of_conda(done, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CONDA_ENVS_PATH", str(tmp_path / "envs"))
    (tmp_path / "envs").mkdir()
    (done.folder / "env").rename(tmp_path / "envs/reproducibility-env")
    done.passes(here=True)
