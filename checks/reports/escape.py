r"""Text from a submission, made harmless for the place where it is shown. A submission's text is data, never markup.

Every function first makes visible what a reader would not see: control characters, terminal escapes, marks that
turn the direction of text, invisible signs and lone surrogates are written as `\x1b`, `\u202e` or `\udcff`.
A backslash that was there stays as it is, so that a Windows path stays readable.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp", "Zs"})
_SPACES = " \u3000"
"""The space, and the wide space of Chinese and Japanese. Others, such as the no-break space, only look like one."""
_JOINERS = "\u200c\u200d"
"""Invisible, but part of honest names in Persian and Hindi, and of emoji."""
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_LINE_COMMAND = re.compile(r"(^|\s):(?=:[A-Za-z])")
"""`::error ::` at the start of a line is a command to GitHub's runner."""
ANYWHERE_COMMAND = re.compile(r"##(?=[A-Za-z]*\[)")
"""`##[error]` and `##vso[...]` are commands to GitHub's and Azure's runners anywhere in a line."""
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a cell a formula in a spreadsheet; the last four are the full-width forms of the first four."""
_RISKY_WORDS = re.compile(r"@|://|www\.|#\d|\bxmpp:|\bmailto:", re.IGNORECASE)
"""What Markdown on GitHub turns into a link even after a backslash."""
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#|~!&$^:]|(?<!\S)[-+=](?!\S)|^[-+=]|(?<=\d)[.](?=\s))")


def visible(text: str, *, keep: str = "") -> str:
    """The text with every hidden character written out, except those in `keep`."""
    if text.isprintable():
        return text
    return "".join(char if char in keep else _shown(char) for char in text)


def _shown(char: str) -> str:
    """One character, written out where a reader could not see it."""
    if char in _JOINERS + _SPACES or unicodedata.category(char) not in _HIDDEN:
        return char
    return _SHORT.get(char) or char.encode("unicode_escape", "surrogatepass").decode("ascii")


def shorten(text: str, limit: int) -> str:
    """The text, or where it is longer than `limit` characters its start and a note that says how much is shown."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… (cut: the first {limit:,} of {len(text):,} characters)"


def without_commands(text: str) -> str:
    """The text with what a build runner would obey broken: `::error` at a line's start and `##[error]` anywhere."""
    return ANYWHERE_COMMAND.sub(r"#\\x23", _LINE_COMMAND.sub(r"\1\\x3a", text))


def terminal(text: str) -> str:
    r"""One line for a terminal or a build log; a line break in it is written as `\n`."""
    return without_commands(visible(text))


def workflow_message(text: str) -> str:
    """The message of a workflow command of GitHub's, on one line; its line breaks are shown as such."""
    return without_commands(visible(text, keep="\n")).replace("%", "%25").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """The value of a property of such a command: what would end it is written as GitHub's runner reads it back."""
    return without_commands(visible(text)).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def xml_text(text: str) -> str:
    """Text that XML 1.0 allows, line breaks kept. Quoting `<` and `&` is left to the XML writer."""
    return without_commands(visible(text, keep="\n"))


def csv_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before it where one could. Not yet quoted."""
    start = text.lstrip().lstrip("\ufeff\u200b" + _JOINERS).lstrip()
    formula = start.startswith(_FORMULA) or text.startswith(("\t", "\r"))
    return ("'" if formula else "") + visible(text)


def code_span(text: str) -> str:
    r"""Text as a Markdown code span, with a fence that the text can't close. A line break is written as `\n`."""
    shown = visible(text)
    if not shown.strip(" "):
        return f'`"{shown}"`'
    fence = "`" * (longest_run(shown, "`") + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def markdown(text: str) -> str:
    """Text as part of a Markdown line: no markup, no link, no HTML. Text that GitHub would link is a code span."""
    if _RISKY_WORDS.search(text):
        return code_span(text)
    return _MARKUP.sub(r"\\\1", visible(text).strip())


def readme_address(base: str, see: str) -> str:
    """The address of a README section, for a link: always below `base`, whatever the path holds."""
    return base + quote(see.lstrip("/").encode("utf-8", "replace"), safe="/#-._~")


def longest_run(text: str, char: str) -> int:
    """The length of the longest unbroken run of `char` in the text."""
    return max((len(run) for run in re.findall(f"{re.escape(char)}+", text)), default=0)
