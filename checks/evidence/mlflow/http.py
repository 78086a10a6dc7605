"""Requests to the tracking server that the learner's environment names, limited in time and size.

No redirect is followed: it could lead to any host. Asked only where the learner sits at this machine.
"""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from typing import Any, TypeVar

from checks import limits
from checks.evidence.documents import convert, parse_json
from checks.expect import Malformed, Unavailable

T = TypeVar("T")

_CHUNK = 1 << 16
_SILENCE = 5.0
"""Seconds without a byte after which a server counts as gone."""
_SHOWN = 200
API = "/api/2.0/mlflow/"


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Server:
    """One tracking server. `place` is its address without a password."""

    def __init__(self, address: str, environment: Mapping[str, str]) -> None:
        try:
            parts = urllib.parse.urlsplit(address)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise Unavailable(f"MLFLOW_TRACKING_URI is no address: {address[:_SHOWN]}") from None
        shown = f"[{host}]" if ":" in host else host
        self.place = f"{parts.scheme}://{shown}{f':{port}' if port else ''}{parts.path.rstrip('/')}"
        self._headers = _authorization(parts, environment)
        self._deadline = time.monotonic() + limits.MLFLOW_SERVER_SECONDS
        self._left = limits.MLFLOW_SERVER_BYTES
        # As for MLflow's client, proxies are for other machines.
        local = host in ("localhost", "::1") or host.startswith("127.")
        proxies = urllib.request.ProxyHandler({}) if local else urllib.request.ProxyHandler()
        self._opener = urllib.request.build_opener(proxies, _StayHere)

    def file(self, path: str, limit: int, /, **query: str | int) -> bytes:
        """A file of at most `limit` bytes."""
        return self._ask(path, None, query, limit)

    def pages(
        self, path: str, key: str, body: dict[str, Any] | None = None, /, **query: str | int
    ) -> Iterator[dict[str, Any]]:
        """The items of a list, page by page: of a POST where there is a `body`."""
        token = ""
        for _ in range(limits.MLFLOW_PAGES):
            more = {"page_token": token} if token else {}
            sent = None if body is None else json.dumps(body | more).encode()
            answer = self._object(API + path, sent, query | more if body is None else {})
            yield from self.convert(answer.get(key, []), list[dict[str, Any]], path)
            token = self.convert(answer.get("next_page_token") or "", str, path)
            if not token:
                return
        raise self._unavailable(f"sent more than {limits.MLFLOW_PAGES} pages of {key}")

    def convert(self, answer: object, model: type[T], path: str) -> T:
        """A part of an answer as its model. Raises Unavailable where MLflow's server would answer something else."""
        try:
            return convert(answer, model, path, strict=False)
        except Malformed as failure:
            raise self.garbage(path, failure.found) from None

    def garbage(self, path: str, found: str) -> Unavailable:
        """The error where an answer is not what MLflow's server says."""
        return self._unavailable(f"answered {path} with something else than MLflow's server does: {found}")

    def _object(self, path: str, body: bytes | None, query: Mapping[str, str | int]) -> dict[str, Any]:
        data = self._ask(path, body, query, self._left)
        self._left -= len(data)
        try:
            answer = parse_json(data, path)
        except Malformed as failure:
            raise self.garbage(path, failure.found) from None
        return self.convert(answer, dict[str, Any], path)

    def _ask(self, path: str, body: bytes | None, query: Mapping[str, str | int], limit: int) -> bytes:
        asked = f"?{urllib.parse.urlencode(query)}" if query else ""
        headers = self._headers | ({"Content-Type": "application/json"} if body is not None else {})
        try:
            request = urllib.request.Request(f"{self.place}{path}{asked}", body, headers)  # noqa: S310 - http(s) alone comes here
            with self._opener.open(request, timeout=self._patience()) as response:
                return self._read(response, limit)
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(error, path) from None
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise self._unavailable(f"does not answer: {str(reason)[:_SHOWN] or type(error).__name__}") from None

    def _read(self, response: Any, limit: int) -> bytes:
        data = bytearray()
        while chunk := response.read1(_CHUNK):
            data += chunk
            self._patience()
            if len(data) > limit:
                raise self._unavailable(f"sent more than {limit:,} bytes")
        return bytes(data)

    def _patience(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self._unavailable(f"took more than {limits.MLFLOW_SERVER_SECONDS:.0f} s for its answers")
        return min(left, _SILENCE)

    def _refused(self, error: urllib.error.HTTPError, path: str) -> Malformed | Unavailable:
        if error.code in (401, 403):
            wanted = "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
            return Malformed(
                f"the tracking server {self.place}",
                f"{error.code} {error.reason}: it asks for {wanted}, as for your runs",
            )
        if 300 <= error.code < 400:
            return self._unavailable("sends to another address: set MLFLOW_TRACKING_URI to that one")
        try:
            text = error.read1(_CHUNK).decode(errors="replace")
        except (OSError, HTTPException, ValueError):
            text = ""
        message = " ".join(text.split())[:_SHOWN] or str(error.reason)[:_SHOWN]
        return MissingError(
            f"the tracking server {self.place} answered {path} with {error.code}: {message}", error.code
        )

    def _unavailable(self, what: str) -> Unavailable:
        return Unavailable(f"the tracking server {self.place} {what}")


class MissingError(Unavailable):
    """The server refused one request. `code` is HTTP's."""

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(reason)
        self.code = code


def _authorization(parts: urllib.parse.SplitResult, environment: Mapping[str, str]) -> dict[str, str]:
    """As MLflow's client: https://mlflow.org/docs/latest/self-hosting/security/basic-http-auth/."""
    user = environment.get("MLFLOW_TRACKING_USERNAME") or urllib.parse.unquote(parts.username or "")
    password = environment.get("MLFLOW_TRACKING_PASSWORD") or urllib.parse.unquote(parts.password or "")
    token = environment.get("MLFLOW_TRACKING_TOKEN")
    if user:
        return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}
    return {"Authorization": f"Bearer {token}"} if token else {}
