"""Messages through a socket. Both ends are of one program, and run the same Python."""

from __future__ import annotations

import marshal
import os

TYPE_CHECKING = False  # `typing` itself takes long
if TYPE_CHECKING:
    from typing import Any

_LENGTH = 8
"""How many bytes tell the length of a message."""
_CHUNK = 65536


def send(to: int, message: dict[str, Any]) -> None:
    """Send a message through the socket `to`."""
    data = marshal.dumps(message)
    left = memoryview(len(data).to_bytes(_LENGTH, "big") + data)
    while left:
        left = left[os.write(to, left) :]


def receive(source: int) -> dict[str, Any] | None:
    """The next message from the socket `source`; None where the other end hung up."""
    length = _exactly(source, _LENGTH)
    data = _exactly(source, int.from_bytes(length, "big")) if length else None
    return marshal.loads(data) if data else None  # noqa: S302 - of our own other end


def _exactly(source: int, length: int) -> bytes | None:
    received = bytearray()
    while len(received) < length:
        chunk = os.read(source, min(_CHUNK, length - len(received)))
        if not chunk:
            return None
        received += chunk
    return bytes(received)
