"""A question in the making, while a file of another house is read: its texts, what of it is lost, what comes out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange import html_text
from authoring.exchange.budget import Budget
from authoring.exchange.keys import letters
from authoring.exchange.questions import Carried, Left, Reading, shortened
from quizzes import bodies
from quizzes.types.cloze.body import MOST_GAPS

MOST_QUESTIONS = 2_000  # of one file: what is longer takes longer to read than anybody waits
FILL_IN = "Fill in the gaps."
_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_KEY = 24
_FORMULA = re.compile(r"<img\b[^>]*\bequation_image\b[^>]*>")  # Canvas draws formulas as pictures
_TEX = re.compile(r"""\b(?:data-equation-content="([^"]+)"|alt="(?:LaTeX: ?)([^"]+)")""")
NAMED = 60  # characters of its stem that a question without a name is called by


class CannotBeCarriedError(Exception):
    """A question that has to stay behind whole; `what` says why."""

    def __init__(self, what: Sentence) -> None:
        super().__init__(str(what))
        self.what = what


NOT_TOLD = _("Which answer is right can’t be told from the file.")


@dataclass
class Drafting:
    """One question while it is read: `place` and `name` are how it is called, `left` what of it is lost so far."""

    place: str
    name: str
    category: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    points: float | None = None
    key: str = ""
    left: list[Left] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)

    def lose(self, what: Sentence) -> None:
        """Notes a part that is not carried, once."""
        note = Left(self.place, self.name, what, is_whole=False)
        if note not in self.left:
            self.left.append(note)

    def markdown(self, html: str) -> str:
        """The Markdown of a piece of HTML; what it can't show is noted."""
        self.budget.spend(html, self.place)
        converted = html_text.markdown(_FORMULA.sub(_formula, html))
        for what in converted.lost:
            self.lose(what)
        return converted.text

    def line(self, html: str) -> str:
        """The same for what stands in one line: an answer to be typed, a short choice."""
        return " ".join(self.markdown(html).split())

    def carried(self, type_: str, body: Mapping[str, Any]) -> Carried:
        """The question. Raises CannotBeCarriedError when its body has another fault than an explanation it lacks."""
        tried = {**body, "explanation": body.get("explanation") or "-"}
        if found := bodies.faults(type_, tried):
            raise CannotBeCarriedError(found[0].sentence())
        name = self.name or shortened(str(body["stem"]), NAMED)
        return Carried(self.place, name, type_, body, self.category, self.tags, self.points, key=self.key)

    def dropped(self, what: Sentence) -> Left:
        """The note that the whole of it stays behind."""
        return Left(self.place, self.name, what)


@dataclass
class Gathering:
    """What came out of a file so far, and how much of its markup may still be read."""

    questions: list[Carried] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)

    def reading(self) -> Reading:
        return Reading(tuple(self.questions), tuple(self.left))


def keys(identifiers: Sequence[str]) -> list[str]:
    """Keys for the parts of a body: their identifiers where all of them can be keys, else a, b, c …"""
    plain = [identifier.removeprefix("_") for identifier in identifiers]
    if all(map(is_key, plain)) and len(set(plain)) == len(plain):
        return plain
    return letters(len(identifiers))


def is_key(text: str) -> bool:
    """Whether a part of a body can be called so."""
    return len(text) <= _LONGEST_KEY and bool(_KEY.fullmatch(text))


def options(
    identifiers: Sequence[str], texts: Sequence[str], right: Sequence[bool], comments: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The options of a body; a comment that is empty is left out."""
    said = list(comments) or [""] * len(texts)
    return [
        {"key": key, "text": text, "right": is_right, **({"feedback": comment} if comment else {})}
        for key, text, is_right, comment in zip(keys(identifiers), texts, right, said, strict=True)
    ]


def gap_sign(number: int) -> str:
    """What stands for a gap in HTML until its Markdown is made; no author writes it, and Markdown leaves it alone."""
    return f"zqgap{number}qz"


def with_gaps(text: str, names: Sequence[str]) -> str:
    """The Markdown with its gaps as cloze questions have them. Raises CannotBeCarriedError when one is missing."""
    for number, name in enumerate(names):
        if text.count(gap_sign(number)) != 1:
            raise CannotBeCarriedError(
                _("Its text does not show the gap “%(gap)s” exactly once.", gap=name[:60])
            )
        text = text.replace(gap_sign(number), "{{" + name + "}}")
    return text


def gap_keys(names: Sequence[str]) -> list[str]:
    """Keys of gaps: what the file calls them where it can be a key, else numbers. Raises CannotBeCarriedError."""
    if len(names) > MOST_GAPS:
        raise CannotBeCarriedError(_("It has more than %(most)s gaps.", most=MOST_GAPS))
    plain = [name.casefold().replace("_", "-") for name in names]
    if all(map(is_key, plain)) and len(set(plain)) == len(plain):
        return plain
    return [f"gap-{number}" for number in range(1, len(names) + 1)]


def _formula(found: re.Match[str]) -> str:
    tex = _TEX.search(found[0])
    return f" \\({tex[1] or tex[2]}\\) " if tex else found[0]


def joined(*texts: str) -> str:
    """Paragraphs under each other, each said once, empty ones left out."""
    return "\n\n".join(dict.fromkeys(text for text in texts if text))


def interval(low: float, high: float) -> dict[str, Any]:
    """The fields of a number that may lie anywhere from `low` to `high`."""
    middle = round((low + high) / 2, 12)
    reach = round((high - low) / 2, 12)
    return {"answer": middle, "tolerance": reach} if reach else {"answer": middle}
