"""Who a clone belongs to: `learner.toml` at its root."""

from __future__ import annotations

import re
import unicodedata

from checks.evidence.documents import parse_toml
from checks.expect import Failure
from checks.model import Identity

LEARNER_FILE = "learner.toml"
ID_LENGTH = 254
"""Characters of an id: the longest e-mail address has this many."""


def parse_learner(data: bytes) -> Identity:
    """The id and name in a `learner.toml`. Raises Failure where it holds no usable id."""
    document = parse_toml(data, LEARNER_FILE)
    learner_id, name = document.get("id"), document.get("name", "")
    if not isinstance(learner_id, str) or not learner_id.strip() or len(learner_id) > ID_LENGTH:
        raise Failure(
            looked_at=LEARNER_FILE,
            expected=f'a line such as id = "ada@example.org", of at most {ID_LENGTH} characters',
            found="no `id`" if learner_id is None else f"id = {str(learner_id)[:60]!r}",
            fix=f"delete {LEARNER_FILE}, then: mlsd start",
        )
    return Identity(learner_id.strip(), str(name).strip()[:ID_LENGTH])


def format_learner(learner: Identity) -> str:
    """The text of a `learner.toml`."""
    return (
        "# Who this clone belongs to. Your data is made from the id: keep it, and commit this file.\n"
        f"id = {_toml_string(learner.id)}\nname = {_toml_string(learner.name)}\n"
    )


def slug(learner_id: str) -> str:
    """A learner's id as a part of a branch's name: lower-case ASCII letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", learner_id).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or f"learner-{learner_id.encode().hex()[:16]}"


def _toml_string(text: str) -> str:
    escaped = "".join(_escaped(character) for character in text)
    return f'"{escaped}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return f"\\u{ord(character):04x}" if ord(character) < 0x20 or ord(character) == 0x7F else character
