r"""Text from a submission, made harmless for the place where it is shown. A submission's text is data, never markup.

Every function first makes visible what a reader would not see: control characters, terminal escapes, marks that
turn the direction of text, invisible signs and lone surrogates are written as `\x1b`, `\u202e` or `\udcff`.
A backslash that was there stays as it is, so that a Windows path stays readable.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

import msgspec

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp", "Zs"})
_SPACES = " \u3000"
"""The space, and the wide space of Chinese and Japanese. Others, such as the no-break space, only look like one."""
_JOINERS = "\u200c\u200d"
"""Invisible, but part of honest names in Persian and Hindi, and of emoji."""
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_LINE_COMMAND = re.compile(r"(^|\s):(?=:[A-Za-z])")
"""`::error ::` at the start of a line is a command to GitHub's runner."""
_ANYWHERE_COMMAND = re.compile(r"##(?=[A-Za-z]*\[)")
"""`##[error]` and `##vso[...]` are commands to GitHub's and Azure's runners anywhere in a line."""
_FORMULA = re.compile("(^|;)([\\s\ufeff\u200b-\u200d]*)(?=[=+@\uff1d\uff0b\uff0d\uff20-])|^(?=[\t\r])")
"""The start of a cell that a spreadsheet takes for a formula, also in full-width signs. A `;` parts cells in many
countries."""
_UNSAFE_IN_JSON = re.compile(
    r"[\x7f-\x9f\xad\u0600-\u0605\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)
_RISKY_WORDS = re.compile(r"@|://|www\.|#\d|\bxmpp:|\bmailto:", re.IGNORECASE)
"""What Markdown on GitHub turns into a link even after a backslash."""
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#|~!&$^:]|(?<!\S)[-+=](?!\S)|^[-+=]|(?<=\d)[.](?=\s))")
MAX_NAME_BYTES = 120
"""The longest file name, in bytes of UTF-8, its ending included."""
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{device}{digit}" for device in ("com", "lpt") for digit in "0123456789¹²³"}
)
"""Names of devices on Windows, with any ending:
https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions"""


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
    return _ANYWHERE_COMMAND.sub(r"#\\x23", _LINE_COMMAND.sub(r"\1\\x3a", text))


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
    return visible(_FORMULA.sub(r"\1'\2", text))


def csv_line(cells: Iterable[str], separator: str = ",") -> str:
    """One line of a CSV file, quoted where it must be."""
    line = io.StringIO()
    csv.writer(line, delimiter=separator, lineterminator="\n").writerow(cells)
    return line.getvalue()


def json_text(value: object) -> str:
    r"""A value, also one of msgspec's, as JSON with two spaces for each level and no line break at its end.

    Characters that would harm a terminal or a build log, and lone surrogates, are written as JSON's own `\u` escapes:
    the text is always valid UTF-8, and reading it gives the same value back.
    """
    try:
        text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    except UnicodeEncodeError:  # half of a surrogate pair, as in a name that is no UTF-8, which msgspec does not write
        text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False, indent=2)
    escaped = _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return _ANYWHERE_COMMAND.sub(r"#\\u0023", escaped)


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


def file_names(submissions: Iterable[str]) -> list[str]:
    """The feedback file's name for each submission, in order. The gradebook links to the same names."""
    taken: set[str] = set()
    return [file_name(submission, taken) for submission in submissions]


def file_name(submission: str, taken: set[str], suffix: str = ".md") -> str:
    """A name for a submission's file that is safe on Linux, macOS and Windows, and unlike every name in `taken`.

    It is added to them. An ordinary name stays as it is (`ada.tar.gz.md`). One that had to be changed gets a few digits
    of its hash, so that it does not depend on the other submissions. Names that differ only in case count as the same.
    """
    stem = _plain_stem(submission)
    digest = hashlib.sha256(submission.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    changed = stem != submission or len((stem + suffix).encode()) > MAX_NAME_BYTES
    endings = itertools.chain(
        [f"-{digest}"] if changed else ["", f"-{digest}"], (f"-{digest}-{n}" for n in range(2, 10**6))
    )
    name = next(
        name for ending in endings if _key(name := _cut(stem, ending + suffix)) not in taken and name not in taken
    )
    taken.update({name, _key(name)})
    return name


def _plain_stem(name: str) -> str:
    """The name with everything but letters, marks, digits, spaces and `.-_@+` as `_`, and with plain ends."""
    plain = "".join(
        char if char in " .-_@+" or unicodedata.category(char)[0] in "LMN" else "_"
        for char in unicodedata.normalize("NFC", name)
    )
    plain = plain.strip(". ").lstrip("-+@. ") or "submission"
    return f"_{plain}" if plain.partition(".")[0].strip().casefold() in _RESERVED else plain


def _cut(stem: str, ending: str) -> str:
    """The stem, cut where it must be, with the ending."""
    room = MAX_NAME_BYTES - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + ending


def _key(name: str) -> str:
    """The same for two names that a file system may take for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
