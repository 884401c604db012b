"""One item of QTI 2: its variables, what it shows, where it is answered."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from lxml import etree

from authoring.exchange.qti2.marks import STRUCK, UNIT

INTERACTIONS = frozenset(
    [
        *(
            "choiceInteraction",
            "orderInteraction",
            "matchInteraction",
            "associateInteraction",
            "gapMatchInteraction",
        ),
        *("inlineChoiceInteraction", "textEntryInteraction", "extendedTextInteraction", "hottextInteraction"),
        *(
            "hotspotInteraction",
            "selectPointInteraction",
            "graphicOrderInteraction",
            "graphicAssociateInteraction",
        ),
        *(
            "graphicGapMatchInteraction",
            "positionObjectInteraction",
            "sliderInteraction",
            "drawingInteraction",
        ),
        *("uploadInteraction", "mediaInteraction", "customInteraction", "endAttemptInteraction"),
    ]
)
_APART = frozenset(
    ["feedbackInline", "feedbackBlock", "rubricBlock", "stylesheet", "templateInline", "templateBlock"]
)
_OBJECTS = {"image": "img", "audio": "audio", "video": "video"}


@dataclass(frozen=True, slots=True)
class Declared:
    """A response as declared: what is right, and what single parts of an answer earn."""

    identifier: str
    cardinality: str = "single"
    base: str = "identifier"
    correct: tuple[str, ...] = ()
    mapping: Mapping[str, tuple[float, bool]] = field(default_factory=dict)  # value and whether case counts
    default: float = 0.0
    lower: float = -math.inf
    upper: float = math.inf

    @property
    def is_number(self) -> bool:
        return self.base in ("float", "integer")


def declared(item: etree._Element) -> dict[str, Declared]:
    """The responses of an item by identifier."""
    return {one.identifier: one for one in map(_declared, item.iterchildren("responseDeclaration"))}


def interactions(item: etree._Element) -> list[etree._Element]:
    return [element for body in item.iterchildren("itemBody") for element in body.iter(*INTERACTIONS)]


def number(text: str | None) -> float | None:
    """A finite number, None where there is none."""
    try:
        read = float((text or "").strip())
    except ValueError:
        return None
    return read if math.isfinite(read) else None


def words(element: etree._Element) -> str:
    """All text in an element."""
    return "".join(map(str, element.itertext())).strip()


def html(element: etree._Element, put: Mapping[etree._Element, str] | None = None) -> str:
    """What an element shows, as HTML, without comments; `put` says what stands for some elements in it."""
    return "".join(_pieces(element, put or {}))


def prompt(interaction: etree._Element) -> str:
    """The HTML of what an interaction asks."""
    return "".join(f"<p>{html(child)}</p>" for child in interaction.iterchildren("prompt"))


def _declared(element: etree._Element) -> Declared:
    mapping = next(element.iterchildren("mapping"), None)
    entries = {} if mapping is None else dict(_entries(mapping.iterchildren("mapEntry")))
    correct = [words(value) for box in element.iterchildren("correctResponse") for value in box.iter("value")]
    bounds = ["lowerBound", "upperBound", "defaultValue"]
    lower, upper, default = (None if mapping is None else number(mapping.get(bound)) for bound in bounds)
    base = element.get("baseType", "identifier")
    return Declared(
        identifier=element.get("identifier", ""),
        cardinality=element.get("cardinality", "single"),
        base=base,
        correct=tuple(plain(value, base) for value in correct),
        mapping={plain(key, base): value for key, value in entries.items()},
        default=default or 0.0,
        lower=-math.inf if lower is None else lower,
        upper=math.inf if upper is None else upper,
    )


def plain(value: str, base: str) -> str:
    """A value so that equal ones are equal texts: blanks in pairs, and the order of those that have none."""
    if base == "directedPair":
        return " ".join(value.split())
    return " ".join(sorted(value.split())) if base == "pair" else value


def _entries(elements: Iterator[etree._Element]) -> Iterator[tuple[str, tuple[float, bool]]]:
    for element in elements:
        value = number(element.get("mappedValue"))
        yield (
            element.get("mapKey", ""),
            (value or 0.0, element.get("caseSensitive", "false") in ("true", "1")),
        )


def _pieces(element: etree._Element, put: Mapping[etree._Element, str]) -> Iterator[str]:
    yield escape(element.text or "", quote=False)
    for child in element:
        if child in put:
            yield put[child]
        elif child.tag not in _APART and child.tag not in INTERACTIONS:
            yield from _element(child, put)
        yield escape(child.tail or "", quote=False)


def _element(element: etree._Element, put: Mapping[etree._Element, str]) -> Iterator[str]:
    name = str(element.tag)
    if name == "object":
        kind = _OBJECTS.get(element.get("type", "").partition("/")[0], "object")
        yield f'<{kind} src="{escape(element.get("data", ""))}" alt="{escape(words(element))}"></{kind}>'
        return
    marks = element.get("class", "").split()
    if UNIT in marks:
        return
    name = "s" if STRUCK in marks else name
    attributes = "".join(
        f' {key!s}="{escape(str(value))}"' for key, value in element.attrib.items() if str(key)[:1] != "{"
    )
    yield f"<{name}{attributes}>"
    yield from _pieces(element, put)
    if name not in ("br", "img", "hr", "col"):
        yield f"</{name}>"


def identifiers(elements: Sequence[etree._Element]) -> list[str]:
    return [element.get("identifier", "") for element in elements]
