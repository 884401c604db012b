"""A QTI 2.1 package: each question an item, a test that lists them, and the manifest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from lxml import etree

from authoring import packing
from authoring.exchange.drafting import CannotBeCarriedError
from authoring.exchange.packages import MANIFEST
from authoring.exchange.qti2 import elements as e
from authoring.exchange.qti2.marks import TOOL
from authoring.exchange.qti2.types import Said, said
from authoring.exchange.questions import Carried, Left, Writing
from authoring.exchange.sound import fault_of, left_out, said_for_all
from roadmap.keys import is_key

_CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
_LOM = "http://ltsc.ieee.org/xsd/LOM"
_CP_DEFAULT: dict[Any, str] = {None: _CP}
_LOM_DEFAULT: dict[Any, str] = {None: _LOM}
_EXPLANATION = "EXPLANATION"
_TEST = "test.xml"


def write(questions: Sequence[Carried]) -> Writing:
    """The package, and what of the questions is not in it."""
    files: dict[str, str] = {}
    written: list[Carried] = []
    left = list(said_for_all(tuple(questions), points=True))
    for question in questions:
        if fault := fault_of(question):
            left.append(left_out(question, fault))
            continue
        try:
            made = said(question.type, question.body)
            item = _item(question, _identifier(question, len(written) + 1), made)
        except CannotBeCarriedError as refused:
            left.append(Left(question.place, question.name, refused.what))
            continue
        written.append(question)
        files[_path(len(written))] = _text(item)
        left += (
            Left(question.place, question.name, what, is_whole=False) for what in dict.fromkeys(made.lost)
        )
    files[_TEST] = _text(_test(written))
    files[MANIFEST] = _text(_manifest(written))
    return Writing(packing.pack(files, ""), tuple(left))


def _identifier(question: Carried, number: int) -> str:
    """The key of a question as a name in XML, which begins with no digit; without a key, one that is none."""
    if not is_key(question.key):
        return f"Q{number}"
    return question.key if question.key[0].isalpha() else f"_{question.key}"


def _path(number: int) -> str:
    return f"items/{number:04}.xml"


def _item(question: Carried, identifier: str, made: Said) -> etree._Element:
    explanation = str(question.body.get("explanation") or "")
    comments = {**({_EXPLANATION: explanation} if explanation else {}), **made.comments}
    item = e.element(
        "assessmentItem",
        *made.responses,
        *_outcomes(bool(comments)),
        e.element("itemBody", *made.shown),
        identifier=identifier,
        title=question.name,
        adaptive="false",
        timeDependent="false",
        toolName=TOOL,
    )
    rules = [*made.rules, *_showing(explanation, made)]
    if rules:
        item.append(e.element("responseProcessing", *rules))
    for name, text in comments.items():
        item.append(
            e.element(
                "modalFeedback",
                *e.blocks(text),
                outcomeIdentifier="FEEDBACK",
                showHide="show",
                identifier=name,
            )
        )
    return item


def _outcomes(has_comments: bool) -> Iterator[etree._Element]:
    zero = e.element("defaultValue", e.element("value", text="0"))
    yield e.element(
        "outcomeDeclaration",
        zero,
        identifier="SCORE",
        cardinality="single",
        baseType="float",
        normalMaximum="1",
    )
    if has_comments:
        yield e.element(
            "outcomeDeclaration", identifier="FEEDBACK", cardinality="multiple", baseType="identifier"
        )


def _showing(explanation: str, made: Said) -> Iterator[etree._Element]:
    """The rule that shows the explanation to everybody, and the comments on what was chosen."""
    shown = [e.base(_EXPLANATION)] if explanation else []
    shown += [e.variable("RESPONSE")] if made.comments else []
    if shown:
        yield e.sets("FEEDBACK", e.element("multiple", *shown))


def _test(questions: Sequence[Carried]) -> etree._Element:
    """The test: a section for each run of questions of one category, so that their order stays."""
    numbered = enumerate(questions, 1)
    runs = [(category, list(run)) for category, run in groupby(numbered, key=lambda one: one[1].category)]
    sections = [_section(category, run, place) for place, (category, run) in enumerate(runs, 1)]
    empty = e.element("assessmentSection", identifier="S0", title="Questions", visible="false")
    part = e.element(
        "testPart",
        *(sections or [empty]),
        identifier="P1",
        navigationMode="nonlinear",
        submissionMode="individual",
    )
    return e.element("assessmentTest", part, identifier="T1", title="Questions", toolName=TOOL)


def _section(category: tuple[str, ...], run: Sequence[tuple[int, Carried]], place: int) -> etree._Element:
    parts = [_reference(number, question) for number, question in run]
    for depth in range(len(category), 0, -1):
        name = f"S{place}-{depth}"
        parts = [
            e.element("assessmentSection", *parts, identifier=name, title=category[depth - 1], visible="true")
        ]
    if category:
        return parts[0]
    return e.element("assessmentSection", *parts, identifier=f"S{place}", title="Questions", visible="false")


def _reference(number: int, question: Carried) -> etree._Element:
    weight = (
        []
        if question.points is None
        else [e.element("weight", identifier="POINTS", value=repr(float(question.points)))]
    )
    return e.element("assessmentItemRef", *weight, identifier=f"R{number}", href=_path(number))


def _manifest(questions: Sequence[Carried]) -> etree._Element:
    root = etree.Element(f"{{{_CP}}}manifest", nsmap=_CP_DEFAULT, identifier="MANIFEST")
    about = _under(root, "metadata")
    _under(about, "schema").text = "QTIv2.1 Package"
    _under(about, "schemaversion").text = "1.0.0"
    _under(root, "organizations")
    resources = _under(root, "resources")
    test = _resource(resources, "RT", "imsqti_test_xmlv2p1", _TEST)
    for number, question in enumerate(questions, 1):
        item = _resource(resources, f"R{number}", "imsqti_item_xmlv2p1", _path(number))
        if question.tags:
            item.insert(0, _keywords(question.tags))
        _under(test, "dependency", identifierref=f"R{number}")
    return root


def _resource(resources: etree._Element, identifier: str, type_: str, path: str) -> etree._Element:
    made = _under(resources, "resource", identifier=identifier, type=type_, href=path)
    _under(made, "file", href=path)
    return made


def _under(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_CP}}}{name}", attributes)


def _keywords(tags: Sequence[str]) -> etree._Element:
    about = etree.Element(f"{{{_CP}}}metadata")
    lom = etree.SubElement(about, f"{{{_LOM}}}lom", nsmap=_LOM_DEFAULT)
    general = etree.SubElement(lom, f"{{{_LOM}}}general")
    for tag in tags:
        keyword = etree.SubElement(general, f"{{{_LOM}}}keyword")
        etree.SubElement(keyword, f"{{{_LOM}}}string", language="en").text = tag
    return about


def _text(root: etree._Element) -> str:
    """XML, laid out where no text is touched by it."""
    etree.cleanup_namespaces(root)
    body = etree.tostring(root, encoding="unicode", pretty_print=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
