"""A PNG picture, decoded to the last pixel by Pillow, within limits.

Only Pillow's PNG reader is used, so that no other format's parser meets a stranger's bytes.
Format: https://www.w3.org/TR/png-3/.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass

from PIL import Image

from checks import limits
from checks.expect import Failure

_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    ArithmeticError,
    LookupError,
    TypeError,
    struct.error,
    zlib.error,
)
"""What Pillow raises on malformed PNG files: `SyntaxError` for a broken chunk, `ValueError` for text without an end."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that decodes. Width and height are in pixels."""

    width: int
    height: int


def decode_png(data: bytes, where: str) -> Picture:
    """Decode the first frame of a PNG. Raises Failure, naming `where`, for anything else and for a bomb."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            width, height = image.size
            if width * height > limits.PICTURE_PIXELS:
                raise _no_picture(where, f"{width:,} x {height:,} pixels, more than are looked at")
            image.load()
    except Image.DecompressionBombError:
        raise _no_picture(where, "more pixels than are looked at") from None
    except _ERRORS as error:
        raise _no_picture(where, _found(data, error)) from None
    return Picture(width, height)


def _found(data: bytes, error: BaseException) -> str:
    if not data:
        return "an empty file"
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "another kind of file under this name"
    return f"a damaged PNG file ({str(error).partition(' <')[0] or type(error).__name__})"


def _no_picture(where: str, found: str) -> Failure:
    return Failure(
        looked_at=where,
        expected="a PNG picture that can be shown",
        found=found,
        fix="(log a figure that matplotlib drew: mlflow.log_figure(figure, 'predictions.png'))",
    )
