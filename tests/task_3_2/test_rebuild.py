"""The environment is made again from the lock, in the real sandbox: honest routes pass, and hostile locks do nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from checks.core.clone import Clone
from checks.core.selection import Selection
from checks.core.workspace import Rebuilt, Script, Workspace
from checks.expect import NotJudged
from checks.model import Outcome
from checks.submissions.check import check_submission
from tests import golden
from tests.task_3_2.packages import make_package

EXPLICIT = """conda list --prefix ./env --explicit --md5 > conda-linux-64.txt
git rm -q conda-lock.yml; git add conda-linux-64.txt; git commit -qm 'A list'
"""
EVERYTHING = (
    "find . -path ./data -prune -o -newer README.md -print; ls -d ../escaped ../../escaped /tmp/* /home/learner/*"
)


def outcomes(done, path: Path, rebuilder=None) -> dict[str, tuple[Outcome, str | None]]:
    report = check_submission(done.course, path, [Selection(done.task)], rebuilder)
    golden.hold(report)
    assert report.problem is None
    return {step.step.partition("/")[2]: (step.outcome, step.reason) for step in report.steps}


def test_branch_with_an_explicit_list_passes_every_step(done, rebuilder, tmp_path: Path) -> None:
    """One rebuild gives both the environment that a branch cannot carry and its answer."""
    done.sh(f"{EXPLICIT}git clone -q --bare ../.. {tmp_path}/bare")
    assert {outcome for outcome, _ in outcomes(done, tmp_path / "bare", rebuilder).values()} == {Outcome.PASSED}
    without = outcomes(done, tmp_path / "bare")
    assert {name for name, (outcome, _) in without.items() if outcome is Outcome.UNAVAILABLE} == {"created", "recreate"}
    assert "add --rebuild" in (without["created"][1] or "")


def test_hash_that_nobody_can_install(done, rebuilder) -> None:
    """Lock and records were changed alike, so that they agree: only the packages themselves tell."""
    lock = done.folder / "conda-lock.yml"
    after = lock.read_text().partition("linux-64/joblib-1.5.2-py311_0.conda")[2]
    real = after.partition("sha256: ")[2].splitlines()[0]
    for file in (lock, *done.folder.glob("env/conda-meta/joblib-*.json")):
        file.write_text(file.read_text().replace(real, "0" * 64))
    done.sh("git commit -qam Hash")
    results = done.results(rebuilder)
    assert [name for name, result in results.items() if result.outcome is Outcome.FAILED] == ["recreate"]
    assert results["recreate"].looked_at == "joblib 1.5.2 py311_0 in the lock, and in the channel conda-forge"
    assert results["recreate"].expected == f"the channel's hash: {real}"


BY_PIP = """for platform in linux-64 osx-arm64; do
  printf -- "- name: tabulate\\n  version: 0.9.0\\n  manager: pip\\n  platform: $platform\\n" >> conda-lock.yml
  printf "  hash: {sha256: '%064d'}\\n" 0 >> conda-lock.yml
done
"""
NEWER = """sed -i 's/joblib-1.5.2/joblib-1.5.3/; s/  version: 1.5.2/  version: 1.5.3/' conda-lock.yml
sed -i 's/"joblib": "1.5.2"/"joblib": "1.5.3"/' metrics.json
"""


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ("sed -i 's/linux-64/win-64/g' conda-lock.yml\n", "and the lock is for osx-arm64, win-64"),
        (BY_PIP, "pip installs tabulate"),
        (NEWER, "joblib 1.5.3 py311_0 cannot be had on this machine"),
    ],
)
def test_what_cannot_be_made_on_this_machine(done, rebuilder, edit: str, reason: str) -> None:
    done.sh(f"{edit}git commit -qam Edit")
    outcome, why = outcomes(done, done.root, rebuilder)["recreate"]
    assert outcome is Outcome.UNAVAILABLE
    assert reason in (why or "")


@pytest.fixture
def channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The channel conda-forge of this machine, empty."""
    settings = tmp_path / "condarc"
    settings.write_text(f"channel_alias: {(tmp_path / 'channels').as_uri()}\n")
    monkeypatch.setenv("CONDARC", str(settings))
    monkeypatch.delenv("CONDA_PKGS_DIRS", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "channels/conda-forge"


@pytest.fixture
def made(begun, rebuilder) -> Iterator[Callable[..., Rebuilt]]:
    """What a script makes in an environment of these packages."""
    begun.sh("git add ../../learner.toml; git commit -qm Start")
    with closing(Workspace(Clone(begun.root), begun.task.folder, rebuilder)) as work:
        yield lambda script, *packages: work.rebuilt_in_environment(packages, Script(script, results=("out",)))


def test_only_the_packages_are_there(made, channel: Path) -> None:
    one = make_package(channel, "one", {"share/one": b"1"}, links={"share/again": "one"})
    two = make_package(channel, "two", {"bin/two": b"#!/bin/sh\necho two\n"}, depends=("one",))
    rebuilt = made("mkdir out; cat env/share/again > out/one; env/bin/two > out/two; rm -rf env; mkdir env", one, two)
    work = rebuilt.work
    assert rebuilt.exit_code == 0
    assert work.files.read(work.path("out/one")) == b"1"
    assert work.files.read(work.path("out/two")) == b"two\n"
    (prefix,) = work.conda.prefixes()
    assert {package.name: package.sha256 for package in prefix.packages} == {"one": one.sha256, "two": two.sha256}


def test_scripts_of_a_package_are_not_run(made, channel: Path) -> None:
    script = b"#!/bin/sh\necho ran > $PREFIX/../ran\necho ran > /tmp/ran\n"
    package = make_package(
        channel, "evil", {"bin/.evil-post-link.sh": script, "bin/.evil-pre-link.sh": script, "share/x": b""}
    )
    rebuilt = made("ls -a . .. /tmp env/bin; test -e env/share/x", package)
    assert rebuilt.exit_code == 0
    assert ".evil-post-link.sh" in rebuilt.output
    assert "ran" not in rebuilt.output.split()


@pytest.mark.parametrize("path", ["../../escaped", "/tmp/escaped"])
def test_archive_that_leads_out(made, channel: Path, path: str) -> None:
    """What is in it comes to no place outside of the environment, and all of this happens in the sandbox."""
    package = make_package(channel, "climber", {"share/x": b"", path: b"out"})
    with pytest.raises(NotJudged, match="the locked packages were not installed"):
        made("true", package)


def test_link_that_leads_out(made, channel: Path) -> None:
    """Inside the sandbox it leads to the sandbox's own files; none of it is copied out."""
    package = make_package(channel, "linker", {"share/x": b""}, links={"share/secret": "/etc/shadow"})
    rebuilt = made("mkdir out; cat env/share/secret > out/secret; ln -s /etc out/etc", package)
    assert "/etc" not in rebuilt.work.files.read(rebuilt.work.path("out/secret")).decode()
    assert rebuilt.work.files.names(rebuilt.work.path("out")) == ["secret"]


def test_committed_environment_does_not_count(begun, made, channel: Path) -> None:
    """Neither does a committed folder where the packages appear."""
    begun.sh("mkdir -p env/bin; echo 'echo mine' > env/bin/tool; git add -f env; git commit -qm Mine")
    begun.sh("mkdir -p ../../.mlsd-packages; cp train.py ../../.mlsd-packages/conda_install.py")
    begun.sh("git add -f ../../.mlsd-packages; git commit -qm Mine")
    assert made("ls env/bin", make_package(channel, "honest", {"bin/honest": b""})).output == "honest"
