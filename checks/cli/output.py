"""Where a report goes: to standard output, or to a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

OutputOption = Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write the report here.")]


def write(text: str, output: Path | None) -> None:
    """Write a report to the file that was asked for, or to standard output."""
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise typer.BadParameter(f"can't write {output}: {error.strerror}.", param_hint="--output") from None


def write_each(files: Mapping[str, str], folder: Path) -> None:
    """Write files into a new or empty folder: one that an earlier export left there would be taken for one of these."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise typer.BadParameter(f"{folder} is not empty: name a new folder.", param_hint="--output")
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise typer.BadParameter(f"can't write into {folder}: {error.strerror}.", param_hint="--output") from None
