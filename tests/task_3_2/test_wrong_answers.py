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
EDITS = {
    "an anchor bomb in environment.yml": (
        "environment",
        BOMB,
        "its aliases expanded",
    ),
    "a hundred thousand specs": (
        "environment",
        'for n in $(seq 100000); do echo "  - p$n=1.0.0"; done >> environment.yml',
        "",
    ),
    "an option as a dependency": ("environment", "echo '  - -x' >> environment.yml", "`-x`"),
    "an editable requirement": (
        "environment",
        "printf '  - pip==25.3\\n  - pip:\\n      - -e git+https://example.org/x.git\\n' >> environment.yml",
        "-e git+https",
    ),
    "another index for pip": (
        "environment",
        "printf '  - pip==25.3\\n  - pip:\\n      - --index-url https://example.org/simple\\n' >> environment.yml",
        "--index-url",
    ),
    "a requirement that is an address": (
        "environment",
        "printf '  - pip==25.3\\n  - pip:\\n      - x @ https://example.org/x.whl\\n' >> environment.yml",
        "an address",
    ),
}
ALONE = {
    "a range that is one version today": ("environment", "sed -i 's/numpy=2.3.5/numpy>=2.3.5,<2.4/'", "a range"),
    "an alternative": ("environment", "sed -i 's/numpy=2.3.5/numpy=2.3.5|2.2.6/'", "a range"),
    "a star": ("environment", "sed -i 's/numpy=2.3.5/numpy=2.3.*/'", "numpy=2.3.*"),
    "no version at all": ("environment", "sed -i 's/numpy=2.3.5/numpy/'", "no version"),
    "an address of defaults beside conda-forge": (
        "environment",
        "sed -i 's#- conda-forge#- conda-forge\\n  - https://repo.anaconda.com/pkgs/main#'",
        "repo.anaconda.com",
    ),
    "a package of defaults beside conda-forge": (
        "environment",
        "sed -i 's/- numpy=/- defaults::numpy=/'",
        "defaults::numpy",
    ),
    "no channels": ("environment", "sed -i '/- conda-forge/d'", "none: then every machine takes its own"),
    "a folder of one machine": ("environment", "sed -i '$aprefix: C:\\\\envs\\\\x'", "prefix: C:"),
}

MEAN_ANOTHER_LOCK = ("no channels", "a package of defaults beside conda-forge")
"""Edits by which the lock is not the one of this file any more."""


@pytest.mark.parametrize("name", ALONE)
def test_environment_that_is_not_exact(done, name: str) -> None:
    step, edit, phrase = ALONE[name]
    done.sh(f"{edit} environment.yml\ngit commit -qam Edit")
    results = done.results()
    assert results[step].outcome == "failed"
    words = f"{results[step].looked_at} | {results[step].found}"
    assert phrase in words
    if name not in MEAN_ANOTHER_LOCK:
        done.fails(step, phrase)


@pytest.mark.parametrize("name", EDITS)
def test_hostile_environment_is_named(done, name: str) -> None:
    step, edit, phrase = EDITS[name]
    done.sh(f"{edit}\ngit commit -qam Edit")
    results = done.results()
    assert results[step].outcome == "failed"
    assert not [result for result in results.values() if result.outcome == "error"]
    assert phrase in f"{results[step].looked_at} | {results[step].found}"


def test_hash_in_the_lock_typed_by_hand(done) -> None:
    path = done.folder / "conda-lock.yml"
    lines = path.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.endswith("linux-64/numpy-2.3.5-py311_0.conda"))
    lines[at + 2] = "    md5: " + "0" * 32
    path.write_text("\n".join(lines) + "\n")
    done.sh(LOCK)
    done.fails("created", "numpy 2.3.5 with another hash than the locked one")


def test_package_of_another_channel_in_the_lock(done) -> None:
    done.sh(f"sed -i 's#channels/conda-forge/\\(.*/joblib\\)#channels/pkgs/main/\\1#' conda-lock.yml; {LOCK}")
    done.fails("lock", "joblib", "one from")


def test_package_missing_on_the_second_platform(done) -> None:
    path = done.folder / "conda-lock.yml"
    head, *entries = path.read_text().split("\n- name: ")
    kept = [entry for entry in entries if not (entry.startswith("numpy") and "platform: osx-arm64" in entry)]
    path.write_text("\n- name: ".join([head, *kept]))
    done.sh(LOCK)
    done.fails("lock", "conda-lock.yml, osx-arm64", "no numpy")


def test_second_platform_in_name_alone(done) -> None:
    path = done.folder / "conda-lock.yml"
    head, *entries = path.read_text().split("\n- name: ")
    path.write_text("\n- name: ".join([head, *(entry for entry in entries if "platform: osx-arm64" not in entry)]))
    done.sh(LOCK)
    done.fails("lock", "conda-lock.yml, osx-arm64", "no python")


def test_record_of_a_version_that_was_renamed_whole(done) -> None:
    """Name, address and fields of the record changed together: the lock still says another version."""
    path = done.folder / RECORD
    path.with_name("numpy-2.2.6-py311_0.json").write_text(path.read_text().replace("2.3.5", "2.2.6"))
    path.unlink()
    done.fails("created", "numpy 2.2.6 py311_0, locked is 2.3.5 py311_0")


def test_records_without_a_package(done) -> None:
    (done.folder / RECORD).unlink()
    done.fails("created", "no numpy 2.3.5")


def test_empty_environment(done) -> None:
    done.sh("rm -rf env; mkdir -p env/conda-meta")
    done.fails("created", "no package at all")


def test_environment_of_another_platform(done) -> None:
    done.sh("sed -i 's/linux-64/win-64/g' env/conda-meta/*.json")
    done.fails("created", "packages for win-64, and the lock is for linux-64, osx-arm64")


def test_environment_committed(done) -> None:
    done.sh("git add -f env/conda-meta/history; git commit -qm Environment")
    done.fails("created", "files of the environment, committed")


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


def test_work_of_another_learner(done) -> None:
    done.sh('printf \'id = "eve@example.org"\\nname = "Eve"\\n\' > ../../learner.toml; git commit -qam Mine')
    failed = done.fails("answer")
    assert "eve@example.org" in failed.expected
