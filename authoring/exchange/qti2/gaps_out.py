"""Gaps of a text, which stand in it as signs while its blocks are made, as QTI 2 shows them."""

from __future__ import annotations

import re

from lxml import etree

_SIGN = re.compile(r"zqgap(\d+)qz")  # drafting.gap_sign


def put_interactions(shown: etree._Element, interactions: list[list[etree._Element]]) -> None:
    """Replaces the signs of gaps by what each gap shows."""
    for part in list(shown.iter(etree.Element)):
        _put(part, interactions)


def _put(part: etree._Element, interactions: list[list[etree._Element]]) -> None:
    """In the text of an element and behind its children."""
    for child in list(part):
        if child.tail and _SIGN.search(child.tail):
            text, child.tail = child.tail, None
            _spread(part, list(part).index(child) + 1, text, interactions, child)
    if part.text and _SIGN.search(part.text):
        text, part.text = part.text, None
        _spread(part, 0, text, interactions, None)


def _spread(
    part: etree._Element,
    at: int,
    text: str,
    interactions: list[list[etree._Element]],
    before: etree._Element | None,
) -> None:
    for number, piece in enumerate(_SIGN.split(text)):
        if number % 2:
            for made in interactions[int(piece)]:
                part.insert(at, made)
                at, before = at + 1, made
        elif before is None:
            part.text = piece
        else:
            before.tail = piece
