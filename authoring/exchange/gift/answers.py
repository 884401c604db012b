"""What stands in the braces: the answers of each kind of question, with their weights and feedback."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from authoring.exchange.gift.escapes import plain

_WEIGHT = re.compile(r"\s*%\s*(-?\d{1,3}(?:[.,]\d{0,10})?)\s*%")
_NUMBER = re.compile(r"[-+]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})(?:[eE][-+]?\d{1,3})?")
_MARK = re.compile(r"([=~])")
NEAR = 0.02  # percent: what is lost when a third is written with two digits


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, escapes still put away: its share in percent and what is said to whoever gives it."""

    text: str
    weight: float
    feedback: str = ""

    @property
    def is_right(self) -> bool:
        return self.weight >= 100 - NEAR


@dataclass(frozen=True, slots=True)
class Number:
    """A number and how far from it is near enough."""

    answer: float
    tolerance: float

    def body(self) -> dict[str, Any]:
        found = {"answer": tidy(self.answer), "tolerance": tidy(self.tolerance)}
        return found if self.tolerance else {"answer": found["answer"]}


def answers(text: str, *, bare: float) -> list[Answer]:
    """The answers between = and ~; what has neither before it weighs `bare` unless it says otherwise."""
    pieces = _MARK.split(text)
    weights = {"": bare, "=": 100.0, "~": 0.0}
    marked = [("", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
    found = [_answer(piece, weights[mark]) for mark, piece in marked if piece.strip()]
    return [answer for answer in found if answer.text or answer.feedback]


def _answer(piece: str, weight: float) -> Answer:
    if found := _WEIGHT.match(piece):
        weight = float(found[1].replace(",", "."))
        piece = piece[found.end() :]
    text, _sign, feedback = piece.partition("#")
    return Answer(text.strip(), weight, feedback.strip())


def pairs(text: str) -> Iterator[tuple[str, str] | str]:
    """Prompt and choice of each pair of a matching; what has no arrow comes as it is."""
    for piece in text.split("="):
        prompt, arrow, choice = piece.partition("->")
        if arrow:
            yield prompt.strip(), choice.strip()
        elif piece.strip():
            yield piece.strip()


def number(text: str) -> Number | None:
    """`3`, `3:0.5` or `1..5`; None when it is no number."""
    said = plain(text).strip()
    low, dots, high = said.partition("..")
    if dots:
        ends = [_decimal(low), _decimal(high)]
        if ends[0] is None or ends[1] is None:
            return None
        lower, upper = sorted((ends[0], ends[1]))
        return _finite((lower + upper) / 2, (upper - lower) / 2)
    value, _colon, near = said.partition(":")
    answer, tolerance = _decimal(value), _decimal(near or "0")
    return None if answer is None or tolerance is None else _finite(answer, abs(tolerance))


def tidy(value: float) -> int | float:
    """A whole number without its point."""
    return int(value) if value.is_integer() and abs(value) < 10**15 else value


def is_spread_evenly(found: Iterable[Answer]) -> bool:
    """Whether right ticks earn equal shares and wrong ones take one back, as the house marks several right options."""
    weights = [answer.weight for answer in found]
    count = sum(weight > 0 for weight in weights)
    return bool(count) and all(abs(abs(weight) - 100 / count) <= NEAR for weight in weights)


def _decimal(text: str) -> Decimal | None:
    return Decimal(text.strip()) if _NUMBER.fullmatch(text.strip()) else None


def _finite(answer: Decimal, tolerance: Decimal) -> Number | None:
    value, near = float(answer), float(tolerance)
    return Number(value, near) if math.isfinite(value) and math.isfinite(near) else None
