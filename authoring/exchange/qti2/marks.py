"""The classes by which we know our own writing again; to other houses they mean nothing."""

from __future__ import annotations

from lxml import etree

TOOL = "Waymark"
STEM = "waymark-stem"
CLOZE = "waymark-text"
UNIT = "waymark-unit"
STRUCK = "waymark-struck"
PROMPT, CHOICE = "P-", "C-"  # begin the identifiers of what is matched


def marked(element: etree._Element, mark: str) -> etree._Element | None:
    """The first part that bears a mark of ours."""
    return next((part for part in element.iter() if mark in part.get("class", "").split()), None)


def has_mark(element: etree._Element, mark: str) -> bool:
    return marked(element, mark) is not None
