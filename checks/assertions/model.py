"""A logged model, asked inside the sandbox: nothing of it is ever loaded by this process."""

from __future__ import annotations

import json
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from checks import expect
from checks.core.workspace import Script
from checks.evidence.documents import parse_json
from checks.evidence.mlflow.artifacts import is_inside

if TYPE_CHECKING:
    from checks.core.workspace import Workspace
    from checks.evidence.git.objects import Commit
    from checks.evidence.mlflow.mlmodel import Model

MODEL_BYTES = 192 << 20
"""The most that a model's files may have together: a forest of hundreds of deep trees has a hundred MiB."""
ANSWER_BYTES = 8 << 20


def answer(
    work: Workspace, model: Model, program: str, question: object, subject: expect.Subject, at: Commit | None = None
) -> object:
    """The JSON value that a program of ours makes of a model in a fresh clone of `at`, the last commit unless given.

    The program is Python, started in the task folder: a model may need the module that its class is in. Its one argument
    is a folder with the model's files in `model` and the question in `question.json`, where it writes `answer.json`. A
    model may be code, which can write any answer: so an answer is something to compare, and no verdict.

    Raises Failure about `subject` where there is no answer, and where the model's files can't be read or are too large.
    """
    place = f"asked-{secrets.token_hex(8)}"  # no file of the commit has this name
    result = f"{place}/answer.json"
    with tempfile.TemporaryDirectory(prefix="mlsd-model-") as scratch:
        folder = Path(scratch)
        _copy(model, folder / "model")
        (folder / "predict.py").write_text(program, encoding="utf-8")
        (folder / "question.json").write_text(json.dumps(question), encoding="utf-8")
        commands = f"PYTHONPATH=. python {place}/predict.py {place}"
        made = work.rebuilt(Script(commands, at=at, folders={place: folder}, results=(result,)))
    path = made.work.path(result)
    if made.exit_code or not made.work.files.is_file(path):
        subject.fail("an answer", f"exit code {made.exit_code}; the last it said:\n{made.output}")
    return parse_json(made.work.files.read(path, ANSWER_BYTES), result)


def _copy(model: Model, folder: Path) -> None:
    left = MODEL_BYTES
    for path in model.artifacts.paths():
        left -= model.artifacts.size(path)
        expect.that(
            left >= 0,
            looked_at=f"the files of the model in {model.artifacts.folder}",
            expected=f"at most {MODEL_BYTES >> 20} MiB",
            found="more",
            fix="(let the model have fewer or smaller trees, and run it again)",
        )
        if not is_inside(path):
            where = f"the artifacts in {model.artifacts.folder}"
            raise expect.Malformed(where, f"a path that leads out of it: {path[:200]!r}")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(model.artifacts.read(path, MODEL_BYTES))
