from __future__ import annotations

import re
from dataclasses import dataclass, field

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange.budget import Budget
from authoring.exchange.decoding import decode
from authoring.exchange.gift.blocks import Block, blocks
from authoring.exchange.gift.escapes import plain, without_formulas
from authoring.exchange.gift.kinds import Parts, carried
from authoring.exchange.gift.texts import TAG, Texts
from authoring.exchange.questions import Carried, Left, Reading, UnreadableError, shortened

_BLANK = "_____"


def read(data: bytes) -> Reading:
    """The questions of a GIFT file; raises UnreadableError for what is no text at all."""
    decoded = decode(data)
    reader = _Reader()
    for block in blocks(decoded.text):
        reader.take(block)
    if not reader.questions and not reader.left:
        raise UnreadableError(_("There is no question in this file."))
    return Reading(tuple(reader.questions), (*decoded.left(), *reader.left))


@dataclass(slots=True)
class _Reader:
    questions: list[Carried] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    category: tuple[str, ...] = ()
    budget: Budget = field(default_factory=Budget)

    def take(self, block: Block) -> None:
        category = block.category()
        if category is not None:
            self.category = category
        elif block.text:
            self._question(block)
        elif block.tags() or block.id():
            what = _("A comment with tags, but no question below it.")
            self.left.append(Left(f"line {block.line}" if block.line else "", "", what))

    def _question(self, block: Block) -> None:
        place = f"line {block.line}"
        name, text = _name(block.text)
        parted = _braces(without_formulas(text)) or _braces(text)
        if parted is None:
            self.left.append(Left(place, name or _beginning(text), _no_braces(text)))
            return
        before, inside, after = parted
        texts = Texts(budget=self.budget)
        stem = texts.markdown(before + (_BLANK if after else "") + after)
        name = name or _beginning(before + after)
        answers, _signs, general = inside.rpartition("####") if "####" in inside else (inside, "", "")
        parts = Parts(texts, stem, answers.strip(), texts.markdown(general))
        type_, body = carried(parts)
        self.left += [Left(place, name, what, is_whole=False) for what in texts.left]
        if not type_:
            self.left.append(Left(place, name, parts.refusal))
            return
        self.questions.append(Carried(place, name, type_, body, self.category, block.tags(), key=block.id()))


def _name(text: str) -> tuple[str, str]:
    """What stands between ::, and the rest."""
    if text.startswith("::"):
        name, signs, rest = text[2:].partition("::")
        if signs:
            return " ".join(plain(name).split()), rest.strip()
    return "", text


def _beginning(text: str) -> str:
    """What a question without a name is called by."""
    words = plain(re.sub(r"^\s*\[\w+\]", "", text[:2000]))
    return shortened(TAG.sub(" ", words))


def _braces(text: str) -> tuple[str, str, str] | None:
    """What stands before, in and behind the one pair of braces; None when it is not one pair."""
    before, opens, rest = text.partition("{")
    inside, closes, after = rest.partition("}")
    if not opens or not closes or "}" in before or "{" in inside or "{" in after or "}" in after:
        return None
    return before, inside.strip(), after.rstrip()


def _no_braces(text: str) -> Sentence:
    if "{" not in text and "}" not in text:
        return _("A text without a question: it has no answers in braces. Put it into a topic.")
    if text.count("{") == text.count("}") > 1:
        return _(
            "There are several pairs of braces. GIFT has one a question; others are written \\{ and \\}."
        )
    return _("A brace is not closed, or a brace of the text lacks its backslash: \\{ and \\}.")
