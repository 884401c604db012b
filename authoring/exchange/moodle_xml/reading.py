"""A Moodle file as questions: its categories, and each question by its type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lxml import etree

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange import categories, xml_text
from authoring.exchange.drafting import MOST_QUESTIONS, NAMED, CannotBeCarriedError, Gathering
from authoring.exchange.moodle_xml import choosing, gaps, typed
from authoring.exchange.moodle_xml.item import Item, child, inner, plain, words
from authoring.exchange.questions import Carried, Reading, UnreadableError, shortened

_READERS: Mapping[str, Callable[[Item], Carried]] = {
    "multichoice": choosing.multichoice,
    "truefalse": choosing.truefalse,
    "matching": choosing.matching,
    "ddmatch": choosing.matching,
    "ordering": choosing.ordering,
    "shortanswer": typed.shortanswer,
    "numerical": typed.numerical,
    "essay": typed.essay,
    "cloze": gaps.cloze,
    "multianswer": gaps.cloze,
    "gapselect": gaps.chosen,
    "ddwtos": gaps.chosen,
}
_ON_PICTURES = _("Its answers lie on a picture, which questions here can’t have.")
_CALCULATED = _("Its numbers are drawn anew for everybody, which questions here can’t do.")
_REASONS: Mapping[str, Sentence] = {
    "description": _("It is a text between questions, not a question."),
    "random": _("It draws from a category; give the quiz a pool instead."),
    "randomsamatch": _("It draws from other questions."),
    "calculated": _CALCULATED,
    "calculatedsimple": _CALCULATED,
    "calculatedmulti": _CALCULATED,
    "ddimageortext": _ON_PICTURES,
    "ddmarker": _ON_PICTURES,
    "missingtype": _("Moodle itself did not know its type."),
}
_LOOKED_AT = 64 * 1024
_FIRST = re.compile(rb"<([A-Za-z_][\w:.-]*)")


def read(data: bytes) -> Reading:
    """The questions of a file, and what of it was left. Raises UnreadableError."""
    root = xml_text.tree(data)
    if xml_text.name(root) != "quiz":
        raise UnreadableError(
            _(
                "This is XML, but not Moodle’s: it begins with <%(tag)s>, not <quiz>.",
                tag=xml_text.name(root)[:40],
            ),
            xml_text.place(root),
        )
    gathering = Gathering()
    category: tuple[str, ...] = ()
    elements = [each for each in root if xml_text.name(each) == "question"]
    if len(elements) > MOST_QUESTIONS:
        raise UnreadableError(
            _("More than %(most)s questions stand in this file. Split it.", most=MOST_QUESTIONS),
            xml_text.place(elements[MOST_QUESTIONS]),
        )
    for element in elements:
        if element.get("type") == "category":
            category = _category(element, gathering)
        else:
            _gather(element, category, gathering)
    return gathering.reading()


def fits(data: bytes) -> bool:
    """Whether a file looks like one of Moodle's, by the first element in it."""
    first = _FIRST.search(data[:_LOOKED_AT].replace(b"\0", b""))
    return first is not None and first[1] == b"quiz"


def _category(element: etree._Element, gathering: Gathering) -> tuple[str, ...]:
    named = categories.parts(words(child(element, "category")))
    if words(child(element, "info")):
        item = Item(xml_text.place(element), " / ".join(named))
        item.lose(_("The description of a category"))
        gathering.left += item.left
    return tuple(part[:200] for part in named[:20])


def _gather(element: etree._Element, category: tuple[str, ...], gathering: Gathering) -> None:
    item = Item(
        xml_text.place(element),
        words(child(element, "name"))[:200] or shortened(plain(_asked(element)), NAMED),
        category,
        _tags(element),
        element=element,
        sizes=_sizes(element),
        budget=gathering.budget,
    )
    item.points = item.number("defaultgrade")
    kind = element.get("type", "")
    try:
        question = _carried(item, kind)
    except CannotBeCarriedError as refused:
        gathering.left.append(item.dropped(refused.what))
        return
    gathering.questions.append(question)
    gathering.left += item.left


def _asked(element: etree._Element) -> str:
    """The beginning of its text, which it is called by when it has no name."""
    text = child(element, "questiontext")
    return "" if text is None else inner(text)[:2000]


def _carried(item: Item, kind: str) -> Carried:
    if kind in _REASONS:
        raise CannotBeCarriedError(_REASONS[kind])
    if kind not in _READERS:
        raise CannotBeCarriedError(
            _("Questions here have no type like Moodle’s “%(kind)s”.", kind=kind[:40] or "?")
        )
    question = _READERS[kind](item)
    item.lose_surroundings()
    return question


def _tags(element: etree._Element) -> tuple[str, ...]:
    tags = child(element, "tags")
    said = [words(tag)[:100] for tag in tags] if tags is not None else []
    return tuple(dict.fromkeys(filter(None, said)))


def _sizes(element: etree._Element) -> dict[str, int]:
    """The files in a question by name, with the bytes that their letters stand for."""
    return {
        (each.get("name") or "?")[:120]: len("".join((each.text or "").split())) * 3 // 4
        for each in element.iter("file")
        if inner(each).strip() or each.get("name")
    }
