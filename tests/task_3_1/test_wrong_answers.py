"""Plausible wrong answers, and faked ones, do not pass: each fails at its step, in words that name what was found."""

from __future__ import annotations

import pytest

from checks.model import Outcome

COMMIT = "git commit -qam Changed"
RELABEL = "old=$(git rev-parse HEAD~1); {}; git commit -qam Changed; sed -i s/$old/$(git rev-parse HEAD)/ image*.json; git commit -qam Label"

# What is typed in the finished clone, the step that must fail, and a phrase of its message.
WRONG: dict[str, tuple[str, str, str]] = {
    "no requirement at all": (RELABEL.format("echo '# none' > requirements.txt"), "pins", "no requirement"),
    "an included file that is not committed": (
        RELABEL.format("echo '-r more.txt' >> requirements.txt; echo a==1 > more.txt"), "pins", "-r more.txt"),
    "a file outside of the task": (RELABEL.format("echo '-r ../../../x.txt' >> requirements.txt"), "pins", "-r "),
    "a tag that moves": ("sed -i s/3.11-slim-bookworm/3/ Dockerfile; " + COMMIT, "dockerfile", "moves from one Python"),
    "a base in an argument without a default": (
        "sed -i '1s/.*/ARG TAG\\nFROM python:${TAG}/' Dockerfile; " + COMMIT, "dockerfile", "python:"),
    "a program copied from the newest image": (
        "sed -i 's#^USER#COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/\\nUSER#' Dockerfile; " + COMMIT,
        "dockerfile", "uv:latest"),
    "root by number": ("sed -i 's/^USER learner/USER 0:0/' Dockerfile; " + COMMIT, "dockerfile", "USER 0:0"),
    "root in the last stage": (
        "printf 'FROM python:3.11-slim-bookworm\\nWORKDIR /app\\nCOPY requirements.txt .\\nRUN pip install -r requirements.txt\\n"
        "COPY train.py .\\nCMD [\"python\", \"train.py\"]\\n' >> Dockerfile; " + COMMIT, "dockerfile", "no USER in the last stage"),
    "single quotes": (
        "sed -i \"s/^CMD.*/CMD ['python', 'train.py']/\" Dockerfile; " + COMMIT, "dockerfile", "double quotes in place of"),
    "no command": ("sed -i /^CMD/d Dockerfile; " + COMMIT, "dockerfile", "none in the last stage"),
    "a relative working directory": ("sed -i 's#^WORKDIR.*#WORKDIR app#' Dockerfile; " + COMMIT, "dockerfile", "WORKDIR app"),
    "an unknown instruction": ("echo RUNN x >> Dockerfile; " + COMMIT, "dockerfile", "RUNN"),
    "sources by a star before the requirements": (
        "sed -i 's/^COPY requirements.txt ./COPY *.* ./' Dockerfile; " + COMMIT, "dockerfile", "installs everything again"),
    "the sources kept out": ("echo train.py >> .dockerignore; " + COMMIT, "ignore", "a line that keeps it out"),
    "outputs let in again": ("echo '!output' >> .dockerignore; " + COMMIT, "ignore", "output/model.pkl"),
    "a pattern that Docker refuses": ("echo '[a' >> .dockerignore; " + COMMIT, "ignore", "never closed"),
    "a history of another image": (
        "sed -i '1s/sha256:..../sha256:0000/' image-history.json; " + COMMIT, "build", "the history of"),
    "a history with a line left out": ("sed -i 2d image-history.json; " + COMMIT, "build", "line"),
    "no history": ("git rm -q image-history.json; git commit -qm Gone", "build", "none"),
    "another command in the description": (
        "sed -i 's/\"train.py\"$/\"other.py\"/' image.json; " + COMMIT, "build", "other.py"),
    "another Python below": ("sed -i s/PYTHON_VERSION=3.11/PYTHON_VERSION=3.9/ image.json; " + COMMIT, "build", "Python 3.9"),
    "a description that is no JSON": ("echo x > image.json; " + COMMIT, "build", "image.json"),
    "another model in the second run": ("printf x >> output-again/model.pkl", "run", "the same bytes"),
    "empty models": (": > output/model.pkl; : > output-again/model.pkl", "run", "an empty file"),
    "a text in place of the model": ("echo model > output/model.pkl; cp output/model.pkl output-again", "run", "begins with"),
    "a link in place of the second run": (
        "rm -r output-again; ln -s /etc output-again", "run", "output-again/metrics.json"),
    "metrics that are no numbers": (
        "sed -i 's/\"r2\": .*,/\"r2\": NaN,/' output*/metrics.json; " + COMMIT, "run", "a finite number `r2`"),
    "older metrics in Git": (
        "sed -i 's/\"mae\": 1/\"mae\": 2/' output/metrics.json output-again/metrics.json", "run", "not committed"),
    "a label that is no commit": (
        "sed -i s/$(git rev-parse HEAD~1)/$(printf '%040d' 7)/ image*.json; " + COMMIT, "publish", "none of its"),
    "a version of two numbers": (
        "sed -i s#ada/reproducibility-docker:1.0.0#ada/reproducibility-docker:1.0# image.json; " + COMMIT,
        "publish", "no tag of three numbers"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answer(done, name: str) -> None:
    script, step, phrase = WRONG[name]
    done.sh(script)
    done.fails(step, phrase)


def test_a_stale_description_beside_the_engine(done, engine) -> None:
    """On the learner's machine, the engine's image and its description must be one: others see the description."""
    done.sh(
        "docker build -q --label x=$(date +%s%N) -t reproducibility-docker:1.0.0 -t ghcr.io/ada/reproducibility-docker:1.0.0 ."
    )
    result = done.results(here=True)["build"]
    assert result.outcome is Outcome.FAILED
    assert "that of an older one" in result.found
