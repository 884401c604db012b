"""Values of QTI 2 while rules are worked out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from lxml import etree

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange.qti2.item import number

Value: TypeAlias = "str | float | bool | Bag | tuple[str, ...] | None"  # a tuple has an order; None is NULL


@dataclass(frozen=True, slots=True)
class Bag:
    """Several values without an order."""

    values: tuple[str, ...]


class NotUnderstoodError(Exception):
    """Processing that can't be worked out; `what` says which part."""

    def __init__(self, what: Sentence) -> None:
        super().__init__(str(what))
        self.what = what


def unknown(element: etree._Element) -> NotUnderstoodError:
    """What is raised for a rule of an unknown name or form."""
    return NotUnderstoodError(_("Its rule “%(rule)s” is not understood.", rule=str(element.tag)[:60]))


def typed(text: str, base: str) -> Value:
    """A text of the file as a value of a base type; None where it is none."""
    if base in ("float", "integer"):
        return number(text)
    return text.strip() == "true" if base == "boolean" else text
