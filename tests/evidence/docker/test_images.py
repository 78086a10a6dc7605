"""Images as the engine, its archives and its descriptions tell them: one and the same image, and nothing hostile in."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import tarfile
from pathlib import Path
from shutil import which

import docker
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.evidence.docker.dockerfile import parse_dockerfile
from checks.evidence.docker.folder import engine_images
from checks.evidence.docker.history import difference
from checks.evidence.docker.image import Layer, archived_images, parse_description
from checks.evidence.docker.reference import parse_reference
from checks.expect import Failure

NAME = "mlsd-tiny-image"
DOCKERFILE = b"""FROM scratch
WORKDIR /app
ENV A=1 B="two words"
COPY one two /app/
LABEL title="Tiny"
USER 7
ENTRYPOINT ["/app/one"]
CMD ["x", "y"]
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory):
    """A small image in the engine, with what the engine says of it and its archive."""
    if not which("docker") or subprocess.run(["docker", "version"], capture_output=True, check=False).returncode:
        if os.environ.get("REQUIRE_ENGINES") == "1":
            pytest.fail("no Docker engine answers")
        pytest.skip("no Docker engine answers")
    folder = tmp_path_factory.mktemp("tiny")
    for name in ("one", "two"):
        (folder / name).write_text(name)
    (folder / "Dockerfile").write_bytes(DOCKERFILE)
    with FileLock("/tmp/mlsd-docker-engine.lock"):
        sh = f"""docker build -q --label revision=abc -t {NAME}:1.0.0 -t ghcr.io/ada/{NAME}:2.0.0 .
        docker image inspect {NAME}:1.0.0 > image.json
        docker history --no-trunc --format '{{{{json .}}}}' {NAME}:1.0.0 > history.json
        docker save -o image.tar {NAME}:1.0.0 ghcr.io/ada/{NAME}:2.0.0"""
        subprocess.run(["sh", "-ec", sh], cwd=folder, check=True, capture_output=True)
        yield folder
        subprocess.run(["docker", "rmi", f"{NAME}:1.0.0", f"ghcr.io/ada/{NAME}:2.0.0"], check=True, capture_output=True)


def described(folder: Path):
    names = ("image.json", "history.json")
    return parse_description((folder / names[0]).read_bytes(), (folder / names[1]).read_bytes(), names)


def archived(data: bytes):
    return list(archived_images(io.BytesIO(data), "image.tar"))


def test_three_sources_tell_one_image(built: Path) -> None:
    (here,) = engine_images(NAME)
    (packed,) = archived((built / "image.tar").read_bytes())
    written = described(built)
    client = docker.DockerClient(base_url=os.environ.get("DOCKER_HOST"))
    oracle = client.images.get(f"{NAME}:1.0.0").attrs
    client.close()
    for image in (here, packed, written):
        assert image.id == oracle["Id"]
        assert set(image.names) == set(oracle["RepoTags"])
        assert list(image.layers) == oracle["RootFS"]["Layers"]
        config = oracle["Config"]
        assert (image.user, image.workdir) == (config["User"], config["WorkingDir"])
        assert (list(image.cmd), list(image.entrypoint)) == (config["Cmd"], config["Entrypoint"])
        assert sorted(f"{name}={value}" for name, value in image.env.items()) == sorted(config["Env"])
        assert image.labels == config["Labels"] == {"title": "Tiny", "revision": "abc"}
        assert difference(parse_dockerfile(DOCKERFILE, "Dockerfile").instructions(), image.history) is None
    assert [layer.created_by for layer in here.history] == [layer.created_by for layer in packed.history]
    assert [layer.created_by for layer in here.history] == [layer.created_by for layer in written.history]


def test_a_packed_archive(built: Path) -> None:
    data = (built / "image.tar").read_bytes()
    assert archived(gzip.compress(data)) == archived(data)


def test_an_oci_archive(built: Path) -> None:
    (saved,) = archived((built / "image.tar").read_bytes())
    (image,) = archived(_as_oci((built / "image.tar").read_bytes()))
    assert image.names == ("1.0.0",)
    assert (image.id, image.layers, image.history) == (saved.id, saved.layers, saved.history)


def _members(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar if member.isreg()}


def _packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _as_oci(data: bytes) -> bytes:
    """The layout of https://github.com/opencontainers/image-spec/blob/main/image-layout.md, of what Docker saved."""
    import hashlib

    members = _members(data)
    (entry,) = json.loads(members["manifest.json"])
    out: dict[str, bytes] = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}

    def blob(content: bytes) -> dict[str, object]:
        digest = hashlib.sha256(content).hexdigest()
        out[f"blobs/sha256/{digest}"] = content
        return {"digest": f"sha256:{digest}", "size": len(content)}

    manifest = {"config": blob(members[entry["Config"]]), "layers": [blob(members[name]) for name in entry["Layers"]]}
    top = blob(json.dumps(manifest).encode())
    annotations = {"org.opencontainers.image.ref.name": "1.0.0"}
    out["index.json"] = json.dumps({"manifests": [{**top, "annotations": annotations}]}).encode()
    return _packed(out)


def test_damaged_archives(built: Path) -> None:
    data = (built / "image.tar").read_bytes()
    members = _members(data)
    config = json.loads(members["manifest.json"])[0]["Config"]
    for wrong in (
        b"",
        b"\x1f\x8bnot packed",
        data[: len(data) // 2],
        _packed({name: content for name, content in members.items() if name != config}),
        _packed({**members, config: members[config].replace(b'"User":"7"', b'"User":"0"')}),
        _packed({**members, "manifest.json": b"[" * 100_000}),
        _packed({"manifest.json": b'[{"Config": 7}]'}),
        _packed({"index.json": b'{"manifests": [{"digest": "sha256:../../etc/passwd"}]}'}),
        gzip.compress(bytes(200 << 20)),
    ):
        with pytest.raises(Failure, match=r"image\.tar"):
            archived(wrong)


def test_descriptions_that_do_not_agree_with_themselves(built: Path) -> None:
    inspection, history = (built / "image.json").read_bytes(), (built / "history.json").read_bytes()
    names = ("image.json", "history.json")
    for one, other in (
        (b"", history),
        (inspection, b""),
        (b"[]", history),
        (b"{}", history),
        (inspection.replace(b'"Id": "sha256:', b'"Id": "sha256:00'), history),
        (inspection, history.replace(b"sha256:", b"sha256:0")),
        (inspection, b"\n".join(history.splitlines()[:1])),
        (inspection.replace(b'"Labels": {', b'"Labels": {"x": 7,'), history),
    ):
        with pytest.raises(Failure, match=r"\.json"):
            parse_description(one, other, names)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from(["Id", "Config", "RootFS", "Layers", "RepoTags", "Env", "Labels", "User",
                                                       "CreatedBy", "Size", "ID", "Created"]), inner, max_size=6), max_leaves=20)  # fmt: skip


@settings(max_examples=200)
@given(JSON | st.binary(max_size=80), JSON | st.binary(max_size=80))
def test_nothing_but_a_failure_comes_of_any_description(one: object, other: object) -> None:
    raw = [value if isinstance(value, bytes) else json.dumps(value).encode() for value in (one, other)]
    with pytest.raises(Failure):
        parse_description(raw[0], raw[1], ("image.json", "history.json"))


@settings(max_examples=100)
@given(st.binary(max_size=2000))
def test_nothing_but_a_failure_comes_of_any_archive(data: bytes) -> None:
    with pytest.raises(Failure):
        archived(data)


def test_what_buildkit_writes_into_a_history() -> None:
    """As `commitToHistory` and its callers in BuildKit's convert.go compose it."""
    instructions = parse_dockerfile(
        b"FROM python:3.11\nARG UID=1000\nWORKDIR /app\nCOPY --chown=1000 requirements.txt .\n"
        b'RUN pip install   -r requirements.txt \\\n  && true\nENV A=1\nUSER ${UID}\nCMD ["python", "train.py"]\n',
        "Dockerfile",
    ).instructions()
    entries = [
        "CMD [\"python3\"]", "ARG UID=1000", "WORKDIR /app", "COPY --chown=1000 requirements.txt . # buildkit",
        "RUN |1 UID=1000 /bin/sh -c pip install   -r requirements.txt   && true # buildkit", "ENV A=1", "USER 1000",
        'CMD ["python" "train.py"]',
    ]  # fmt: skip
    history = tuple(Layer(entry, None) for entry in entries)
    assert difference(instructions, history) is None
    other = difference(instructions, history[:-3] + history[-2:])
    assert other is not None
    added = difference(instructions, (*history, Layer("bash", None)))
    assert added is not None
    assert added.found == "that, and after it RUN bash"


@pytest.mark.parametrize(
    ("text", "pushable", "semantic"),
    [("ghcr.io/ada/x:1.0.0", True, True), ("ada/x:v1.2.3-rc.1", True, True), ("x:1.0.0", False, True),
     ("library/x:1.0.0", False, True), ("localhost:5000/x:1.0", True, False), ("ada/x", True, False),
     ("ada/x:latest", True, False), ("ada/x:01.0.0", True, False)],
)  # fmt: skip
def test_names(text: str, pushable: bool, semantic: bool) -> None:
    reference = parse_reference(text)
    assert reference is not None
    assert (reference.is_pushable, reference.is_semantic) == (pushable, semantic)


@pytest.mark.parametrize("text", ["", "Ada/X", "x:", "a b", "x@sha256:1", "x" * 2000, "a//b", "/a"])
def test_no_names(text: str) -> None:
    assert parse_reference(text) is None
