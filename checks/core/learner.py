"""Who a clone belongs to: `learner.toml` at its root."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata

from checks.expect import Failure
from checks.model import Identity

LEARNER_FILE = "learner.toml"
ID_LENGTH = 254
"""Characters of an id: the longest e-mail address has this many."""
_SLUG_LENGTH = 100  # with `.lock` behind it, Git needs it to be a file's name


def parse_learner(data: bytes) -> Identity:
    """The id and name in a `learner.toml`. Raises Failure where it holds no usable id."""
    from checks.evidence.documents import parse_toml

    document = parse_toml(data, LEARNER_FILE)
    learner_id, name = document.get("id"), document.get("name", "")
    if not isinstance(learner_id, str) or not learner_id.strip() or len(learner_id) > ID_LENGTH:
        raise Failure(
            looked_at=LEARNER_FILE,
            expected=f'a line such as id = "ada@example.org", of at most {ID_LENGTH} characters',
            found="no `id`" if learner_id is None else f"id = {_shown(learner_id)}",
            fix=f"delete {LEARNER_FILE}, then: mlsd start",
        )
    return Identity(learner_id.strip(), name.strip()[:ID_LENGTH] if isinstance(name, str) else "")


def _shown(value: object) -> str:
    """A value that is no usable id. Python refuses to write a long number out."""
    return repr(value[:60]) if isinstance(value, str) else f"a value of another kind ({type(value).__name__})"


def format_learner(learner: Identity) -> str:
    """The text of a `learner.toml`."""
    return (
        "# Who this clone belongs to. Your data is made from the id: keep it, and commit this file.\n"
        f"id = {_text(learner.id)}\nname = {_text(learner.name)}\n"
    )


def slug(learner_id: str) -> str:
    """A learner's id as a part of a branch's name: lower-case ASCII letters, digits and single hyphens.

    An id that loses letters on the way (those without an ASCII form), or that is too long, ends in a hash of it: so
    that a class with one e-mail domain and names in another script does not share one branch.
    """
    letters = unicodedata.normalize("NFKD", learner_id).lower()
    plain = re.sub(r"[^a-z0-9]+", "-", letters.encode("ascii", "ignore").decode()).strip("-")
    lost = not plain or any(character.isalnum() and not character.isascii() for character in letters)
    if not lost and len(plain) <= _SLUG_LENGTH:
        return plain
    digest = hashlib.sha256(learner_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain[:_SLUG_LENGTH].strip('-') or 'learner'}-{digest}"


def _text(text: str) -> str:
    """A basic string of TOML, which is a text of JSON but for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
