"""The floors of the code: each imports only from those below it."""

from __future__ import annotations

from drawing import MARGIN, Drawing

WIDE, FLOOR, ROOM = 540, 66, 56
FLOORS = (
    (("cli", "one file a verb; prints and exits"),),
    (("plugin", "the pytest door"), ("selftest", "the course proves itself")),
    (("grading", "open, judge and write up many submissions"),),
    (("learner", "start, reset, hint"), ("rebuild", "sandbox and recipes")),
    (("judge", "verdicts on a task's steps"), ("assertions", "what several tasks assert")),
    (("workspace", "a task folder"), ("clone", "one learner's work")),
    (("course", "tasks, steps, the learner's data"),),
    (("reports", "one renderer a file"),),
    (("evidence", "readers of what the tools left behind: they execute nothing"),),
    (("model", "results"), ("expect", "words of a check"), ("limits", "of what is read")),
)


def draw() -> Drawing:
    """One row a floor, the command line at the top."""
    drawing = Drawing(
        "The floors of the code, each importing only from those below it",
        "From top to bottom: cli; plugin and selftest; grading; learner and rebuild; judge and assertions; workspace and "
        "clone; course; reports; evidence; model, expect and limits.",
        2 * MARGIN + len(FLOORS) * FLOOR - (FLOOR - ROOM),
    )
    for level, rooms in enumerate(FLOORS):
        width = (WIDE - 10 * (len(rooms) - 1)) // len(rooms)
        for place, (name, what) in enumerate(rooms):
            kind = "accent" if name in ("judge", "assertions", "evidence") else "box"
            x, y = MARGIN + place * (width + 10), MARGIN + level * FLOOR
            drawing.card(x, y, width, ROOM, f"# {name}", f"- {what}", kind=kind)
    drawing.arrow((568, 30), (568, drawing.height - 30))
    drawing.parts.append(f'<g transform="translate(582 {drawing.height // 2}) rotate(90)">')
    drawing.text(0, 0, "imports go downwards", "small middle")
    drawing.parts.append("</g>")
    return drawing
