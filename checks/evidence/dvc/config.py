"""DVC's configuration file, `.dvc/config`. Format: https://doc.dvc.org/user-guide/project-structure/configuration."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from checks.expect import Malformed

_REMOTE = re.compile(r"""\s*remote\s*"(?P<name>.*)"\s*\Z""")
_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_WINDOWS_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_USER_AND_PASSWORD = re.compile(r"://[^/@:]*:[^/@]+@")
_BYTES = 64 << 10
_LINE_BYTES = 1_000

CREDENTIALS = frozenset({
    "access_key_id", "account_key", "bearer_token_command", "client_secret", "connection_string", "custom_auth_header",
    "gdrive_client_secret", "gdrive_service_account_json_file_path", "oss_key_id", "oss_key_secret", "passphrase",
    "password", "sas_token", "secret_access_key", "session_token", "sse_customer_key", "token",
})  # fmt: skip
"""The options of a remote that hold a secret or name one (DVC's `remote modify` pages list them)."""


@dataclass(frozen=True, slots=True)
class Remote:
    """One remote. `url` is as it was written: relative ones count from the folder of the configuration."""

    name: str
    url: str

    @property
    def scheme(self) -> str | None:
        """`s3`, `gs`, `ssh` and so on; None for a folder."""
        match = _SCHEME.match(self.url)
        return match["scheme"].lower() if match and match["scheme"].lower() != "file" else None

    def folder(self, config_folder: str) -> str | None:
        """The remote's folder relative to the repository's root; None where it is elsewhere or not a folder."""
        url = self.url.replace("\\", "/")
        if not url or self.scheme or url.lower().startswith(("/", "~", "file:")) or _WINDOWS_DRIVE.match(self.url):
            return None
        path = posixpath.normpath(posixpath.join(config_folder, url))
        return None if path == ".." or path.startswith(("../", "/")) else path


@dataclass(frozen=True, slots=True)
class Config:
    """One configuration file."""

    remotes: dict[str, Remote]
    default_name: str | None
    credentials: tuple[str, ...]
    """The names of options that hold a secret, such as `remote "storage": password`. Never their values."""

    @property
    def default(self) -> Remote | None:
        """The remote that `dvc push` uses without being told."""
        return self.remotes.get(self.default_name) if self.default_name else None


def parse_config(data: bytes, where: str) -> Config:
    """Parse the file with the library that DVC writes it with. Raises Malformed where that can't read it.

    Names of options are in lower case, as in DVC.
    """
    from configobj import ConfigObj, ConfigObjError

    if len(data) > _BYTES or any(len(line) > _LINE_BYTES for line in data.splitlines()):
        # The library takes n² steps for a line of n bytes.
        raise Malformed(where, f"more than {_BYTES:,} bytes, or than {_LINE_BYTES:,} in one line")
    try:
        lines = data.decode("utf-8-sig").splitlines()
        sections = ConfigObj(lines, interpolation=False, list_values=False, raise_errors=True)
    except (ConfigObjError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(where, f"no DVC configuration: {error}".partition("\n")[0]) from None
    remotes: dict[str, Remote] = {}
    secrets: list[str] = []
    default_name: str | None = None
    for heading, options in sections.items():
        section = _unquoted(str(heading)).lower()
        if not isinstance(options, dict):
            continue
        values = {str(key).lower(): _unquoted(str(value)) for key, value in options.items()}
        if section == "core":
            default_name = values["remote"].lower() if "remote" in values else None
        match = _REMOTE.match(section)
        if match:
            remotes[match["name"]] = Remote(match["name"], values.get("url", ""))
        secrets += [f"[{section}] {key}" for key in sorted(CREDENTIALS & values.keys())]
        if _USER_AND_PASSWORD.search(values.get("url", "")):
            secrets.append(f"[{section}] url with a password")
    return Config(remotes, default_name, tuple(secrets))


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
