"""What the pictures of the READMEs are made of: words, cards, arrows, and the SVG around them.

Standard library only. The colours follow the reader's light or dark mode. A picture is 600 units wide, so that its words
can still be read on a telephone. Lengths and places are in these units, from the upper left corner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

WIDTH = 600
MARGIN = 12
_STYLE = """
  text { font: 17px system-ui, sans-serif; fill: #1f2328 }
  .small { font-size: 15px; fill: #59636e }
  .code { font: 15px ui-monospace, monospace }
  .screen { white-space: pre }
  .title { font-weight: 600; font-size: 18px }
  .middle { text-anchor: middle }
  .end { text-anchor: end }
  .area { fill: #f6f8fa; stroke: #d1d9e0 }
  .box { fill: #ffffff; stroke: #59636e }
  .accent { fill: #ddf4ff; stroke: #0969da }
  .later { fill: none; stroke: #59636e; stroke-dasharray: 6 5 }
  .line { stroke: #0969da; stroke-width: 2; fill: none; marker-end: url(#arrow) }
  .dashed { stroke-dasharray: 6 5 }
  #arrow path { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .small { fill: #9198a1 }
    .area { fill: #151b23; stroke: #3d444d }
    .box { fill: #0d1117; stroke: #9198a1 }
    .accent { fill: #0c2d6b; stroke: #4493f8 }
    .accent-words { fill: #d1d9e0 }
    .later { stroke: #9198a1 }
    .line { stroke: #4493f8 }
    #arrow path { fill: #4493f8 }
  }
"""
_ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse"><path d="M0 0 10 5 0 10z"/></marker></defs>'
)
_LINE, _RISE = 23, 6  # from one baseline to the next; from the middle of a line down to its baseline


@dataclass
class Drawing:
    """A picture in the making. Title and description are what a screen reader says."""

    title: str
    description: str
    height: int
    parts: list[str] = field(default_factory=list)

    def text(self, x: int, y: int, words: str, kind: str = "") -> None:
        """Words at a baseline; `kind` is one or more names of the style: `small`, `code`, `title`, `middle`, `end`."""
        self.parts.append(f'<text x="{x}" y="{y}" class="{kind}">{escape(words)}</text>')

    def box(self, x: int, y: int, width: int, height: int, kind: str = "box") -> None:
        """A rounded rectangle: `box`, `accent` (what it is about), `area` (what holds others) or `later` (dashed)."""
        self.parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" class="{kind}"/>')

    def card(self, x: int, y: int, width: int, height: int, *lines: str, kind: str = "box") -> None:
        """A box with lines of words in its middle. `# ` begins a title, `$ ` code, `- ` small words."""
        self.box(x, y, width, height, kind)
        styles = {"# ": "title", "$ ": "code", "- ": "small accent-words" if kind == "accent" else "small"}
        top = y + (height - (len(lines) - 1) * _LINE) // 2 + _RISE
        for place, line in enumerate(lines):
            style = styles.get(line[:2], "")
            self.text(x + 14, top + place * _LINE, line[2:] if style else line, style)

    def arrow(self, *points: tuple[int, int], dashed: bool = False) -> None:
        """A line through the points, with its head at the last."""
        way = " L".join(f"{x} {y}" for x, y in points)
        self.parts.append(f'<path d="M{way}" class="line{" dashed" if dashed else ""}"/>')

    def svg(self) -> str:
        """The file's text."""
        body = "\n".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" width="{WIDTH}" '
            f'height="{self.height}" role="img" aria-labelledby="title description">'
            f'<title id="title">{escape(self.title)}</title><desc id="description">{escape(self.description)}</desc>'
            f"<style>{_STYLE}</style>{_ARROW}\n{body}\n</svg>\n"
        )
