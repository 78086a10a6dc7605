"""A DVC pipeline: stages, what they read and write, and what runs again."""

from __future__ import annotations

from drawing import MARGIN, Drawing

LEFT, MIDDLE, RIGHT = (MARGIN, 168), (206, 212), 456  # x and width of the columns; the words at the right
STAGES = (
    ("preprocess", ("preprocess.py", "split: share, seed"), ("train.csv, test.csv",), "is skipped"),
    ("train", ("train.py", "hyperparameters"), ("model",), "runs again"),
    ("evaluate", ("evaluate.py",), ("predictions.csv,", "metrics.json"), "runs again"),
)


def draw() -> Drawing:
    """The stages in the middle from top to bottom, scripts and parameters at the left, what reruns at the right."""
    drawing = Drawing(
        "A DVC pipeline of three stages, and what runs again",
        "rentals.csv goes into preprocess, which writes train.csv and test.csv. train reads train.csv and writes the model. "
        "evaluate reads the model and test.csv, and writes predictions.csv and metrics.json. Each stage also depends on its "
        "script, preprocess and train on parameters. dvc.lock holds the hash of all of these. When a parameter of train "
        "changes, preprocess is skipped, train and evaluate run again.",
        654,
    )
    x, width = MIDDLE
    drawing.text(LEFT[0] + 2, 36, "depends on", "small")
    drawing.text(RIGHT + 2, 24, "a parameter of", "small")
    drawing.text(RIGHT + 2, 44, "train changes:", "small")
    drawing.card(x, 12, width, 40, "$ data/rentals.csv")
    for place, (stage, needs, outs, then) in enumerate(STAGES):
        y = 82 + place * 158
        center = x + width // 2
        drawing.arrow((center, y - 30), (center, y - 3))
        drawing.card(x, y, width, 56, f"# {stage}", f"- stage {place + 1}", kind="accent")
        lines = [f"- {need}" for need in needs]
        drawing.card(LEFT[0], y, LEFT[1], 62 if len(needs) > 1 else 42, *lines)
        drawing.arrow((LEFT[0] + LEFT[1], y + 21), (x - 3, y + 21))
        drawing.text(RIGHT + 22, y + 34, then)
        drawing.arrow((center, y + 56), (center, y + 83))
        drawing.card(x, y + 86, width, 64 if len(outs) > 1 else 42, *(f"$ {out}" for out in outs))
    drawing.arrow((x + width, 189), (442, 189), (442, 426), (x + width + 3, 426))
    drawing.text(452, 320, "test.csv", "code")
    drawing.box(MARGIN, 570, 576, 72, "area")
    drawing.text(26, 600, "dvc.lock", "title")
    drawing.text(130, 600, "the hash of every dependency and output, and", "small")
    drawing.text(130, 626, "each parameter: what did not change is not run", "small")
    return drawing
