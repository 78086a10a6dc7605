"""The whole path of a model, and which parts this course covers."""

from __future__ import annotations

from drawing import MARGIN, Drawing

PATH = (
    ("Version data and code", "one commit names it all", "tasks 1.1, 1.2"),
    ("Track experiments", "what was tried, what it gave", "tasks 2.1, 2.2"),
    ("Package", "the same environment everywhere", "tasks 3.1, 3.2"),
    ("Test and deliver", "CI/CD: every push is proved", "later"),
    ("Register and serve", "a version answers requests", "begun in 2.2"),
    ("Monitor and alert", "drift, errors, slow answers", "later"),
    ("Retrain by itself", "new data, a new candidate", "later"),
)
ROW, CARD = 84, 60


def draw() -> Drawing:
    """One row a stage, and the way back from the last to the first."""
    drawing = Drawing(
        "The whole path of a model, and what this course covers",
        "; ".join(f"{place}: {name}, {where}" for place, (name, _, where) in enumerate(PATH, 1))
        + ". From the last an arrow leads back to the first.",
        2 * MARGIN + len(PATH) * ROW - (ROW - CARD),
    )
    x, width, words = 54, 534, 440
    for place, (name, what, where) in enumerate(PATH):
        y = MARGIN + place * ROW
        kind = "later" if where == "later" else "accent" if where.startswith("task") else "box"
        drawing.card(x, y, width, CARD, f"# {place + 1} {name}", f"- {what}", kind=kind)
        drawing.text(words, y + 36, where)
        if place:
            drawing.arrow((x + width // 2, y - ROW + CARD), (x + width // 2, y - 3))
    last = MARGIN + (len(PATH) - 1) * ROW + CARD // 2
    drawing.arrow((x, last), (28, last), (28, MARGIN + CARD // 2), (x - 3, MARGIN + CARD // 2))
    return drawing
