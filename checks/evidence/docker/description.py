"""What an engine says of an image: `docker image inspect` and `docker history`, from its API or from a file of it.

Formats: https://docs.docker.com/reference/cli/docker/image/inspect/ and
https://docs.docker.com/reference/cli/docker/image/history/.
"""

from __future__ import annotations

from typing import Any

from checks import limits
from checks.evidence.docker.image import Document, Image, Layer, image_of
from checks.evidence.documents import parse_json

_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb": "utf-8-sig"}


def described_image(inspected: Any, history: Any, where: str) -> Image:
    """The image of an inspection and a history, each as parsed JSON. Raises Malformed where they don't agree."""
    if isinstance(inspected, list) and len(inspected) == 1:
        inspected = inspected[0]
    document = Document(inspected, where)
    entries = Document({"history": history}, where).entries("history")
    digest = document.text("Id")
    if not entries:
        raise document.wrong("the history of the image", "none")
    newest = entries[0].text("ID") or entries[0].text("Id")
    if newest not in (digest, "<missing>") and not digest.startswith(f"sha256:{newest}"):
        raise document.wrong(f"the history of {digest[:19]}...", f"the history of {newest[:19]}...")
    return image_of(
        where,
        digest,
        document.texts("RepoTags"),
        document.inner("Config"),
        layers=document.inner("RootFS").digests("Layers"),
        history=tuple(_layer(entry) for entry in reversed(entries)),
        created=document.text("Created"),
    )


def parse_description(inspection: bytes, history: bytes, names: tuple[str, str]) -> Image:
    """The image of two files, of which `names` are the names. A shell of Windows writes them in UTF-16."""
    where = " and ".join(names)
    text = _text(history)
    if text.lstrip().startswith("["):
        entries = parse_json(text.encode(), names[1])
    else:
        lines = [line for line in text.splitlines() if line.strip()]
        entries = [parse_json(line.encode(), names[1]) for line in lines[: limits.IMAGE_ENTRIES + 1]]
    return described_image(parse_json(_text(inspection).encode(), names[0]), entries, where)


def _text(data: bytes) -> str:
    return data.decode(_BOMS.get(data[:2], "utf-8"), "replace")


def _layer(entry: Document) -> Layer:
    """`docker history` tells sizes in words, and 0B is also the size of a layer with nothing but a folder in it."""
    size = entry.value("Size")
    return Layer(entry.text("CreatedBy"), None if size in (0, "0B", None) else False)
