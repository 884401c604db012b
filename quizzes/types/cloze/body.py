from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from quizzes.types.base import Asked, Body, Text, doubled, mixed, parts_given
from quizzes.types.cloze.gaps import ChoiceGap, Gap
from quizzes.types.cloze.marking import share
from roadmap import rendering

MOST_GAPS = 20
_GAP = re.compile(r"\{\{\s*([a-z0-9-]+)\s*\}\}")
_OPEN, _CLOSE = "\ue000", "\ue001"  # private signs: no Markdown touches them
_PLACE = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
# Of drawn Markdown: formulas, whose text is replaced by their drawing, and tags with all their attributes.
_UNTYPABLE = re.compile(r'<(span|div) class="math[^>]*>[^<]*</\1>|<(?:"[^"]*"|[^">])*>')


class Cloze(Body):
    """A Markdown text with gaps, written {{key of a gap}}.

    A page calls the gaps by their numbers, counted from 1 as they stand in the text, for their keys may tell. The value
    of an answer is {number: text, or the key of an option}.
    """

    type = "cloze"
    title = _("Text with gaps")
    rank = 80
    text: Text
    gaps: Annotated[tuple[Gap, ...], Field(min_length=1, max_length=MOST_GAPS)]

    @model_validator(mode="after")
    def _text_and_gaps_fit(self) -> Self:
        keys, named = [gap.key for gap in self.gaps], _GAP.findall(self.text)
        if twice := doubled(keys):
            raise ValueError(_("Gap keys are given once; %(keys)s stands there twice.", keys=twice))
        if twice := doubled(named):
            raise ValueError(_("A gap stands once in the text; %(keys)s stands there twice.", keys=twice))
        if unknown := ", ".join(key for key in named if key not in keys):
            raise ValueError(_("The text has gaps that are not described: %(keys)s.", keys=unknown))
        if unused := ", ".join(key for key in keys if key not in named):
            raise ValueError(_("Gaps do not stand in the text as {{key}}: %(keys)s.", keys=unused))
        shown = set(_PLACE.findall(_UNTYPABLE.sub("", _drawn(self._text_with_numbers("{{%s}}")))))
        if lost := ", ".join(key for number, key in enumerate(named, 1) if str(number) not in shown):
            raise ValueError(
                _("Nothing can be typed inside an address, its title or a formula; move %(keys)s.", keys=lost)
            )
        return self

    def asked(self, order: Sequence[str] = ()) -> Asked:
        gaps = [
            {"key": number, "type": gap.type, **gap.asked(_of(gap.key, order))}
            for number, gap in self.numbered().items()
        ]
        return Asked(self.type, self.stem, more={"text": self._text_with_numbers("{{%s}}"), "gaps": gaps})

    @classmethod
    def how(cls, asked: Asked) -> Sentence:
        return _("Fill in the gaps. Every right one counts.")

    def option_keys(self) -> tuple[str, ...]:
        texts = {
            f"{gap.key}.{option.key}": option.text
            for gap in self.gaps
            if isinstance(gap, ChoiceGap)
            for option in gap.options
        }
        return mixed(texts)

    def mark(self, value: object) -> Fraction:
        given = parts_given(value)
        return share((gap.points, gap.mark(given.get(number))) for number, gap in self.numbered().items())

    def key(self) -> Any:
        return [[gap.key, gap.type, gap.points, gap.rule_key()] for gap in self.numbered().values()]

    def right_value(self) -> dict[str, str]:
        return {number: gap.right_value() for number, gap in self.numbered().items()}

    def said(self, value: object) -> str:
        given = parts_given(value)
        return "; ".join(
            gap.said(given[number]) for number, gap in self.numbered().items() if number in given
        )

    @classmethod
    def fields(cls, asked: Asked, value: object) -> dict[str, Any]:
        """The text in pieces: {html}, or {gap} with what was typed into it."""
        given = parts_given(value)
        gaps = {gap["key"]: {**gap, "value": given.get(gap["key"], "")} for gap in asked.more["gaps"]}
        return {"pieces": list(_pieces(asked.more["text"], gaps)), "count": len(gaps)}

    def shown(self, value: object, order: Sequence[str] = ()) -> list[dict[str, Any]]:
        given = parts_given(value)
        gaps = {
            number: {
                "is_choice": isinstance(gap, ChoiceGap),
                "said": gap.said(given.get(number, "")),
                "is_right": gap.mark(given.get(number)) == 1,
                "right": gap.right_words(),
            }
            for number, gap in self.numbered().items()
        }
        return list(_pieces(self._text_with_numbers("{{%s}}"), gaps))

    def numbered(self) -> dict[str, Gap]:
        """The gaps by number, as they stand in the text."""
        by_key = {gap.key: gap for gap in self.gaps}
        return {str(number): by_key[key] for number, key in enumerate(_GAP.findall(self.text), 1)}

    def _text_with_numbers(self, written: str) -> str:
        numbers = iter(self.numbered())
        return _GAP.sub(lambda _found: written % next(numbers), self.text)


def _of(gap: str, order: Sequence[str]) -> list[str]:
    """The options of one gap, in the order of all options."""
    return [name.partition(".")[2] for name in order if name.partition(".")[0] == gap]


def _pieces(text: str, gaps: Mapping[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The HTML of the text, cut where the gaps are."""
    for place, piece in enumerate(_PLACE.split(_drawn(text))):
        yield {"gap": gaps[piece]} if place % 2 else {"html": piece}


def _drawn(text: str) -> str:
    """The HTML of the text, with private signs round the number of each gap."""
    bare = text.replace(_OPEN, "").replace(_CLOSE, "")
    return rendering.html(_GAP.sub(lambda found: f"{_OPEN}{found[1]}{_CLOSE}", bare))
