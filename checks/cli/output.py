"""Where a report goes: to standard output, or to a file."""

from __future__ import annotations

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
