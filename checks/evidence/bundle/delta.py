"""A Git object that is stored as its difference from another one.

Format: https://git-scm.com/docs/gitformat-pack#_deltified_representation.
"""

from __future__ import annotations

from checks import limits
from checks.evidence.bundle.errors import BundleError, LargeBundleError

_WHOLE = 0x10000
"""How much is copied where a length of 0 is written."""


def sizes(delta: bytes) -> tuple[int, int]:
    """How many bytes the object has that the difference is from, and how many the one that it makes."""
    base, at = _number(delta, 0)
    return base, _number(delta, at)[0]


def apply_delta(base: bytes, delta: bytes, steps: int) -> tuple[bytes, int]:
    """The object that a difference makes of `base`, and how many of its `steps` instructions are left.

    Raises BundleError where it is malformed, or where more instructions would be needed.
    """
    wanted, at = _number(delta, 0)
    size, at = _number(delta, at)
    if wanted != len(base) or size > limits.PACK_OBJECT_BYTES:
        raise BundleError("a difference is from an object of another size")
    parts: list[bytes] = []
    made = 0
    try:
        while at < len(delta):
            steps -= 1
            if steps < 0:
                raise LargeBundleError("its objects are made of more pieces than honest work needs")
            instruction = delta[at]
            at += 1
            if instruction & 0x80:
                start, length, at = _span(delta, at, instruction)
                part = base[start : start + length]
            else:
                length = instruction
                part = delta[at : at + length]
                at += length
            made += length
            if not length or len(part) != length or made > size:
                raise BundleError("a difference takes what is not there")
            parts.append(part)
    except IndexError:
        raise BundleError("a difference is cut off") from None
    if made != size:
        raise BundleError("a difference makes another size than it says")
    return b"".join(parts), steps


def _span(delta: bytes, at: int, instruction: int) -> tuple[int, int, int]:
    """Where to copy from and how much; only the bytes that are not zero are written."""
    values = [0, 0]
    for bit in range(7):
        if instruction & 1 << bit:
            which, shift = (0, bit) if bit < 4 else (1, bit - 4)
            values[which] |= delta[at] << 8 * shift
            at += 1
    return values[0], values[1] or _WHOLE, at


def _number(delta: bytes, at: int) -> tuple[int, int]:
    """A number, seven bits a byte, the lowest first."""
    value = shift = 0
    while shift < 64:
        if at >= len(delta):
            raise BundleError("a difference is cut off")
        value |= (delta[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not delta[at - 1] & 0x80:
            return value, at
    raise BundleError("a difference says a size that no object has")
