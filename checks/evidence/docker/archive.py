"""Images in an archive: what `docker save` writes, and OCI layouts packed with tar. Nothing is unpacked to disk.

Formats: https://github.com/moby/docker-image-spec/blob/main/v1.2.md (`manifest.json`) and
https://github.com/opencontainers/image-spec/blob/main/image-layout.md (`index.json`).
"""

from __future__ import annotations

import gzip
import hashlib
import posixpath
import tarfile
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO, cast

from checks import limits
from checks.evidence.docker.image import Document, Image, Layer, image_of
from checks.evidence.documents import parse_json
from checks.expect import Malformed

_CHUNK = 1 << 16
_GZIP = b"\x1f\x8b"
_NAMES = ("org.opencontainers.image.ref.name", "io.containerd.image.name")


class _Reader:
    """A file of which no header is read that claims to be huge, and that ends where the limit is."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = limits.IMAGE_ARCHIVE_BYTES

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= limits.IMAGE_DOCUMENT_BYTES:
            raise tarfile.ReadError("a header of an impossible size")
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise tarfile.ReadError(f"more than {limits.IMAGE_ARCHIVE_BYTES:,} bytes")
        return data


def archived_images(file: BinaryIO, where: str) -> Iterator[Image]:
    """The images in an archive. Raises Malformed where it is damaged, or where content is not what its digest says."""
    documents, sums = _contents(file, where)
    if "manifest.json" in documents:
        yield from _saved(documents, sums, where)
    elif "index.json" in documents:
        yield from _oci(documents, sums, where)
    else:
        raise Malformed(where, "no manifest.json and no index.json in it")


def _contents(file: BinaryIO, where: str) -> tuple[dict[str, bytes], dict[str, str]]:
    """The small JSON files by name, and the SHA-256 of every file."""
    documents: dict[str, bytes] = {}
    sums: dict[str, str] = {}
    links: dict[str, str] = {}
    packed = file.read(2) == _GZIP
    file.seek(0)
    source = _Reader(cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else file)
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", source), mode="r|") as tar:
            for count, member in enumerate(tar):
                if count > limits.IMAGE_ARCHIVE_MEMBERS:
                    raise Malformed(where, f"more than {limits.IMAGE_ARCHIVE_MEMBERS:,} files in it")
                name = posixpath.normpath(member.name)
                if member.issym():
                    # `docker save` links layers that are in the archive twice.
                    links[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), member.linkname))
                content = tar.extractfile(member) if member.isreg() else None
                if content is not None:
                    sums[name], data = _read(content, member.size)
                    if data is not None and sum(map(len, documents.values())) < limits.IMAGE_DOCUMENT_BYTES:
                        documents[name] = data
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, OverflowError) as error:
        raise Malformed(where, str(error)[:200] or type(error).__name__) from None
    for name, target in links.items():
        if target in sums:
            sums.setdefault(name, sums[target])
    return documents, sums


def _read(content: IO[bytes], size: int) -> tuple[str, bytes | None]:
    """The SHA-256 of a member, and its bytes where it may be a JSON document."""
    digest = hashlib.sha256()
    kept: bytes | None = b""
    while chunk := content.read(_CHUNK):
        digest.update(chunk)
        if kept == b"" and (size > limits.IMAGE_DOCUMENT_BYTES or chunk[:1] not in (b"{", b"[")):
            kept = None
        kept = None if kept is None else kept + chunk
    return digest.hexdigest(), kept or None


def _document(documents: dict[str, bytes], sums: dict[str, str], name: str, where: str) -> object:
    """The JSON document of a name; where the name is a digest, it must be that of its bytes."""
    if name not in documents:
        raise Malformed(where, f"no {name[:100]} in it")
    base = posixpath.basename(name).removesuffix(".json")
    if len(base) == 64 and sums[name] != base:
        raise Malformed(where, f"{name}, whose content has another digest: {sums[name]}")
    return parse_json(documents[name], f"{where}: {name}")


def _saved(documents: dict[str, bytes], sums: dict[str, str], where: str) -> Iterator[Image]:
    manifest = _document(documents, sums, "manifest.json", where)
    for entry in Document({"images": manifest}, f"{where}: manifest.json").entries("images"):
        name = posixpath.normpath(entry.text("Config") or "-")
        config = Document(_document(documents, sums, name, where), f"{where}: {name}")
        files = [posixpath.normpath(layer) for layer in entry.texts("Layers")]
        diff_ids = config.inner("rootfs").digests("diff_ids")
        if len(files) != len(diff_ids):
            raise Malformed(where, f"{len(files)} layers for {len(diff_ids)} digests")
        for layer, diff_id in zip(files, diff_ids, strict=True):
            # A packed layer is named by the digest of what it is packed to.
            if layer not in sums or (sums[layer] not in (diff_id[7:], posixpath.basename(layer))):
                raise Malformed(where, f"the layer {layer[:100]} is missing, or has another digest than {diff_id}")
        yield _image(config, sums[name], entry.texts("RepoTags"), where)


def _oci(documents: dict[str, bytes], sums: dict[str, str], where: str) -> Iterator[Image]:
    waiting: list[tuple[str, tuple[str, ...]]] = [("index.json", ())]
    seen: set[str] = set()
    while waiting:
        name, names = waiting.pop(0)
        if name in seen or len(seen) > limits.IMAGE_ENTRIES:
            continue
        seen.add(name)
        document = Document(_document(documents, sums, name, where), f"{where}: {name}")
        for entry in document.entries("manifests"):
            called = tuple(value for key, value in entry.labels("annotations").items() if key in _NAMES)
            if entry.labels("annotations").get("vnd.docker.reference.type") != "attestation-manifest":
                waiting.append((_blob(entry.text("digest")), names + called))
        if document.value("config") is None:
            continue
        target = _blob(document.inner("config").text("digest"))
        config = Document(_document(documents, sums, target, where), f"{where}: {target}")
        for layer in document.entries("layers"):
            blob = _blob(layer.text("digest"))
            if sums.get(blob) != posixpath.basename(blob):
                raise Malformed(where, f"the layer {blob[:100]} is missing, or has another digest")
        yield _image(config, sums[target], names, where)


def _blob(digest: str) -> str:
    return posixpath.normpath(f"blobs/{digest.replace(':', '/', 1)}")


def _image(config: Document, digest: str, names: tuple[str, ...], where: str) -> Image:
    history = tuple(Layer(entry.text("created_by"), entry.flag("empty_layer")) for entry in config.entries("history"))
    return image_of(
        where,
        f"sha256:{digest}",
        names,
        config.inner("config"),
        layers=config.inner("rootfs").digests("diff_ids"),
        history=history,
        created=config.text("created"),
    )
