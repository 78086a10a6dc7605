"""`.dvc/config` as DVC itself reads it; secrets in it are found; any bytes give a configuration or a `Failure`."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from configobj import ConfigObj
from hypothesis import given
from hypothesis import strategies as st

from checks.evidence.dvc.config import CREDENTIALS, Remote, parse_config
from checks.expect import Malformed


def told_by_dvc(data: bytes, folder: Path) -> tuple[dict[str, str], str | None]:
    """The remotes and the default's name, as DVC loads the file (it lowers names as it validates)."""
    from dvc.config import Config

    path = folder / "config"
    path.write_bytes(data)
    loaded = Config.load_file(str(path))
    remote = loaded.get("core", {}).get("remote")
    return {name: options["url"] for name, options in loaded["remote"].items()}, remote and remote.lower()


def told_by_us(data: bytes) -> tuple[dict[str, str], str | None]:
    config = parse_config(data, ".dvc/config")
    return {name: remote.url for name, remote in config.remotes.items()}, config.default_name


PLAIN = "[core]\n    remote = storage\n['remote \"storage\"']\n    url = ../.storage\n"
WRITTEN = {
    "as DVC writes it": PLAIN,
    "with CRLF": PLAIN.replace("\n", "\r\n"),
    "without a default": PLAIN.replace("remote = storage", "analytics = false"),
    "with quoted values": PLAIN.replace("../.storage", '"../my storage"').replace("= storage", "= 'storage'"),
    "with comments": "# mine\n" + PLAIN.replace("../.storage", "../.storage  # beside the course"),
    "with several remotes": PLAIN + "['remote \"Cloud\"']\n    url = s3://bucket/path\n    region = eu-west-1\n",
    "with capitals": PLAIN.replace("storage", "Storage").replace("url", "URL").replace("[core]", "[Core]"),
    "with double quotes around the section": PLAIN.replace("'remote \"storage\"'", 'remote "storage"'),
    "with nothing": "",
    "with spaces in the name": PLAIN.replace("storage", "my storage"),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
def test_dvc_and_we_read_the_same(text: str, tmp_path: Path) -> None:
    assert told_by_us(text.encode()) == told_by_dvc(text.encode(), tmp_path)


NAMES = st.text("abcXYZ-_. 0", min_size=1, max_size=8).filter(lambda name: name.strip() == name)
URLS = st.one_of(
    st.text("ab/.:~-_ \\@", min_size=1, max_size=20).filter(lambda url: url.strip() == url), st.just("s3://bucket/key")
)


@given(
    remotes=st.dictionaries(NAMES, URLS, max_size=3),
    default=st.none() | NAMES,
    newline=st.sampled_from([b"\n", b"\r\n"]),
)
def test_what_configobj_writes_dvc_and_we_read_the_same(
    tmp_path_factory: pytest.TempPathFactory, remotes: dict[str, str], default: str | None, newline: bytes
) -> None:
    document = ConfigObj({f'remote "{name}"': {"url": url} for name, url in remotes.items()})
    if default:
        document["core"] = {"remote": default}
    data = newline.join(line.encode() for line in document.write())
    assert told_by_us(data) == told_by_dvc(data, tmp_path_factory.getbasetemp())


@pytest.mark.parametrize(
    "url",
    ["../.storage", "../../.storage", "../..", "store", "./a/../b", "../../x/../../.storage", "../../../out",
     "../../../../../../etc", "/srv/store", "a b"],
)  # fmt: skip
def test_a_remote_is_where_dvc_resolves_it_or_nowhere(tmp_path: Path, url: str) -> None:
    from dvc.config import Config

    repo = tmp_path / "repo"
    (repo / "task/.dvc").mkdir(parents=True)
    (repo / "task/.dvc/config").write_text(f"['remote \"x\"']\n    url = {url}\n")
    resolved = Config(dvc_dir=str(repo / "task/.dvc"))["remote"]["x"]["url"]
    real = os.path.normpath(os.path.join(repo / "task/.dvc", resolved))
    inside = os.path.relpath(real, repo) if Path(real).is_relative_to(repo) else None
    assert Remote("x", url).folder("task/.dvc") == inside


@pytest.mark.parametrize(
    "url",
    ["", "/etc", "~/store", "~", "file:///etc", "FILE:///etc", "file:etc", "C:\\store", "c:/store",
     "\\\\server\\share", "//server/share", "s3://bucket", "ssh://user@host/path", "https://example.org",
     "..\\..\\..\\out", "../../..", "azure://container"],
)  # fmt: skip
def test_a_url_that_is_no_folder_of_the_submission_is_none(url: str) -> None:
    assert Remote("x", url).folder("task/.dvc") is None


def test_a_folder_as_windows_writes_it_is_found() -> None:
    assert Remote("x", "..\\..\\.storage").folder("task/.dvc") == ".storage"


def schema_options() -> set[str]:
    """Every option of a remote that DVC's own schema knows."""
    from dvc.config_schema import REMOTE_SCHEMAS

    return {str(getattr(key, "schema", key)) for schema in REMOTE_SCHEMAS.values() for key in schema} - {
        "<class 'str'>"
    }


PATHS_AND_NAMES = {
    "keyfile", "key_path", "cert_path", "sse_kms_key_id", "ask_password", "ask_passphrase", "kerb_ticket",
    "credentialpath", "gdrive_user_credentials_file", "account_name",
}  # fmt: skip
"""Options that sound secret but hold a path on the learner's machine, an id that is no secret, or yes and no."""


def test_every_option_of_dvc_that_sounds_secret_is_a_credential_or_known_not_to_be() -> None:
    sounds = re.compile(r"pass|secret|token|key|auth_header|connection_string|credential|ticket")
    secret = {
        option
        for option in schema_options()
        if sounds.search(option) and not option.startswith(("exclude_", "gdrive_user"))
    }
    assert secret - PATHS_AND_NAMES <= CREDENTIALS
    assert schema_options() >= CREDENTIALS


@pytest.mark.parametrize("option", sorted(CREDENTIALS))
def test_each_credential_is_found_and_its_value_is_not_told(option: str) -> None:
    data = f"['remote \"x\"']\n    url = s3://bucket\n    {option.upper()} = hunter2\n".encode()
    (found,) = parse_config(data, ".dvc/config").credentials
    assert found == f'[remote "x"] {option}'
    assert "hunter2" not in repr(parse_config(data, ".dvc/config"))


@pytest.mark.parametrize("section", ["core", "studio", 'db "x"'])
def test_a_secret_in_another_section_is_found(section: str) -> None:
    data = f"['{section}']\n    token = x\n    password = y\n".encode()
    assert parse_config(data, "x").credentials == (f"[{section}] password", f"[{section}] token")


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("https://ada:pw@host/x", True), ("ssh://ada:pw@host", True), ("https://:pw@host/x", True),
        ("ssh://ada@host:22/x", False), ("https://host:80/a@b", False),
    ],
)  # fmt: skip
def test_a_password_in_a_url_is_found(url: str, secret: bool) -> None:
    credentials = parse_config(f"['remote \"x\"']\nurl = {url}\n".encode(), "x").credentials
    assert credentials == (('[remote "x"] url with a password',) if secret else ())


@pytest.mark.parametrize(
    "data", [b"[core", b"novalue", b"[a]\n[[[b]]]\n", b"\xff\xfe", b"a = 1\na = 2\n", b'a = """open', b"[a]\n[a]\n"]
)
def test_a_malformed_file_is_named(data: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        parse_config(data, "task/.dvc/config")
    assert caught.value.looked_at == "task/.dvc/config"


SLOW = [
    b"a" + b" " * 10**6 + b"b", b"a = b" + b" " * 10**6 + b"'", (b"a" + b" " * 900 + b"b\n") * 1000,
    b"[a" + b" ]" * 480 + b"x", b'a = """' + b"x\n" * 30_000, b"[" * 900, b"[a]\n" * 15_000, b"['" * 450,
    b"a = '" + b'"' * 900,
]  # fmt: skip


@pytest.mark.parametrize("data", SLOW, ids=range(len(SLOW)))
def test_a_file_made_to_be_slow_is_not(data: bytes) -> None:
    start = time.process_time()
    with pytest.raises(Malformed):
        parse_config(data, "x")
    assert time.process_time() - start < 20
