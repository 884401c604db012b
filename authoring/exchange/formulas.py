"""Finds formulas in text as other houses write them: $$…$$, \\\\(…\\\\), \\\\[…\\\\] and, where asked for, $…$.

Looking takes time linear in the text, however many signs open and never close.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CLOSES = {"$$": "$$", "\\(": "\\)", "\\[": "\\]", "$": "$"}
_OPENS = re.compile(r"\$\$|\\\(|\\\[|\$")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in a text, its signs included; `tex` is what stands between them."""

    start: int
    end: int
    tex: str
    sign: str


def formulas(text: str, *, single: bool = False) -> Iterator[Formula]:
    """The formulas of a text from left to right; $…$ only with `single`, and only where it can't be money."""
    nearest: dict[str, int] = {}
    at = 0
    while opened := _OPENS.search(text, at):
        sign, start = opened[0], opened.end()
        at = start
        if sign == "$" and not single:
            continue
        end = _next(text, _CLOSES[sign], start, nearest)
        tex = text[start:end] if end > 0 else ""
        if tex.strip() and "\n\n" not in tex and (sign != "$" or _is_no_money(text, opened.start(), end)):
            at = end + len(sign)
            yield Formula(opened.start(), at, tex, sign)


def _next(text: str, sign: str, start: int, nearest: dict[str, int]) -> int:
    """Where the sign stands next; asked again it does not look at the same text twice."""
    if nearest.get(sign, 0) != -1 and nearest.get(sign, 0) < start:
        nearest[sign] = text.find(sign, start)
    return nearest[sign]


def _is_no_money(text: str, start: int, end: int) -> bool:
    """As the house's own Markdown takes it: no blank inside the signs, no digit outside."""
    before, after = text[start - 1 : start], text[end + 1 : end + 2]
    inside = text[start + 1 : end]
    return not (
        before.isdigit() or after.isdigit() or before == "\\" or inside != inside.strip() or "\n" in inside
    )
