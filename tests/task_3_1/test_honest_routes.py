"""Other honest routes to the same state pass every step, whatever their commands were."""

from __future__ import annotations

import pytest

BASE = "FROM python:3.11-slim-bookworm\n"
USER = "RUN useradd --create-home learner && mkdir output && chown learner output\nUSER learner\n"
COMMAND = 'CMD ["python", "train.py"]\n'
INSTALL = "COPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n"
BUILD = """git add -A
git commit -qm "Another way"
docker build -q --label "org.opencontainers.image.revision=$(git rev-parse HEAD)" \
  -t reproducibility-docker:1.0.0 -t ghcr.io/ada/reproducibility-docker:1.0.0 .
"""
DESCRIBE = """docker image inspect reproducibility-docker:1.0.0 > image.json
docker history --no-trunc --format "{{json .}}" reproducibility-docker:1.0.0 > image-history.json
git add image.json image-history.json
git commit -qm "Describe the image"
"""

DOCKERFILES = {
    "two stages": "FROM python:3.11-slim-bookworm AS build\nWORKDIR /build\nCOPY requirements.txt .\n"
    "RUN pip install -r requirements.txt --target /opt/libraries\n"
    f"{BASE}WORKDIR /app\nCOPY --from=build /opt/libraries /opt/libraries\nENV PYTHONPATH=/opt/libraries\n"
    f"COPY train.py .\n{USER}{COMMAND}",
    "an entrypoint, a numeric user, a version as argument": "ARG PYTHON=3.11\nFROM python:${PYTHON}-slim-bookworm\n"
    f"WORKDIR /\nWORKDIR app\n{INSTALL}ADD train.py ./\nARG UID=1000\nRUN mkdir output && chown $UID output\nUSER 1000:1000\n"
    'ENTRYPOINT ["python"]\nCMD ["train.py"]\n',
    "comments, small letters, long lines": "# syntax=docker/dockerfile:1\n\nfrom python:3.11-slim-bookworm as final\n"
    'workdir /app\n# the requirements first\ncopy ["requirements.txt", "./"]\nrun pip install \\\n    # no cache\n'
    '    --no-cache-dir \\\n    -r requirements.txt\nLABEL org.opencontainers.image.title="Bike demand" maintainer=ada\n'
    f"ENV MODE=production \\\n    GREETING='hello world'\ncopy . .\n{USER}{COMMAND}",
    "a digest in place of a tag": "FROM python@DIGEST\nWORKDIR /app\n" + INSTALL + f"COPY *.py .\n{USER}{COMMAND}",
}


@pytest.mark.parametrize("route", [name for name in DOCKERFILES if "digest" not in name])
def test_another_dockerfile(done, engine, route: str) -> None:
    (done.folder / "Dockerfile").write_text(DOCKERFILES[route])
    done.sh(BUILD + DESCRIBE)
    done.passes()


def test_a_digest_in_place_of_a_tag(done, engine) -> None:
    """An image that was imported has no digest of a registry: here the image's description is what was there."""
    digest = f"sha256:{'5' * 64}"
    (done.folder / "Dockerfile").write_text(DOCKERFILES["a digest in place of a tag"].replace("DIGEST", digest))
    results = done.results()
    assert results["dockerfile"].found is None or "committed" in results["dockerfile"].found
    done.sh('git commit -qam "A digest"')
    assert done.results()["dockerfile"].outcome == "passed"


FROM_THE_SOLUTION = {
    "an ignore file that lists what stays out": "printf '.git\\n**/.venv\\n*venv\\n**/__pycache__\\n.*cache\\noutput*\\nimage*\\n'"
    " > .dockerignore; git commit -qam List",
    "an ignore file of the Dockerfile": "git mv .dockerignore Dockerfile.dockerignore; git commit -qm Move",
    "a working folder of Windows": "sed -i 's/$/\\r/' requirements.txt .dockerignore Dockerfile image.json image-history.json"
    " output/metrics.json output-again/metrics.json",
    "requirements with hashes": "h=$(printf 'a%.0s' $(seq 64)); sed -i \"s/$/ \\\\\\\\\\n    --hash=sha256:$h/\" requirements.txt;"
    "git commit -qam Hashes; sed -i s/$(git rev-parse HEAD~2)/$(git rev-parse HEAD)/ image.json image-history.json;"
    "git commit -qam Description",
    "requirements in two files": "mkdir req; git mv requirements.txt req/base.txt; printf '%s\\n' '-r req/base.txt' > requirements.txt;"
    "git add .; git commit -qm Two; sed -i s/$(git rev-parse HEAD~2)/$(git rev-parse HEAD)/ image.json image-history.json;"
    "git commit -qam Description",
    "work that goes on": "echo more > notes.md; git add notes.md; git commit -qm Notes",
    "a shortened commit in the label": "l=$(git rev-parse HEAD~1); sed -i s/$l/$(git rev-parse --short HEAD~1)/ image.json;"
    "git commit -qam Short",
    "Docker Hub, and a version with a v": "sed -i s#ghcr.io/ada/reproducibility-docker:1.0.0#ada/reproducibility-docker:v1.2.0-rc.1#"
    " image.json; git commit -qam Hub",
    "a registry of one's own": "sed -i s#ghcr.io/ada/#localhost:5000/# image.json; git commit -qam Local",
    "a description in UTF-16": "for f in image.json image-history.json; do iconv -f UTF-8 -t UTF-16 $f > t; mv t $f; done;"
    "git commit -qam PowerShell",
    "a description that was not committed": "git rm -q --cached image.json image-history.json; git commit -qm Mine",
    "a working folder with a virtual environment": "mkdir .venv; touch .venv/pyvenv.cfg; mkdir __pycache__",
}


@pytest.mark.parametrize("route", FROM_THE_SOLUTION)
def test_route_from_the_solution(done, route: str) -> None:
    done.sh(FROM_THE_SOLUTION[route])
    done.passes()


def test_the_archive_in_place_of_the_description(done, engine) -> None:
    """A small image with the same history would do; here it is the real one, as `docker save` writes it."""
    done.sh(BUILD.replace("git commit -qm", "git commit -q --allow-empty -m"))
    done.sh("git rm -q image.json image-history.json; git commit -qm 'The archive is enough'")
    done.sh("docker save --output image.tar reproducibility-docker:1.0.0 ghcr.io/ada/reproducibility-docker:1.0.0")
    done.passes()


def test_the_engine_of_this_machine(done, engine) -> None:
    done.sh(BUILD.replace("git commit -qm", "git commit -q --allow-empty -m"))
    done.sh(
        "git rm -q --cached image.json image-history.json; rm image.json image-history.json; git commit -qm 'No file'"
    )
    assert done.results()["build"].outcome == "failed"
    done.passes(here=True)
