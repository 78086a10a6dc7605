"""The actions that a task's README asks of a learner, in order, as its fenced blocks say them.

- `sh`: commands to type, in the folder where the last ones ended, or in the "root of the clone" if the paragraph before
  says so.
- `shell`: a program that runs until it is stopped, in a second terminal.
- `text`: what one should see.
- Another kind below a paragraph that begins with a file's name, in backticks, and ends with a colon: that file. With the
  words "with the versions that the solver showed", its pins become those that the commands before have printed.
- `python` below "in the place of `LINE`:": a change in the file that was named last by "change `FILE`".

Blocks of other kinds (`console`, or none) show something, and ask for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

FIRST, END = "Set up", "Troubleshooting"
"""The chapters that are followed: from the first up to the end, which is not."""
_STEP = re.compile(r"<!-- step: (?P<step>\w+) -->")
_FILE = re.compile(r"`(?P<name>[\w./-]+)`.*:", re.DOTALL)
_AS_SHOWN = re.compile(r"with the versions that the solver showed")
_CHANGED = re.compile(r"change `(?P<name>[\w./-]+)`")
_PLACE = re.compile(r"in the place of `(?P<line>[^`]+)`(?P<below> and of the line below it)?:$", re.IGNORECASE)
_AT_ROOT = re.compile(r"\broot of (?:the|your) clone\b")
_NEITHER = frozenset({"", "console"})


@dataclass(frozen=True, slots=True)
class Typed:
    """Commands."""

    text: str
    at_root: bool


@dataclass(frozen=True, slots=True)
class Served:
    """A program that runs until it is stopped."""

    command: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Lines that one should see."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A file. `as_shown`: its versions are those that the commands before have printed."""

    name: str
    text: str
    as_shown: bool


@dataclass(frozen=True, slots=True)
class Replaced:
    """Lines of a file that give way to others: the one that begins with `line`, and so many in all."""

    name: str
    line: str
    count: int
    text: str


Action = Typed | Served | Seen | Written | Replaced


@dataclass(slots=True)
class Section:
    """A chapter or a step, with its actions."""

    title: str
    step: str | None = None
    actions: list[Action] = field(default_factory=list)


def sections(readme: str) -> list[Section]:
    """Set-up, steps and check of a README, in order."""
    found: list[Section] = []
    before = changed = ""
    for token, following in pairwise([*MarkdownIt("commonmark").parse(readme), Token("", "", 0)]):
        if token.type == "heading_open" and token.tag in {"h2", "h3"}:
            if token.tag == "h2" and following.content == END:
                break
            if found or following.content == FIRST:
                found.append(Section(following.content))
        if not found:
            continue
        if token.type == "html_block" and (step := _STEP.search(token.content)):
            found[-1].step = step["step"]
        elif token.type == "inline":
            before = token.content
            if named := _CHANGED.search(before):
                changed = named["name"]
        elif token.type == "fence":
            found[-1].actions += _actions(token, before, changed)
            before = ""
    return found


def _actions(block: Token, before: str, changed: str) -> Iterator[Action]:
    kind, text = block.info.strip(), block.content
    if kind == "sh":
        yield Typed(text, at_root=bool(_AT_ROOT.search(before)))
    elif kind == "shell":
        yield Served(text.strip())
    elif kind == "text":
        yield Seen(tuple(text.splitlines()))
    elif place := _PLACE.search(before):
        yield Replaced(changed, place["line"], 2 if place["below"] else 1, text)
    elif kind not in _NEITHER and (file := _FILE.fullmatch(before)):
        yield Written(file["name"], text, as_shown=bool(_AS_SHOWN.search(before)))
