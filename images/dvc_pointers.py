"""Pointers in Git, objects in the cache and in the remote."""

from __future__ import annotations

from drawing import MARGIN, WIDTH, Drawing

COLUMN, GAP = 164, 42
COLUMNS = (("Git", "commits, tags", 0), ("DVC cache", "on your machine", 1), ("DVC remote", "for everybody", 2))
VERSIONS = (("data-v1.0.0", "9d9bd2…", "month 1", 92), ("data-v1.1.0", "9340ba…", "months 1 and 2", 198))


def draw() -> Drawing:
    """Two versions of the data: a pointer each in Git, an object each in cache and remote."""
    drawing = Drawing(
        "Pointers in Git name objects in the DVC cache and the DVC remote",
        "Two tags in Git, each with a pointer file that holds an MD5 hash. Each hash is the name of one object in the DVC "
        "cache on your machine and in the DVC remote. dvc push and dvc pull move objects between the two.",
        346,
    )
    for title, what, place in COLUMNS:
        x = MARGIN + place * (COLUMN + GAP)
        drawing.box(x, 12, COLUMN, 294, "area")
        drawing.text(x + 14, 42, title, "title")
        drawing.text(x + 14, 66, what, "small")
    cache, remote = (MARGIN + place * (COLUMN + GAP) for place in (1, 2))
    for tag, md5, content, y in VERSIONS:
        drawing.card(20, y, 148, 96, f"$ {tag}", "- rentals.csv.dvc", f"$ md5: {md5}")
        for x in (cache, remote):
            drawing.card(x + 8, y, 148, 96, f"$ {md5}", f"- {content}", kind="accent")
        drawing.arrow((168, y + 48), (cache + 6, y + 48))
    push, pull = 128, 258
    middle = cache + COLUMN + GAP // 2
    drawing.arrow((cache + 156, push), (remote + 6, push))
    drawing.text(middle, push - 12, "push", "small middle")
    drawing.arrow((remote + 8, pull), (cache + 158, pull))
    drawing.text(middle, pull - 12, "pull", "small middle")
    drawing.text(WIDTH // 2, 334, "A pointer is a few lines of text. Its hash is the name of the data.", "small middle")
    return drawing
