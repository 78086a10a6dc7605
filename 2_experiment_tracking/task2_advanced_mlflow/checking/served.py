"""The champion, served once more in the sandbox: it gives the kept answer, and refuses what does not fit."""

import math
from typing import Any

from checks import Failure, Workspace, expect
from checks.assertions.model import answer
from checks.assertions.rebuilt import TOLERANCE
from checks.evidence.documents import parse_json
from checks.evidence.mlflow.mlmodel import Model
from checks.evidence.mlflow.scoring import predicted_numbers

from .prediction import FIX, Kept

_SERVE = """\
import json, pathlib, socket, subprocess, sys, time, urllib.error, urllib.request

here = pathlib.Path(sys.argv[1])
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = str(free.getsockname()[1])
with (here / "serve.log").open("wb") as log:
    command = ["mlflow", "models", "serve", "-m", str(here / "model"), "--env-manager", "local", "--port", port]
    server = subprocess.Popen(command, stdout=log, stderr=log)

def ask(path, body=None):
    question = urllib.request.Request(f"http://127.0.0.1:{port}/{path}", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(question, timeout=60) as answer:
            return {"status": answer.status, "body": answer.read().decode()}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": error.read().decode()}

while True:
    if server.poll() is not None:
        sys.exit((here / "serve.log").read_text())
    try:
        ask("ping")
        break
    except OSError:
        time.sleep(0.3)
requests = json.loads((here / "question.json").read_text())
(here / "answer.json").write_text(json.dumps([ask("invocations", json.dumps(one).encode()) for one in requests]))
server.terminate()
"""
"""It has no limit of its own: who waits for nothing, or computes for ever, is ended by the sandbox's."""
Answer = dict[str, Any]
"""A status, and a text as the body."""


def gives_the_kept_answer(work: Workspace, kept: Kept, model: Model) -> None:
    """The served model gives the answer that was kept, and refuses a malformed request with a status of 400 to 499."""
    good, bad = _answers(work, kept, model)
    told, now = kept.predictions(), _numbers(good)
    if good["status"] != 200 or now is None:
        kept.fail("request", "a request that the champion answers", f"served again, it says {_shown(good)}")
    same = len(now) == len(told) and all(
        math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE) for one, other in zip(now, told, strict=True)
    )
    if not same:
        kept.fail("response", f"what the champion answers when it is served again: {_listed(now)}", _listed(told))
    about = expect.Subject("the served champion, asked with columns that it does not know", FIX)
    found = f"it says {_shown(bad)}"
    about.that(400 <= bad["status"] < 500, "a status of 400 to 499: the signature refuses such a request", found)


def _answers(work: Workspace, kept: Kept, model: Model) -> list[Answer]:
    """The server's answers to the kept request and to a malformed one."""
    about = expect.Subject("the champion, served with `mlflow models serve --env-manager local`", FIX)
    found = answer(work, model, _SERVE, [kept.document["request"], _malformed(model)], about)
    if not isinstance(found, list) or len(found) != 2 or not all(map(_is_answer, found)):
        kept.fail("request", "two answers of a server", "something else: the model wrote over them")
    return found


def _is_answer(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("status"), int) and isinstance(value.get("body"), str)


def _malformed(model: Model) -> object:
    """A request that lacks the columns of the signature, or, where none is required, every known form."""
    needed = model.signature is not None and any(column.required for column in model.signature.inputs)
    return {"dataframe_split": {"columns": ["no such column"], "data": [[0]]}} if needed else {}


def _numbers(answer: Answer) -> list[float] | None:
    try:
        return predicted_numbers(parse_json(answer["body"].encode(), "the answer"))
    except Failure:
        return None


def _listed(values: list[float]) -> str:
    return ", ".join(f"{value:.6g}" for value in values[:8])


def _shown(answer: Answer) -> str:
    return f"{answer['status']}: {answer['body'][:160]}"
