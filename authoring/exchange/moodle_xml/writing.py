"""Questions as a Moodle file: each where its category begins anew."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange import categories, sound
from authoring.exchange.moodle_xml import bodies_out
from authoring.exchange.moodle_xml.page import Page, plain_field, text_field
from authoring.exchange.questions import Carried, Left, Writing


def write(questions: Sequence[Carried]) -> Writing:
    """A file with the questions, and what of them it could not hold."""
    root, left = etree.Element("quiz"), list(sound.said_for_all(list(questions), points=True))
    category: tuple[str, ...] = ()
    for question in questions:
        if what := _refusal(question):
            left.append(what)
            continue
        if question.category != category:
            category = question.category
            _write_category(root, category)
        left += _write_question(root, question)
    data = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return Writing(data, tuple(left))


def _refusal(question: Carried) -> Left | None:
    if question.type not in bodies_out.WRITERS:
        what = _("Moodle has no questions of type “%(type)s”.", type=question.type)
        return Left(question.place, question.name, what)
    fault = sound.fault_of(question)
    return sound.left_out(question, fault) if fault else None


def _write_category(root: etree._Element, category: tuple[str, ...]) -> None:
    element = etree.SubElement(root, "question", type="category")
    text_field(element, "category", categories.path(category))


def _write_question(root: etree._Element, question: Carried) -> list[Left]:
    kind, write_body = bodies_out.WRITERS[question.type]
    page = Page(etree.SubElement(root, "question", type=kind), question.body)
    text_field(page.element, "name", question.name)
    page.prose("questiontext", bodies_out.stem(question))
    page.prose("generalfeedback", str(question.body.get("explanation") or ""))
    if question.points is not None:
        plain_field(page.element, "defaultgrade", f"{question.points:g}")
    plain_field(page.element, "hidden", "0")
    plain_field(page.element, "idnumber", question.key)
    write_body(page)
    _write_tags(page.element, question.tags)
    return [_part(question, what) for what in page.lost]


def _write_tags(element: etree._Element, tags: tuple[str, ...]) -> None:
    if tags:
        parent = etree.SubElement(element, "tags")
        for tag in tags:
            text_field(parent, "tag", tag)


def _part(question: Carried, what: Sentence) -> Left:
    return Left(question.place, question.name, what, is_whole=False)
