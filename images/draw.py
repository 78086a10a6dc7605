"""Draw the pictures of the READMEs: python images/draw.py writes every `.svg` beside this file.

Standard library only. The colours follow the reader's light or dark mode.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent
STYLE = """
  text { font: 15px system-ui, sans-serif; fill: #1f2328 }
  .small { font-size: 13px; fill: #59636e }
  .code { font: 13px ui-monospace, monospace }
  .title { font-weight: 600; font-size: 17px }
  .area { fill: #f6f8fa; stroke: #d1d9e0 }
  .box { fill: #ffffff; stroke: #59636e }
  .accent { fill: #ddf4ff; stroke: #0969da }
  .line { stroke: #0969da; stroke-width: 2; fill: none; marker-end: url(#arrow) }
  #arrow path { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .small { fill: #9198a1 }
    .area { fill: #151b23; stroke: #3d444d }
    .box { fill: #0d1117; stroke: #9198a1 }
    .accent { fill: #0c2d6b; stroke: #4493f8 }
    .line { stroke: #4493f8 }
    #arrow path { fill: #4493f8 }
  }
"""
ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse"><path d="M0 0 10 5 0 10z"/></marker></defs>'
)


def text(x: int, y: int, words: str, kind: str = "", anchor: str = "start") -> str:
    """Words at a baseline."""
    return f'<text x="{x}" y="{y}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def box(x: int, y: int, width: int, height: int, kind: str = "box") -> str:
    """A rounded rectangle."""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" class="{kind}"/>'


def line(x1: int, y1: int, x2: int, y2: int) -> str:
    """An arrow."""
    return f'<path d="M{x1} {y1} L{x2} {y2}" class="line"/>'


def picture(name: str, width: int, height: int, title: str, parts: list[str]) -> None:
    """Write one picture. The title is what a screen reader says."""
    body = "\n".join(parts)
    (HERE / f"{name}.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img"><title>{escape(title)}</title><style>{STYLE}</style>{ARROW}\n{body}\n</svg>\n',
        encoding="utf-8",
        newline="\n",
    )


def dvc_pointers() -> None:
    """Pointers in Git, objects in the cache and in the remote."""
    parts = []
    columns = (
        (20, "Git", "commits, tags, pointers"),
        (300, "DVC cache", "data on your machine"),
        (580, "DVC remote", "data for everybody"),
    )
    for x, title, what in columns:
        parts += [box(x, 20, 240, 270, "area"), text(x + 16, 48, title, "title"), text(x + 16, 70, what, "small")]
    versions = (("data-v1.0.0", "9d9bd2…", "month 1", 90), ("data-v1.1.0", "9340ba…", "months 1 and 2", 190))
    for tag, md5, content, y in versions:
        parts += [box(36, y, 208, 84), text(50, y + 26, tag, "code"), text(50, y + 48, "rentals.csv.dvc", "small")]
        parts += [text(50, y + 70, f"md5: {md5}", "code")]
        for x in (316, 596):
            parts += [box(x, y, 208, 84, "accent"), text(x + 14, y + 34, md5, "code"), text(x + 14, y + 60, content)]
        parts += [line(244, y + 42, 312, y + 42)]
    parts += [line(524, 120, 592, 120), text(560, 108, "push", "small", "middle")]
    parts += [line(592, 244, 528, 244), text(560, 232, "pull", "small", "middle")]
    parts += [text(420, 318, "A pointer is five lines of text. Its hash is the name of the data.", "small", "middle")]
    picture("dvc_pointers", 840, 336, "Pointers in Git name objects in the DVC cache and the DVC remote", parts)


def house() -> None:
    """The floors of the code: each imports only from those below it."""
    floors = (
        (("cli", "one file a verb; prints and exits"),),
        (("plugin", "the pytest door"), ("selftest", "the course proves itself")),
        (("grading", "open, judge and write up many submissions"),),
        (("learner", "start, reset, hint"), ("rebuild", "sandbox and recipes")),
        (("judge", "verdicts on the steps of a task"), ("assertions", "what several tasks assert")),
        (("workspace", "a task folder"), ("clone", "one learner's work")),
        (("course", "tasks, steps, the learner's data"),),
        (("reports", "one renderer a file"),),
        (("evidence", "readers of Git, DVC and files: they execute nothing"),),
        (("model", "results"), ("expect", "words of a check"), ("limits", "of what is read")),
    )
    parts = []
    for level, rooms in enumerate(floors):
        width = (760 - 10 * (len(rooms) - 1)) // len(rooms)
        for place, (name, what) in enumerate(rooms):
            x, y = 20 + place * (width + 10), 20 + level * 62
            kind = "accent" if name in ("judge", "assertions", "evidence") else "box"
            parts += [
                box(x, y, width, 52, kind),
                text(x + 14, y + 23, name, "title"),
                text(x + 14, y + 42, what, "small"),
            ]
    parts += [line(805, 40, 805, 620)]
    parts += [
        f'<g transform="translate(824 330) rotate(90)">{text(0, 0, "imports go downwards", "small", "middle")}</g>'
    ]
    picture("house", 850, 655, "The floors of the code, each importing only from those below it", parts)


if __name__ == "__main__":
    dvc_pointers()
    house()
