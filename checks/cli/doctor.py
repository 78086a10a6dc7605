"""`mlsd doctor`: the tools of this machine."""

from __future__ import annotations

import typer


def doctor() -> int:
    """List the tools that were found, their versions, and what will be unavailable here and why."""
    from checks.rebuild.tools import examine

    for tool in examine():
        mark = "✓ found  " if tool.version else ("✗ missing" if tool.needed else "? missing")
        typer.echo(f"{mark}  {tool.name:<12} {tool.version or tool.consequence}")
        if not tool.version:
            typer.echo(f"           {'':<12} to mend it: {tool.remedy}")
    return 0
