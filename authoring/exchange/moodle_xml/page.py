"""The element of a question while it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from accounts.sentences import Sentence
from authoring.exchange import html_text

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ONE_PARAGRAPH = re.compile(r"<p>((?:(?!</?p>).)*)</p>", re.DOTALL)


@dataclass
class Page:
    """One question: its element, its body, and what the format has no place for."""

    element: etree._Element
    body: Mapping[str, Any]
    lost: list[Sentence] = field(default_factory=list)

    def prose(self, tag: str, markdown: str) -> etree._Element:
        """A child with a text of Markdown, as HTML."""
        return self.html(self.element, tag, html_text.html(markdown))

    def html(self, parent: etree._Element, tag: str, html: str) -> etree._Element:
        element = etree.SubElement(parent, tag, format="html")
        _write(etree.SubElement(element, "text"), html)
        return element

    def answer(
        self, text: str, fraction: float, *, feedback: str = "", is_plain: bool = False
    ) -> etree._Element:
        """An answer with its weight in percent; Markdown, or the letters to be typed."""
        element = etree.SubElement(self.element, "answer", fraction=weight(fraction))
        element.set("format", "plain_text" if is_plain else "html")
        _write(etree.SubElement(element, "text"), text if is_plain else phrase(text))
        if feedback:
            self.html(element, "feedback", html_text.html(feedback))
        return element

    def lose(self, what: Sentence) -> None:
        self.lost.append(what)


def text_field(parent: etree._Element, tag: str, text: str) -> etree._Element:
    """A child whose plain text stands in a <text> of its own."""
    element = etree.SubElement(parent, tag)
    _write(etree.SubElement(element, "text"), text)
    return element


def plain_field(parent: etree._Element, tag: str, text: str) -> None:
    _write(etree.SubElement(parent, tag), text)


def phrase(markdown: str) -> str:
    """The HTML of a text that is mostly one line: without a paragraph of its own."""
    html = html_text.html(markdown)
    alone = _ONE_PARAGRAPH.fullmatch(html)
    return alone[1] if alone else html


def weight(fraction: float) -> str:
    return f"{fraction:.7f}".rstrip("0").rstrip(".")


def _write(element: etree._Element, text: str) -> None:
    """Markup as CDATA, as Moodle writes it."""
    kept = _UNWRITABLE.sub("", text)
    element.text = etree.CDATA(kept) if "<" in kept and "]]>" not in kept else kept
