"""From a grid of runs to a registered model, its versions, aliases, and the server that follows an alias."""

from __future__ import annotations

from drawing import MARGIN, Drawing

GRID = ("61.2", "55.9", "58.4", "50.3", "52.7", "48.7")
VERSIONS = (("# Version 1", "- the run with 50.3", 12), ("# Version 2", "- the run with 48.7", 326))
ALIASES = (("challenger", 12), ("champion", 326))


def draw() -> Drawing:
    """Grid, registry, aliases and server from top to bottom."""
    drawing = Drawing(
        "From a grid of runs to a champion that is served",
        "A parent run has six child runs, each with its error; the smallest is 48.7. Two of the runs become versions 1 and 2 "
        "of the registered model bike-demand. The alias champion points at version 2, from the best run, and challenger at "
        "version 1. The server loads the version that champion names. To roll back is to move the alias to version 1.",
        608,
    )
    drawing.box(MARGIN, 12, 576, 152, "area")
    drawing.text(26, 42, "Runs of a grid", "title")
    drawing.text(176, 42, "one parent, six children, each with its rmse", "small")
    for place, rmse in enumerate(GRID):
        best = rmse == min(GRID)
        x, y = 24 + place % 3 * 188, 58 + place // 3 * 50
        drawing.card(x, y, 176, 42, f"$ {rmse}{'  the best' if best else ''}", kind="accent" if best else "box")
    drawing.box(MARGIN, 214, 576, 152, "area")
    drawing.text(120, 244, "Registered model bike-demand", "title")
    for title, run, x in VERSIONS:
        best = x > MARGIN
        drawing.card(x + 12, 258, 238, 92, title, run, "- description, tag validated", kind="accent" if best else "box")
        drawing.arrow((500 * best + 60, 150), (500 * best + 60, 255))
    drawing.text(74, 194, "register", "small")
    for alias, x in ALIASES:
        drawing.card(x + 52, 420, 158, 42, f"$ @{alias}", kind="accent" if alias == "champion" else "box")
        drawing.arrow((x + 131, 420), (x + 131, 353))
    drawing.arrow((378, 441), (300, 441), (300, 330), (265, 330), dashed=True)
    drawing.text(292, 404, "roll back", "small end")
    drawing.card(326, 516, 250, 68, "# Server", "$ bike-demand@champion")
    drawing.arrow((457, 516), (457, 465))
    for place, line in enumerate(
        ("The server asks for an alias. Roll back:", "move the alias to version 1, and load it.")
    ):
        drawing.text(MARGIN + 2, 546 + place * 22, line, "small")
    return drawing
