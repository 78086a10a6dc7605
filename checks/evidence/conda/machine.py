"""Conda on this machine: its platform, its named environments, the packages that it keeps, the address of a channel.

Nothing of it is a submission's. Conda, mamba and their relatives note each environment's folder in
`~/.conda/environments.txt` (https://github.com/conda/conda/blob/main/conda/core/envs_manager.py); CONDA_PREFIX names the
activated one, and CONDA_ENVS_PATH, CONDA_ENVS_DIRS the folders in which named ones are. Settings:
https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/settings.html.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from checks import limits
from checks.evidence.conda.prefix import RECORDS
from checks.evidence.documents import parse_yaml_text
from checks.expect import Malformed, Unavailable

_ROOTS = ("miniforge3", "mambaforge", "miniconda3", "anaconda3", "micromamba", ".mamba", ".local/share/mamba")
"""Folders below one's home in which the tools are usually installed, each with a folder `pkgs`."""


def platform() -> str:
    """This machine's platform, such as `linux-64`."""
    from rattler import Subdir

    return str(Subdir.current())


def named_prefix(name: str) -> Path | None:
    """The folder of the environment with this name, or None. Nobody else's environments: these are the machine's."""
    folders = [Path(path) for path in _noted() if Path(path).name == name]
    for variable in ("CONDA_ENVS_PATH", "CONDA_ENVS_DIRS"):
        folders += [Path(folder, name) for folder in os.environ.get(variable, "").split(os.pathsep) if folder]
    active = Path(os.environ.get("CONDA_PREFIX", ""))
    folders += [active] if active.name == name else []
    return next((folder for folder in folders if (folder / RECORDS).is_dir()), None)


def _noted() -> list[str]:
    try:
        text = (Path.home() / ".conda/environments.txt").read_bytes()[: limits.TEXT_BYTES]
    except (OSError, RuntimeError):  # no such file, or no home
        return []
    return [line.strip() for line in text.decode("utf-8", "replace").splitlines() if line.strip()]


def package_caches() -> list[Path]:
    """The folders in which conda and mamba keep the packages that they downloaded; those that there are."""
    named = os.environ.get("CONDA_PKGS_DIRS", "").replace(",", os.pathsep).split(os.pathsep)
    folders = [Path(folder) for folder in named if folder]
    for settings in _settings():
        listed = settings.get("pkgs_dirs")
        folders += [Path(_expanded(one)) for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    roots = [Path(root) for root in (os.environ.get("MAMBA_ROOT_PREFIX"),) if root]
    program = os.environ.get("CONDA_EXE")
    roots += [Path(program).parents[1]] if program and len(Path(program).parents) > 1 else []
    roots += [_home() / name for name in (*_ROOTS, ".conda")]
    folders += [root / "pkgs" for root in roots]
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]


def channel_address(name: str) -> str:
    """The address of the channel with this name, as conda is configured here, without a `/` at its end."""
    alias = os.environ.get("CONDA_CHANNEL_ALIAS")
    address: str | None = None
    for settings in _settings():
        custom = settings.get("custom_channels")
        base = custom.get(name) if isinstance(custom, dict) else None
        address = address or (f"{base.rstrip('/')}/{name}" if isinstance(base, str) else None)
        one = settings.get("channel_alias")
        alias = alias or (one if isinstance(one, str) else None)
    if address or alias:
        return _expanded(address or f"{str(alias).rstrip('/')}/{name}")
    from rattler import Channel

    return Channel(name).base_url.rstrip("/")


def _settings() -> Iterator[dict[str, object]]:
    """The files of settings, that which outranks the others first."""
    places = [Path(os.environ["CONDARC"])] if os.environ.get("CONDARC") else []
    places += [_home() / name for name in (".condarc", ".conda/.condarc", ".config/conda/.condarc")]
    for place in (*places, Path("/etc/conda/.condarc")):
        try:
            text = place.read_bytes()[: limits.TEXT_BYTES]
        except OSError:
            continue
        try:
            document = parse_yaml_text(text, str(place))
        except Malformed as failure:
            raise Unavailable(f"conda's settings on this machine: {failure.looked_at}: {failure.found}") from None
        if isinstance(document, dict):
            yield document


def _expanded(text: str) -> str:
    return os.path.expanduser(os.path.expandvars(text))


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        return Path("/nonexistent")
