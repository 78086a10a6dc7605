"""An image: its configuration, the layers it is made of, and the history of its making, wherever that was read.

It is read from what the engine says (`docker image inspect` with `docker history`), from files of that, and from an
archive (`docker save`, or an OCI layout packed with tar). Formats: https://docs.docker.com/reference/api/engine/
(ImageInspect, ImageHistory), https://github.com/moby/docker-image-spec/blob/main/v1.2.md (`manifest.json`) and
https://github.com/opencontainers/image-spec (`config.md`, `image-layout.md`).
"""

from __future__ import annotations

import hashlib
import posixpath
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Annotated, Any, BinaryIO, cast

from msgspec import Meta, Struct, field

from checks import limits
from checks.evidence.documents import convert, parse_json
from checks.expect import Malformed

_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb": "utf-8-sig"}
_NAMES = ("org.opencontainers.image.ref.name", "io.containerd.image.name")
_FEW = Meta(max_length=limits.IMAGE_ENTRIES)
_Digest = Annotated[str, Meta(pattern="^sha256:[0-9a-f]{64}$")]
_Digests = Annotated[list[_Digest], Meta(min_length=1, max_length=limits.IMAGE_ENTRIES)]
_Texts = Annotated[list[str], _FEW] | None


@dataclass(frozen=True, slots=True)
class Layer:
    """One entry of the history, the oldest first. `created_by` is what the builder wrote down of the instruction.

    `empty` says whether it changed no file; None where that is not told.
    """

    created_by: str
    empty: bool | None


@dataclass(frozen=True, slots=True)
class Image:
    """One image. `where` says where it was read; `id` is its `sha256:` digest.

    `cmd` and `entrypoint` are empty where there is none. `layers` are the digests of its files' layers, the base's
    first. `created` is the builder's own time stamp, in the words of RFC 3339.
    """

    where: str
    id: str
    names: tuple[str, ...]
    user: str
    workdir: str
    cmd: tuple[str, ...]
    entrypoint: tuple[str, ...]
    env: Mapping[str, str]
    labels: Mapping[str, str]
    layers: tuple[str, ...]
    history: tuple[Layer, ...]
    created: str


class _Config(Struct, rename="pascal"):
    """The object that the specification calls `config`, with the same keys wherever it stands."""

    user: str | None = None
    working_dir: str | None = None
    cmd: _Texts = None
    entrypoint: _Texts = None
    env: _Texts = None
    labels: Annotated[dict[str, str], _FEW] | None = None


class _Layers(Struct, rename="pascal"):
    layers: _Digests


class _Inspection(Struct, rename="pascal"):
    id: _Digest
    root_fs: _Layers = field(name="RootFS")
    config: _Config = field(default_factory=_Config)
    repo_tags: _Texts = None
    created: str | None = None


class _Step(Struct, rename="pascal"):
    """An entry of `docker history`. It tells sizes in words, and 0B is also that of a layer with a folder in it alone."""

    created_by: str | None = None
    size: int | str | None = None
    id: str | None = None
    written_id: str | None = field(default=None, name="ID")


class _DiffIds(Struct):
    diff_ids: _Digests


class _History(Struct):
    steps: Annotated[list[_Step], Meta(min_length=1, max_length=limits.IMAGE_ENTRIES)]


class _Made(Struct):
    created_by: str | None = None
    empty_layer: bool = False


class _Document(Struct):
    """The document that an image's digest is of."""

    rootfs: _DiffIds
    config: _Config = field(default_factory=_Config)
    history: Annotated[list[_Made], _FEW] | None = None
    created: str | None = None


class _Saved(Struct, rename="pascal"):
    """An entry of `manifest.json`."""

    config: str
    repo_tags: _Texts = None


class _Blob(Struct):
    """A reference of an index or a manifest."""

    digest: _Digest
    annotations: dict[str, str] | None = None


class _Manifest(Struct):
    """An index names manifests, a manifest its image's document."""

    manifests: Annotated[list[_Blob], _FEW] = field(default_factory=list)
    config: _Blob | None = None


def described_image(inspected: Any, history: Any, where: str) -> Image:
    """The image of an inspection and a history, each as parsed JSON. Raises Malformed where they don't agree."""
    if isinstance(inspected, list) and len(inspected) == 1:
        inspected = inspected[0]
    found = convert(inspected, _Inspection, where)
    entries = convert({"steps": history}, _History, where).steps
    newest = entries[0].written_id or entries[0].id or ""
    if newest not in (found.id, "<missing>") and not found.id.startswith(f"sha256:{newest}"):
        raise Malformed(where, f"the history of {newest[:19]}... beside the inspection of {found.id[:19]}...")
    return _image(
        where,
        found.id,
        found.repo_tags,
        found.config,
        found.root_fs.layers,
        [Layer(entry.created_by or "", None if entry.size in (0, "0B", None) else False) for entry in entries[::-1]],
        found.created,
    )


def parse_description(inspection: bytes, history: bytes, names: tuple[str, str]) -> Image:
    """The image of two files, of which `names` are the paths. A shell of Windows writes them in UTF-16.

    The history is an array of JSON, or an object a line, as `docker history --format '{{json .}}'` writes it.
    """
    text = _text(history)
    if text.lstrip().startswith("["):
        entries = parse_json(text.encode(), names[1])
    else:
        lines = [line for line in text.splitlines() if line.strip()]
        entries = [parse_json(line.encode(), names[1]) for line in lines[: limits.IMAGE_ENTRIES + 1]]
    return described_image(parse_json(_text(inspection).encode(), names[0]), entries, " and ".join(names))


def _text(data: bytes) -> str:
    return data.decode(_BOMS.get(data[:2], "utf-8"), "replace")


def _image(
    where: str,
    digest: str,
    names: list[str] | None,
    config: _Config,
    layers: list[str],
    history: list[Layer],
    created: str | None,
) -> Image:
    making = sum(layer.empty is False for layer in history)
    if making > len(layers) or len(layers) > len(history):
        raise Malformed(where, f"{len(history)} entries of history, {making} with files, for {len(layers)} layers")
    return Image(
        where=where,
        id=digest,
        names=tuple(names or ()),
        user=config.user or "",
        workdir=config.working_dir or "",
        cmd=tuple(config.cmd or ()),
        entrypoint=tuple(config.entrypoint or ()),
        env=dict(entry.partition("=")[::2] for entry in config.env or ()),
        labels=config.labels or {},
        layers=tuple(layers),
        history=tuple(history),
        created=created or "",
    )


def archived_images(file: BinaryIO, where: str) -> Iterator[Image]:
    """The images in an archive, of which only the JSON documents are read; each has the digest of its document.

    Raises Malformed where the archive is damaged or beyond a limit.
    """
    documents = _documents(file, where)

    def document(name: str, model: Any) -> Any:
        if name not in documents:
            raise Malformed(where, f"no {name[:100]} in it")
        digest = hashlib.sha256(documents[name]).hexdigest()
        if posixpath.basename(name).removesuffix(".json") not in (digest, "manifest", "index"):
            raise Malformed(f"{where}: {name[:100]}", f"content with another digest: {digest}")
        return convert(parse_json(documents[name], f"{where}: {name}"), model, f"{where}: {name}")

    found: dict[str, list[str]] = {}
    if "manifest.json" in documents:
        for entry in document("manifest.json", list[_Saved]):
            found.setdefault(posixpath.normpath(entry.config), []).extend(entry.repo_tags or ())
    else:
        for top in document("index.json", _Manifest).manifests:
            called = [name for key, name in (top.annotations or {}).items() if key in _NAMES]
            inner = document(_path(top), _Manifest)
            for manifest in [inner, *(document(_path(blob), _Manifest) for blob in inner.manifests)]:
                if manifest.config is not None:
                    found.setdefault(_path(manifest.config), []).extend(called)
    for name, names in found.items():
        said = document(name, _Document)
        digest = f"sha256:{hashlib.sha256(documents[name]).hexdigest()}"
        history = [Layer(entry.created_by or "", entry.empty_layer) for entry in said.history or ()]
        yield _image(where, digest, names, said.config, said.rootfs.diff_ids, history, said.created)


def _path(blob: _Blob) -> str:
    return f"blobs/{blob.digest.replace(':', '/')}"


class _Reader:
    """A file of which no header is read that claims to be huge, and that ends where the limit is."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = limits.IMAGE_ARCHIVE_BYTES

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size) if 0 <= size <= limits.IMAGE_DOCUMENT_BYTES else b""
        self._left -= len(data)
        if self._left < 0 or (size and not 0 < size <= limits.IMAGE_DOCUMENT_BYTES):
            raise tarfile.ReadError(
                f"more than {limits.IMAGE_ARCHIVE_BYTES:,} bytes, or a header of an impossible size"
            )
        return data


def _documents(file: BinaryIO, where: str) -> dict[str, bytes]:
    """The small files of an archive by name that may be JSON."""
    import gzip

    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    source = _Reader(cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else file)
    found: dict[str, bytes] = {}
    left = limits.IMAGE_DOCUMENT_BYTES
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", source), mode="r|") as tar:
            for count, member in enumerate(tar):
                if count > limits.IMAGE_ARCHIVE_MEMBERS:
                    raise Malformed(where, f"more than {limits.IMAGE_ARCHIVE_MEMBERS:,} files in it")
                content = tar.extractfile(member) if member.isreg() and member.size <= left else None
                if content is not None and (begin := content.read(1)) in (b"{", b"["):
                    found[posixpath.normpath(member.name)] = begin + content.read()
                    left -= member.size
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, OverflowError) as error:
        raise Malformed(where, f"a damaged archive: {str(error)[:200] or type(error).__name__}") from None
    return found
