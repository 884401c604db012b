"""One question of a Moodle file while it is read."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from html import escape

from lxml import etree

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange import html_text
from authoring.exchange.drafting import CannotBeCarriedError, Drafting, joined
from authoring.exchange.xml_text import name as name_of
from roadmap.document import CONTROL

FULL = 100.0
MOST_ANSWERS = 100
_HAS_BLOCKS = re.compile(r"<(?:p|div|br|ul|ol|table|pre|h[1-6]|blockquote)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
# What Moodle itself puts there when nobody writes anything: nothing is lost with it.
_STANDING = frozenset(
    ["Your answer is correct.", "Your answer is partially correct.", "Your answer is incorrect."]
)
_COMBINED = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")


@dataclass(frozen=True, slots=True)
class Weighed:
    """One answer with its weight in percent."""

    element: etree._Element
    text: str
    fraction: float
    feedback: str


@dataclass
class Item(Drafting):
    """The element of a question, and the sizes of the files in it."""

    element: etree._Element = field(default_factory=lambda: etree.Element("question"))
    sizes: dict[str, int] = field(default_factory=dict)

    # What stands in it

    def word(self, tag: str) -> str:
        """The plain text of a child; empty without one."""
        return words(child(self.element, tag))

    def flag(self, tag: str) -> bool | None:
        """A child that says yes or no; None where it says neither."""
        return {"1": True, "true": True, "0": False, "false": False}.get(self.word(tag).lower())

    def number(self, tag: str) -> float | None:
        """A child that is a number."""
        return number(self.word(tag))

    def prose(self, tag: str) -> str:
        """The text of a child as Markdown."""
        return self.told(child(self.element, tag))

    def told(self, element: etree._Element | None, default: str = "moodle_auto_format") -> str:
        """A text in the format that its element names, as Markdown."""
        if element is None:
            return ""
        return self.markdown(as_html(inner(element), element.get("format") or default))

    def phrase(self, html: str) -> str:
        """HTML as Markdown for a line, as answers to choose from are shown."""
        self.budget.spend(html, self.place)
        return self._noted(html_text.markdown(html, self.sizes, is_line=True))

    def markdown(self, html: str) -> str:
        self.budget.spend(html, self.place)
        return self._noted(html_text.markdown(html, self.sizes))

    def _noted(self, prose: html_text.Prose) -> str:
        for what in prose.lost:
            self.lose(what)
        return prose.text

    def children(self, *tags: str) -> list[etree._Element]:
        """The children of these names. Raises CannotBeCarriedError for more than any question has."""
        found = [each for each in self.element if name_of(each) in tags]
        refuse_many(len(found))
        return found

    def answers(self, typed: str = "") -> list[Weighed]:
        """The answers, as they stand; `typed` is the format of those that are no HTML, whatever they say.

        Raises CannotBeCarriedError for a weight that is no number.
        """
        weighed = []
        for answer in self.children("answer"):
            fraction = number(answer.get("fraction") or words(child(answer, "fraction")) or "0")
            if fraction is None:
                raise CannotBeCarriedError(_("An answer has a weight that is no number."))
            text = as_html(inner(answer), typed or answer.get("format") or "moodle_auto_format")
            weighed.append(Weighed(answer, text, fraction, self.told(child(answer, "feedback"))))
        return weighed

    # What becomes of it

    def stem(self) -> str:
        return self.prose("questiontext") or self.prose("question")

    def explanation(self, *right: str) -> str:
        """What is said to everybody; where nothing is, what is said to whoever answers right."""
        return self.prose("generalfeedback") or joined(*right)

    def lose_unless(self, is_carried: bool, what: Sentence) -> None:
        if not is_carried:
            self.lose(what)

    def lose_feedback(self, feedback: list[str]) -> None:
        """Notes feedback on single answers where a type of ours has none."""
        self.lose_unless(not any(feedback), _("Feedback on single answers"))

    def lose_surroundings(self) -> None:
        """Notes what Moodle knows of any question and we don't."""
        said = [_TAG.sub("", words(child(self.element, tag))).strip() for tag in _COMBINED]
        self.lose_unless(not set(said) - _STANDING - {""}, _("Feedback on the answer as a whole"))
        self.lose_unless(not any(each.tag == "hint" and words(each) for each in self.element), _("Hints"))
        self.lose_unless(self.flag("hidden") is not True, _("That it was hidden"))
        penalty = self.number("penalty")
        is_usual = penalty is None or any(
            math.isclose(penalty, usual, abs_tol=1e-4) for usual in (0, 0.1, 1 / 3, 1)
        )
        self.lose_unless(is_usual, _("The penalty for a wrong try"))
        self.lose_unless(self.flag("shuffleanswers") is not False, _("That its answers keep their order"))
        for name, size in self.sizes.items():
            self.lose(html_text.file_lost(name, size))


def refuse_many(count: int) -> None:
    """Raises CannotBeCarriedError for more answers than any type of ours takes."""
    if count > MOST_ANSWERS:
        raise CannotBeCarriedError(_("It has more than %(most)s answers.", most=MOST_ANSWERS))


def child(element: etree._Element, tag: str) -> etree._Element | None:
    return next((each for each in element.iterchildren() if name_of(each) == tag), None)


def words(element: etree._Element | None) -> str:
    """The plain text of an element, which may stand in a <text> of its own."""
    return "" if element is None else " ".join(CONTROL.sub("", inner(element)).split())


def inner(element: etree._Element) -> str:
    """What stands in an element or in its <text>; markup that nobody wrapped is taken as the HTML it is."""
    text = child(element, "text")
    if text is None:
        return element.text or ""
    pieces = [escape(text.text or "", quote=False) if len(text) else text.text or ""]
    pieces += [etree.tostring(each, encoding="unicode") for each in text]
    return "".join(pieces)


def as_html(text: str, format_: str) -> str:
    """A text as HTML, whatever it was written in."""
    match format_:
        case "plain_text":
            return _with_lines(escape(text, quote=False))
        case "markdown":
            return html_text.html(text)
        case "moodle_auto_format" if not _HAS_BLOCKS.search(text):
            return _with_lines(text)
        case _:
            return text


def plain(html: str) -> str:
    """HTML as an answer to be typed: its letters, on one line."""
    text = _TAG.sub("", html)
    for sign, entity in (("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\u00a0", "&nbsp;"), ("&", "&amp;")):
        text = text.replace(entity, sign)
    return " ".join(CONTROL.sub("", text).split())


def number(text: str) -> float | None:
    """A number as Moodle writes it; None where it is none, or not finite."""
    if len(text) > 60 or "_" in text:
        return None
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _with_lines(text: str) -> str:
    """Its lines as lines, and what has an empty line between as paragraphs."""
    parts = re.split(r"\n[ \t\r]*\n\s*", text.strip())
    return (
        "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in parts) if "\n" in text.strip() else text
    )
