"""The experiment loop with MLflow: change, run, log, compare, and register what is good."""

from __future__ import annotations

from drawing import MARGIN, Drawing

LEFT, RIGHT, CARD = MARGIN, 336, 252
RUNS = (("run", "depth", "rmse"), ("calm-owl", "4", "61.2"), ("bold-fox", "8", "48.7"), ("shy-lark", "16", "50.3"))
LOGGED = ("parameters", "metrics, step by step", "artifacts: plots, files", "the model", "commit and data")


def draw() -> Drawing:
    """Two columns: what you do at the left, what the run leaves at the right."""
    drawing = Drawing(
        "The experiment loop with MLflow",
        "One: change one thing. Two: run the training. Three: MLflow logs parameters, metrics, artifacts, the model, the "
        "commit and the data. Four: compare the runs in a table. If you have a next idea, begin again at one. If a run is "
        "good enough, five: register its model as a new version.",
        510,
    )
    drawing.card(LEFT, 12, CARD, 82, "# 1 Change one thing", "- a parameter, the code,", "- or the data")
    drawing.card(RIGHT, 12, CARD, 82, "# 2 Run", "$ python track.py", "- the same way each time")
    drawing.box(RIGHT, 150, CARD, 204, "accent")
    drawing.text(RIGHT + 14, 180, "3 Log to MLflow", "title")
    for place, what in enumerate(LOGGED):
        drawing.text(RIGHT + 14, 214 + place * 29, what)
    drawing.box(LEFT, 150, CARD, 204)
    drawing.text(LEFT + 14, 180, "4 Compare the runs", "title")
    for row, cells in enumerate(RUNS):
        y = 212 + row * 29
        if cells[0] == "bold-fox":
            drawing.box(LEFT + 6, y - 21, CARD - 12, 30, "accent")
        for cell, x, kind in zip(cells, (26, 176, 250), ("", " end", " end"), strict=True):
            drawing.text(x, y, cell, ("code" if row else "small") + kind)
    drawing.text(LEFT + 14, 336, "bold-fox is the best", "small")
    drawing.arrow((LEFT + CARD, 53), (RIGHT - 3, 53))
    drawing.arrow((462, 94), (462, 147))
    drawing.arrow((RIGHT, 246), (LEFT + CARD + 3, 246))
    drawing.arrow((138, 150), (138, 97))
    drawing.text(150, 128, "next idea", "small")
    drawing.arrow((138, 354), (138, 413))
    drawing.text(150, 390, "good enough", "small")
    drawing.card(
        LEFT,
        416,
        576,
        82,
        "# 5 Register the model",
        "- bike-demand, a new version: it knows its run, and the run knows",
        "- parameters, metrics, commit and data",
    )
    return drawing
