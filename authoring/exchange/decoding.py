"""Bytes of a text format as text, whatever machine wrote them: for GIFT, Aiken, tables and YAML; XML says its own.

decoded = decoding.decode(data)        # raises UnreadableError with the place
decoded.text                           # line ends are \\n, no character that the house can't keep
Reading(questions, (*decoded.left(), *left))
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from accounts.sentences import sentence as _
from authoring.exchange.questions import Left, UnreadableError

MOST_BYTES = 4 * 1024 * 1024
MOST_LINES = 250_000
MB = 1024 * 1024

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins alike
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GUESSED_FROM = 4096  # bytes
_SPACES = re.compile("[\x0b\x0c\x85\u2028\u2029]")  # what word processors leave for a line or page break
# The last ones are signs that readers use among themselves.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file, and how its bytes were read."""

    text: str
    encoding: str

    def left(self) -> tuple[Left, ...]:
        """What the reader of the file should know of it: bytes that say nothing of their encoding were guessed."""
        if self.encoding != "windows-1252":
            return ()
        what = _("The file is not UTF-8, so it was read as windows-1252. Look at its accents and quotes.")
        return (Left("", "", what, is_whole=False),)


def decode(data: bytes, most: int = MOST_BYTES) -> Decoded:
    """The text of a file; raises UnreadableError when it is too large, is no text, or holds what no text has."""
    refuse_large(data, most)
    encoding, start = _encoding(data)
    try:
        text = data[start:].decode(encoding)
    except UnicodeDecodeError as error:
        line = data[start : start + error.start].count(b"\n") + 1
        what = _("This is no text that can be read: neither UTF-8 nor UTF-16 nor windows-1252.")
        raise UnreadableError(what, f"line {line}") from error
    if text.count("\n") > MOST_LINES or text.count("\r") > MOST_LINES:
        raise UnreadableError(_("The file has more than %(most)s lines. Split it.", most=MOST_LINES))
    text = _SPACES.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    if found := _IMPOSSIBLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        sign = f"U+{ord(found[0]):04X}"
        what = _("A character stands here that no text has (%(sign)s). Is it a text file?", sign=sign)
        raise UnreadableError(what, f"line {line}")
    return Decoded(text, encoding)


def refuse_large(data: bytes, most: int = MOST_BYTES) -> None:
    """Raises UnreadableError for more bytes than this; also for formats that are no text."""
    if len(data) > most:
        what = _("The file is larger than %(most)s MB. Split it.", most=f"{most / MB:g}")
        raise UnreadableError(what)


def _encoding(data: bytes) -> tuple[str, int]:
    """How the bytes are to be read, and where the text begins."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name, len(mark)
    if wide := _wide(data[:_GUESSED_FROM]):
        return wide, 0
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1252", 0
    return "utf-8", 0


def _wide(beginning: bytes) -> str:
    """UTF-16 without a mark: of most signs, one of the two bytes is zero."""
    half = len(beginning) // 2
    first, second = beginning[0::2].count(0), beginning[1::2].count(0)
    if not half or max(first, second) * 10 < half * 4 or min(first, second) * 20 > half:
        return ""
    return "utf-16-be" if first > second else "utf-16-le"
