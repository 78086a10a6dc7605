"""A tracking server that lies, talks without an end, or says nothing: a small real HTTP server plays it."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from checks import limits
from checks.evidence.mlflow import http
from checks.expect import Failure, Unavailable
from tests.evidence.mlflow.conftest import read

EMPTY: dict[str, Any] = {}
EXPERIMENT = {"experiment_id": "1", "name": "a", "lifecycle_stage": "active", "artifact_location": "x"}
INFO = {"run_id": "r", "experiment_id": "1", "status": "FINISHED", "lifecycle_stage": "active", "artifact_uri": "x"}
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with suppress(BrokenPipeError, ConnectionResetError):
                answer(self)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def paths(**answers: Any) -> Answer:
    """A server that gives these answers, by the first word of the path below the API, and {} for all others."""

    def _answer(handler: BaseHTTPRequestHandler) -> None:
        word = handler.path.removeprefix(http.API).partition("/")[0].replace("-", "_")
        send(handler, json.dumps(answers.get(word, EMPTY)).encode())

    return _answer


def ask(answer: Answer, tmp_path: Path, **environment: str) -> Any:
    with answering(answer) as address:
        return read(tmp_path, MLFLOW_TRACKING_URI=address, **environment)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b"[" * 100_000, b"\xff", b'{"experiments": 1}', b'{"experiments": [1]}']
)
def test_garbage(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(Unavailable, match="tracking server"):
        ask(lambda handler: send(handler, body), tmp_path)


@pytest.mark.parametrize(
    "answers",
    [
        {"experiments": {"experiments": [{}]}},
        {"experiments": {"experiments": [EXPERIMENT | {"name": 1}]}},
        {"experiments": {"experiments": [EXPERIMENT], "next_page_token": 5}},
        {"runs": {"runs": [{}]}},
        {"runs": {"runs": [{"info": INFO, "data": {"metrics": [{"key": "a", "value": "low"}]}}]}},
        {"runs": {"runs": [{"info": INFO | {"start_time": "noon"}}]}},
        {"runs": {"runs": [{"info": INFO, "inputs": {"dataset_inputs": [1]}}]}},
        {"logged_models": {"models": [{"info": []}]}},
        {
            "model_versions": {"model_versions": [{"name": "a"}]},
            "registered_models": {"registered_models": [{"name": "a"}]},
        },
    ],
)
def test_answers_of_another_form(tmp_path: Path, answers: dict[str, Any]) -> None:
    with pytest.raises(Unavailable, match="tracking server"):
        ask(paths(**({"experiments": {"experiments": [EXPERIMENT]}} | answers)), tmp_path)


def test_an_answer_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MLFLOW_SERVER_BYTES", 1 << 20)

    def _endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(1 << 20):
            handler.wfile.write(b" " * 4096)

    with pytest.raises(Unavailable, match="sent more than"):
        ask(_endless, tmp_path)


def test_pages_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MLFLOW_PAGES", 5)
    with pytest.raises(Unavailable, match="more than 5 pages"):
        ask(paths(experiments={"experiments": [], "next_page_token": "x"}), tmp_path)


def test_a_server_that_drips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MLFLOW_SERVER_SECONDS", 0.3)

    def _drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" ")
            time.sleep(0.02)

    # Under load a drip may come so late that it counts as silence.
    with pytest.raises(Unavailable, match=r"took more than|does not answer"):
        ask(_drip, tmp_path)


def test_a_server_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_SILENCE", 0.1)
    with pytest.raises(Unavailable, match="does not answer"):
        ask(lambda handler: time.sleep(0.5), tmp_path)


def test_no_redirect_is_followed(tmp_path: Path) -> None:
    asked: list[str] = []
    with answering(lambda handler: asked.append(handler.path)) as other:

        def _elsewhere(handler: BaseHTTPRequestHandler) -> None:
            send(handler, b"", 302, Location=f"{other}/latest/meta-data")

        with pytest.raises(Unavailable, match="sends to another address"):
            ask(_elsewhere, tmp_path)
    assert not asked


@pytest.mark.parametrize("environment", [{}, {"MLFLOW_TRACKING_USERNAME": "ada", "MLFLOW_TRACKING_PASSWORD": "wrong"}])
def test_a_password_is_asked_for(tmp_path: Path, environment: dict[str, str]) -> None:
    with pytest.raises(Failure, match="MLFLOW_TRACKING_USERNAME"):
        ask(_locked, tmp_path, **environment)


def _locked(handler: BaseHTTPRequestHandler) -> None:
    good = "Basic " + base64.b64encode(b"ada:love:lace").decode()
    send(handler, b"{}", 200 if handler.headers.get("Authorization") == good else 401)


def test_a_password_of_the_environment_or_of_the_address(tmp_path: Path) -> None:
    good = {"MLFLOW_TRACKING_USERNAME": "ada", "MLFLOW_TRACKING_PASSWORD": "love:lace"}
    assert ask(_locked, tmp_path, **good).runs == ()
    with answering(_locked) as address:
        tracking = read(tmp_path, MLFLOW_TRACKING_URI=address.replace("//", "//ada:love%3Alace@"))
    assert tracking.place == address


def test_an_error_of_the_server_is_shown(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="500: the disk is full"):
        ask(lambda handler: send(handler, b"the disk\n is full", 500), tmp_path)


def test_a_server_of_mlflow_2_has_no_logged_models(tmp_path: Path) -> None:
    inner = paths(experiments={"experiments": [EXPERIMENT]})

    def _old(handler: BaseHTTPRequestHandler) -> None:
        send(handler, b"", 404) if "logged-models" in handler.path else inner(handler)

    assert ask(_old, tmp_path).logged_models == ()


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "other/x", "", 5, None])
def test_artifacts_that_a_server_lists_elsewhere(tmp_path: Path, path: object) -> None:
    answer = paths(
        experiments={"experiments": [EXPERIMENT]},
        runs={"runs": [{"info": INFO}]},
        artifacts={"files": [{"path": path, "is_dir": False, "file_size": 1}]},
    )
    with answering(answer) as address:
        tracking = read(tmp_path, MLFLOW_TRACKING_URI=address)
        with pytest.raises(Unavailable):
            tracking.artifacts(tracking.runs[0]).paths()


@pytest.mark.parametrize("address", ["http://", "http://[", "http://127.0.0.1:x", "http://127.0.0.1:9", "http://a b/"])
def test_an_address_of_nobody(tmp_path: Path, address: str) -> None:
    with pytest.raises(Unavailable):
        read(tmp_path, MLFLOW_TRACKING_URI=address)
