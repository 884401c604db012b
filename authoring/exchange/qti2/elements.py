"""Elements of QTI 2.1, as its schema wants them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lxml import etree

from accounts.sentences import sentence as _
from authoring.exchange import html_text
from authoring.exchange.drafting import CannotBeCarriedError
from authoring.exchange.qti2.marks import STRUCK
from roadmap.document import CONTROL

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_DEFAULT: dict[Any, str] = {None: QTI}  # the namespace that needs no prefix
_ATTRIBUTES = ("href", "class")
_NO_XML = _("It has a text that XML can’t hold.")


def element(name: str, *children: etree._Element, text: str = "", **attributes: str) -> etree._Element:
    """An element; a name that Python keeps for itself is written with a final underscore."""
    made = etree.Element(f"{{{QTI}}}{name}", nsmap=_DEFAULT)
    for key, value in attributes.items():
        made.set(key.rstrip("_"), plain(value))
    if text:
        made.text = plain(text)
    made.extend(children)
    return made


def plain(text: str) -> str:
    """A text without the signs that XML has no place for."""
    return CONTROL.sub("", text)


def blocks(markdown: str) -> list[etree._Element]:
    """The blocks of a Markdown text in the HTML that QTI knows. Raises CannotBeCarriedError."""
    try:
        root = etree.fromstring(f'<div xmlns="{QTI}">{plain(html_text.html(markdown))}</div>')
    except etree.XMLSyntaxError as error:
        raise CannotBeCarriedError(_NO_XML) from error
    for part in root.iter(etree.Element):
        if part.tag == f"{{{QTI}}}s":
            part.tag = f"{{{QTI}}}span"
            part.set("class", STRUCK)
        for key in [key for key in part.attrib if key not in _ATTRIBUTES]:
            del part.attrib[key]
    for part in root:
        part.tail = None
    return list(root)


def filled(made: etree._Element, markdown: str) -> etree._Element:
    """The element with the text in it; one paragraph stands there without its own element."""
    found = blocks(markdown)
    if len(found) == 1 and found[0].tag == f"{{{QTI}}}p":
        made.text = found[0].text
        made.extend(list(found[0]))
    else:
        made.extend(found)
    return made


def base(value: str, type_: str = "identifier") -> etree._Element:
    return element("baseValue", baseType=type_, text=value)


def number(value: float) -> etree._Element:
    return base(repr(float(value)), "float")


def variable(identifier: str) -> etree._Element:
    return element("variable", identifier=identifier)


def correct(identifier: str) -> etree._Element:
    return element("correct", identifier=identifier)


def sets(identifier: str, value: etree._Element) -> etree._Element:
    return element("setOutcomeValue", value, identifier=identifier)


def when(condition: etree._Element, then: etree._Element) -> etree._Element:
    return element("responseCondition", element("responseIf", condition, then))


def response(
    identifier: str,
    *,
    cardinality: str = "single",
    type_: str = "identifier",
    right: Iterable[str] = (),
    mapping: Mapping[str, float] | None = None,
    is_case_sensitive: bool | None = None,
) -> etree._Element:
    """A declaration; with a mapping, what parts of an answer earn together stays between 0 and 1."""
    made = element("responseDeclaration", identifier=identifier, cardinality=cardinality, baseType=type_)
    if values := [element("value", text=value) for value in right]:
        made.append(element("correctResponse", *values))
    if mapping is not None:
        case = (
            {} if is_case_sensitive is None else {"caseSensitive": "true" if is_case_sensitive else "false"}
        )
        entries = [
            element("mapEntry", mapKey=key, mappedValue=repr(float(value)), **case)
            for key, value in mapping.items()
        ]
        made.append(element("mapping", *entries, lowerBound="0", upperBound="1", defaultValue="0"))
    return made


def named(keys: Iterable[str], taken: str = "") -> Iterator[str]:
    """Identifiers of keys: no name in XML begins with a digit."""
    return (f"{taken}{key}" if key[:1].isalpha() else f"_{key}" for key in keys)
