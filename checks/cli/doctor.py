"""`mlsd doctor`: the tools of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from checks.cli.tools import Tool


def doctor() -> int:
    """List the tools that were found, whether they are new enough, and what will be unavailable here and why."""
    from checks.cli.tools import examine

    for tool in examine():
        found = tool.version or tool.consequence
        typer.echo(f"{_mark(tool)}  {tool.name:<12} {found}{f': {tool.wanted}' if tool.unfit else ''}")
        if tool.unfit or not tool.version:
            typer.echo(f"           {'':<12} to mend it: {tool.remedy}")
    return 0


def _mark(tool: Tool) -> str:
    if tool.version and not tool.unfit:
        return "✓ found  "
    return f"{'✗' if tool.needed else '?'} {tool.unfit or 'missing'}"
