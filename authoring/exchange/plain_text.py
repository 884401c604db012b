"""Plain text of other houses as Markdown of ours that shows it as it reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from authoring.exchange import markdown_signs as signs
from authoring.exchange.formulas import formulas

_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_LONGEST = 20_000  # characters: no field of a question takes more, so in longer texts nothing is looked for


def markdown(text: str) -> str:
    """The text line by line. Its formulas are those of the house, in the line: legends and options draw no others."""
    plain = text.translate(signs.UNMARKED).strip()
    if len(plain) > _LONGEST:
        return signs.escaped(plain)
    parts = (signs.paragraph(list(_lines(part))) for part in _PARAGRAPHS.split(_with_formulas(plain)))
    return "\n\n".join(filter(None, parts))


def _lines(text: str) -> Iterator[signs.Piece]:
    for line in text.split("\n"):
        yield signs.Raw(line)
        yield signs.BREAK


def _with_formulas(text: str) -> str:
    """The text with each of its formulas, $…$ too, on one line between the signs of one in a line."""
    pieces, at = [], 0
    for formula in formulas(text, single=True):
        pieces += [text[at : formula.start], f"\\({' '.join(formula.tex.split())}\\)"]
        at = formula.end
    return "".join([*pieces, text[at:]])
