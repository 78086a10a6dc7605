"""Fakes that look right: each fails exactly one step, in words that name it."""

from __future__ import annotations

import json

import pytest

LOCK = "git commit -qam 'A lock'"
RECORD = "env/conda-meta/numpy-2.3.5-py311_0.json"

BOMB = (
    "printf 'a: &a [x,x,x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\\n"
    "d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\\n' >> environment.yml"
)
PIP = "printf '  - pip==25.3\\n  - pip:\\n      - {}\\n' >> environment.yml"
SED = "sed -i '{}' environment.yml"
# What is typed, and a phrase of what `environment` says.
ALONE: dict[str, tuple[str, str]] = {
    "a range that is one version today": (SED.format("s/numpy=2.3.5/numpy>=2.3.5,<2.4/"), "a range"),
    "an alternative": (SED.format("s/numpy=2.3.5/numpy=2.3.5|2.2.6/"), "a range"),
    "a star": (SED.format("s/numpy=2.3.5/numpy=2.3.*/"), "numpy=2.3.*"),
    "a star behind one number": (SED.format("s/numpy=2.3.5/numpy==2.*/"), "numpy==2.*"),
    "no version at all": (SED.format("s/numpy=2.3.5/numpy/"), "no version"),
    "an address of defaults beside conda-forge": (
        SED.format("s#- conda-forge#- conda-forge\\n  - https://repo.anaconda.com/pkgs/main#"), "repo.anaconda.com"),
}  # fmt: skip
# By these the lock is no more that of this file, or the file can't be read.
WITH_OTHERS: dict[str, tuple[str, str]] = {
    "a package of defaults beside conda-forge": (SED.format("s/- numpy=/- defaults::numpy=/"), "defaults::numpy"),
    "no channels": (SED.format("/- conda-forge/d"), "none: then every machine takes its own"),
    "an anchor bomb": (BOMB, "its aliases expanded"),
    "a hundred thousand specs": ('for n in $(seq 100000); do echo "  - p$n=1.0.0"; done >> environment.yml', "more than the"),
    "an option as a dependency": ("echo '  - -x' >> environment.yml", "`-x`"),
    "an editable requirement": (PIP.format("-e git+https://example.org/x.git"), "-e git+https"),
    "another index for pip": (PIP.format("--index-url https://example.org/simple"), "--index-url"),
    "a requirement that is an address": (PIP.format("x @ https://example.org/x.whl"), "an address"),
}  # fmt: skip


@pytest.mark.parametrize("name", [*ALONE, *WITH_OTHERS])
def test_environment_that_is_not_exact(done, name: str) -> None:
    edit, phrase = (ALONE | WITH_OTHERS)[name]
    done.sh(f"{edit}\ngit commit -qam Edit")
    results = done.results()
    failed = {step for step, result in results.items() if result.outcome == "failed"}
    assert failed == {"environment"} if name in ALONE else "environment" in failed
    assert not [result for result in results.values() if result.outcome == "error"]
    assert phrase in f"{results['environment'].looked_at} | {results['environment'].found}"


def without(entry: str, platform: str) -> str:
    """Take the entries of a package, or of all, for a platform out of the lock."""
    return f"""python - <<'END'
from pathlib import Path
lock = Path("conda-lock.yml")
head, *entries = lock.read_text().split("\\n- name: ")
kept = [one for one in entries if not (one.startswith("{entry}") and "platform: {platform}" in one)]
lock.write_text("\\n- name: ".join([head, *kept]))
END
{LOCK}"""


FAKES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "a hash in the lock typed by hand": (
        f"sed -i '/linux-64\\/numpy-2.3.5-py311_0.conda/,/md5:/s/md5: .*/md5: {'0' * 32}/' conda-lock.yml; {LOCK}",
        "created", ("numpy 2.3.5 with another hash than the locked one",)),
    "a package of another channel in the lock": (
        f"sed -i 's#channels/conda-forge/\\(.*/joblib\\)#channels/pkgs/main/\\1#' conda-lock.yml; {LOCK}",
        "lock", ("joblib", "one from")),
    "a package missing on the second platform": (
        without("numpy", "osx-arm64"), "lock", ("conda-lock.yml, osx-arm64", "no numpy")),
    "a second platform in name alone": (without("", "osx-arm64"), "lock", ("conda-lock.yml, osx-arm64", "no python")),
    # Name, address and fields of the record change together: the lock still says another version.
    "a record of a version that was renamed whole": (
        f"sed 's/2.3.5/2.2.6/g' {RECORD} > {RECORD.replace('2.3.5', '2.2.6')}; rm {RECORD}",
        "created", ("numpy 2.2.6 py311_0, locked is 2.3.5 py311_0",)),
    "records without a package": (f"rm {RECORD}", "created", ("no numpy 2.3.5",)),
    "an empty environment": ("rm -rf env; mkdir -p env/conda-meta", "created", ("no package at all",)),
    "an environment of another platform": (
        "sed -i 's/linux-64/win-64/g' env/conda-meta/*.json",
        "created", ("packages for win-64, and the lock is for linux-64, osx-arm64",)),
    "an environment committed": (
        "git add -f env/conda-meta/history; git commit -qm Environment",
        "created", ("files of the environment, committed",)),
    "work of another learner": (
        'printf \'id = "eve@example.org"\\nname = "Eve"\\n\' > ../../learner.toml; git commit -qam Mine',
        "answer", ("eve@example.org",)),
}  # fmt: skip


@pytest.mark.parametrize("name", FAKES)
def test_fake(done, name: str) -> None:
    commands, step, phrases = FAKES[name]
    done.sh(commands)
    done.fails(step, *phrases)


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        ({"rmse": 1.0}, "rmse 1"),
        ({"mae": 99.0}, "mae 99"),
        ({"r2": float("nan")}, "no number r2"),
        ({"rmse": "32"}, "no number rmse"),
        ({"rmse": 10**400}, "no number rmse"),
        ({"versions": {"python": "3.11.7", "numpy": "2.3.5"}}, "no scikit-learn"),
        ({"versions": "all"}, "no python, numpy, scikit-learn"),
        ({"data": {"md5": 5}}, "no md5"),
    ],
)
def test_metrics_typed_by_hand(done, change: dict[str, object], phrase: str) -> None:
    path = done.folder / "metrics.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    done.sh("git commit -qam Metrics")
    done.fails("answer", phrase)
