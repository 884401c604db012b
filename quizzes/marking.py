"""How much of a question an answer is worth: a fraction from 0 to 1. Whatever is sent, marking never fails.

No Django, no database: bodies and values in, fractions out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quizzes.bodies import Body, Multiple, Numeric, ShortText, Single, TrueFalse

RIGHT, WRONG = Fraction(1), Fraction(0)
LONGEST = 500  # characters of an answer that are looked at

_SIGNS = str.maketrans("\u2212\u2012\u2013\u2014\u2044", "----/")  # minus, three dashes, fraction slash
_NUMBER = re.compile(r"[+-]?(?:\d[\d.,]*|[.,]\d+)(?:e[+-]?\d{1,3})?")
_FRACTION = re.compile(r"([+-]?\d{1,15})/(\d{1,15})")
_SPACES = re.compile(r"\s+")
_GROUPING = re.compile(r"(?<=\d)[\s'’_](?=\d{3}(?!\d))")
_IDLE_SPACES = re.compile(r"(?<!\d)\s+|\s+(?!\d)")


def mark(body: Body, value: object) -> Fraction:
    """The fraction of a question's points that this answer earns, 0 to 1; None and nonsense earn 0."""
    for kind, rule in _RULES.items():
        if isinstance(body, kind):
            return rule(body, value)
    raise LookupError(f"No rule marks a question of type {body.type}.")


def is_given(value: object) -> bool:
    """Whether somebody answered at all: an empty text or no ticks is no answer."""
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value != []


def _single(body: Single, value: object) -> Fraction:
    return _whole(isinstance(value, str) and value in body.right_keys())


def _multiple(body: Multiple, value: object) -> Fraction:
    """Each right tick earns an equal share, each wrong one takes a share back, and it never goes below 0.

    With 3 right options: 3 right ticks earn 1, 2 right and 1 wrong earn 1/3, everything ticked earns what is left.
    A key ticked twice counts once; a key that the question does not have is a wrong tick.
    """
    if not isinstance(value, list):
        return WRONG
    ticked = {key if isinstance(key, str) else "" for key in value}
    right = body.right_keys()
    return max(WRONG, Fraction(len(ticked & right) - len(ticked - right), len(right)))


def _true_false(body: TrueFalse, value: object) -> Fraction:
    said = {"true": True, "false": False}.get(value) if isinstance(value, str) else value
    return _whole(said is body.answer)


def _numeric(body: Numeric, value: object) -> Fraction:
    answer, tolerance = _exact(body.answer), _exact(body.tolerance)
    return _whole(any(abs(read - answer) <= tolerance for read in readings(value, body.unit or "")))


def _short_text(body: ShortText, value: object) -> Fraction:
    """Right when it equals one of the listed answers, compared without regard to spaces, form and (mostly) case."""
    if not isinstance(value, str):
        return WRONG
    said = normalised(value, case_sensitive=body.case_sensitive)
    return _whole(said in {normalised(text, case_sensitive=body.case_sensitive) for text in body.answers})


_RULES: Mapping[type[Body], Callable[[Any, object], Fraction]] = {
    Single: _single,
    Multiple: _multiple,
    TrueFalse: _true_false,
    Numeric: _numeric,
    ShortText: _short_text,
}


def normalised(text: str, *, case_sensitive: bool = False) -> str:
    """A text as it is compared: NFKC, runs of spaces as one, none at the ends, case folded unless it matters."""
    plain = _SPACES.sub(" ", unicodedata.normalize("NFKC", text[:LONGEST])).strip()
    return plain if case_sensitive else unicodedata.normalize("NFKC", plain.casefold())


def readings(value: object, unit: str = "") -> frozenset[Fraction]:
    """The numbers that a typed answer may mean; none when it is no number.

    Comma and point both separate decimals or thousands: 1,234 may be either, and both readings are given. Spaces
    and apostrophes between digits, a trailing unit, 3/4 and 1.2e-3 are understood.
    """
    if isinstance(value, bool):
        return frozenset()
    if isinstance(value, int | float):
        value = str(value) if isinstance(value, float) or abs(value) < 10**30 else ""
    if not isinstance(value, str):
        return frozenset()
    text = _bare(value, unit)
    if parts := _FRACTION.fullmatch(text):
        return frozenset({Fraction(int(parts[1]), int(parts[2]))} if int(parts[2]) else ())
    if not _NUMBER.fullmatch(text):
        return frozenset()
    return frozenset(Fraction(Decimal(plain)) for plain in _plain_numbers(text))


def _bare(text: str, unit: str) -> str:
    text = unicodedata.normalize("NFKC", text[:LONGEST]).translate(_SIGNS).casefold().strip()
    if unit:
        text = text.removesuffix(normalised(unit)).strip()
    return _IDLE_SPACES.sub("", _GROUPING.sub("", text))


def _plain_numbers(text: str) -> Iterator[str]:
    """The spellings with a point, if any, that Decimal reads: one, or two where the separator is ambiguous."""
    number, _, exponent = text.partition("e")
    scale = f"e{exponent}" if exponent else ""
    marks = [character for character in number if character in ".,"]
    last = max(number.rfind("."), number.rfind(","))
    whole, rest = re.sub(r"[.,]", "", number[:last]), number[last + 1 :]
    if not marks:
        yield number + scale
    elif len(marks) == 1 or (len(set(marks)) == 2 and marks.count(number[last]) == 1):
        yield f"{whole or '0'}.{rest}{scale}" if whole not in {"+", "-"} else f"{whole}0.{rest}{scale}"
    if marks and len(set(marks)) == 1 and _are_thousands(number, marks[0]):
        yield number.replace(marks[0], "") + scale


def _are_thousands(number: str, mark_: str) -> bool:
    return bool(re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}(?:{re.escape(mark_)}\d{{3}})+", number))


def _exact(number: float) -> Fraction:
    """The decimal that the author wrote, not the binary next to it."""
    return Fraction(Decimal(repr(number)))


def _whole(is_right: bool) -> Fraction:
    return RIGHT if is_right else WRONG
