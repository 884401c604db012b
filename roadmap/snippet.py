"""The piece of a text that shows why it was found, with the words found marked. No Django.

PostgreSQL says which words were found: it gets the text folded sign by sign (folding.flat) and puts OPEN and CLOSE
round them. So a place there is the same place in the text itself, which is escaped here before anything is marked.
"""

from __future__ import annotations

from html import escape

OPEN, CLOSE = "\x02", "\x03"  # no text that is published holds them (roadmap.document.CONTROL)
LENGTH = 180  # characters

Span = tuple[int, int]


def spans(marked: str) -> list[Span]:
    """Where the marked pieces stand, in the text without marks."""
    found, at, begun = [], 0, 0
    for sign in marked:
        if sign == OPEN:
            begun = at
        elif sign == CLOSE:
            found.append((begun, at))
        else:
            at += 1
    return found


def marked(text: str, found: list[Span]) -> str:
    """The whole text as HTML with <mark> round the pieces found."""
    parts, at = [], 0
    for begin, end in found:
        if at <= begin < end <= len(text):
            parts += [escape(text[at:begin]), "<mark>", escape(text[begin:end]), "</mark>"]
            at = end
    return "".join([*parts, escape(text[at:])])


def snippet(text: str, found: list[Span], length: int = LENGTH) -> str:
    """The stretch with most pieces found, cut at words, as HTML."""
    begin, end = _stretch(text, found, length)
    inside = [(a - begin, b - begin) for a, b in found if begin <= a and b <= end]
    before, after = "… " if begin else "", " …" if end < len(text) else ""
    return before + marked(text[begin:end], inside) + after


def _stretch(text: str, found: list[Span], length: int) -> Span:
    if len(text) <= length:
        return 0, len(text)
    first = max((a for a, _b in found), key=lambda a: _within(found, a, length * 2 // 3), default=0)
    begin = _word_start(text, max(0, min(first - length // 4, len(text) - length)))
    end = begin + length
    if end >= len(text):
        return begin, len(text)
    space = text.rfind(" ", begin + 1, end + 1)
    return begin, space if space > first else end


def _within(found: list[Span], start: int, reach: int) -> tuple[int, int]:
    """How many pieces stand within reach; the earlier start wins."""
    return sum(start <= a < start + reach for a, _b in found), -start


def _word_start(text: str, at: int) -> int:
    if at == 0 or text[at - 1] == " ":
        return at
    space = text.find(" ", at)
    return space + 1 if 0 <= space < at + 30 else at
