"""The floors of the code: each imports only from those below it."""

from __future__ import annotations

from drawing import MARGIN, Drawing

WIDE, FLOOR, ROOM = 540, 66, 56
FLOORS = (
    (("cli", "one file a verb; prints and exits"),),
    (("plugin", "the pytest door"), ("selftest", "the course proves itself")),
    (("grading", "a class: workers, cache, roster, late, gradebook"),),
    (("learner", "start, hint"), ("rebuild", "a sandbox"), ("submissions", "opened"), ("findings", "shared")),
    (("assertions", "what several tasks ask"),),
    (("core", "course, task, step, judge, workspace, the learner's data"),),
    (("evidence", "readers: they run nothing"), ("reports", "one format a file")),
    (("model", "results"), ("expect", "words of a check"), ("limits", "of what is read")),
)


def draw() -> Drawing:
    """One row a floor, the command line at the top."""
    drawing = Drawing(
        "The floors of the code, each importing only from those below it",
        "From top to bottom: cli; plugin and selftest; grading; learner, rebuild, submissions and findings; assertions; core; "
        "evidence and reports; model, expect and limits.",
        2 * MARGIN + len(FLOORS) * FLOOR - (FLOOR - ROOM),
    )
    for level, rooms in enumerate(FLOORS):
        x = MARGIN
        needs = [max(1.3 * len(name), len(words)) + 4 for name, words in rooms]
        for (name, words), need in zip(rooms, needs, strict=True):
            width = int((WIDE - 10 * (len(rooms) - 1)) * need / sum(needs))
            kind = "accent" if name in ("core", "evidence") else "box"
            drawing.card(x, MARGIN + level * FLOOR, width, ROOM, f"# {name}", f"- {words}", kind=kind)
            x += width + 10
    drawing.arrow((568, 30), (568, drawing.height - 30))
    drawing.parts.append(f'<g transform="translate(582 {drawing.height // 2}) rotate(90)">')
    drawing.text(0, 0, "imports go downwards", "small middle")
    drawing.parts.append("</g>")
    return drawing
