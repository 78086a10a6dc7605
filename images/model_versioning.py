"""One version of a model: a commit that ties code, parameters, metrics, data and model together."""

from __future__ import annotations

from drawing import MARGIN, WIDTH, Drawing

IN_GIT = (
    ("code", "train.py, dvc.yaml"),
    ("parameters", "params.yaml"),
    ("metrics", "metrics.json"),
    ("data", "dvc.lock: md5 6ab1f0…"),
    ("model", "dvc.lock: md5 c27e94…"),
)
STORED = (("6ab1f0…", "rentals.csv"), ("c27e94…", "model.pkl"))
VERSIONS = ("v1.0.0", "v1.1.0", "v2.0.0")


def draw() -> Drawing:
    """The commit at the left, the storage at the right, the history below."""
    drawing = Drawing(
        "One version of a model is one commit",
        "A commit in Git with the tag v2.0.0 holds code, parameters and metrics as text, and for data and model a pointer "
        "with a hash. Each pointer names an object in the DVC storage. Below, the versions v1.0.0, v1.1.0 and v2.0.0 stand "
        "in a row; to roll back is to check out an older tag and to pull its objects.",
        592,
    )
    drawing.box(MARGIN, 12, 330, 408, "area")
    drawing.text(26, 42, "Git: one commit", "title")
    drawing.text(26, 66, "tag v2.0.0, commit 94dc5ee", "small")
    drawing.box(404, 12, 184, 408, "area")
    drawing.text(418, 42, "DVC storage", "title")
    drawing.text(418, 66, "large files", "small")
    for place, (name, where) in enumerate(IN_GIT):
        y = 82 + place * 66
        pointer = place >= len(IN_GIT) - len(STORED)
        drawing.card(24, y, 306, 58, name if not pointer else f"{name}, as a pointer", f"$ {where}")
        if pointer:
            md5, content = STORED[place - 3]
            drawing.card(416, y, 160, 58, content, f"$ {md5}", kind="accent")
            drawing.arrow((330, y + 29), (413, y + 29))
    for place, line in enumerate(("named by", "their hash,", "stored once")):
        drawing.text(418, 130 + place * 24, line, "small")
    drawing.text(MARGIN + 2, 456, "The history keeps every version:", "small")
    for place, version in enumerate(VERSIONS):
        x = MARGIN + place * 206
        drawing.card(x, 472, 164, 44, f"$ {version}", kind="accent" if place == len(VERSIONS) - 1 else "box")
        if place:
            drawing.arrow((x - 42, 494), (x - 3, 494))
    drawing.arrow((500, 516), (500, 540), (300, 540), (300, 520), dashed=True)
    drawing.text(WIDTH // 2, 572, "Roll back: check out an older tag, then dvc pull.", "small middle")
    return drawing
