from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from quizzes.types.reading import LONGEST, normalised

_SIGNS = str.maketrans("\u2212\u2012\u2013\u2014\u2044", "----/")  # minus, three dashes, fraction slash
_NUMBER = re.compile(r"[+-]?(?:\d[\d.,]*|[.,]\d+)(?:e[+-]?\d{1,3})?")
_FRACTION = re.compile(r"([+-]?\d{1,15})/(\d{1,15})")
_GROUPING = re.compile(r"(?<=\d)[\s'’_](?=\d{3}(?!\d))")
_IDLE_SPACES = re.compile(r"(?<!\d)\s+|\s+(?!\d)")


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


def measured(value: object, factors: Mapping[str, Fraction]) -> frozenset[Fraction]:
    """The numbers that an answer with a unit may mean, in the unit whose factor is 1; none without a known unit.

    The answer is "2.5 km", or its two fields {"number": "2.5", "unit": "km"}.
    """
    if isinstance(value, dict):
        number, unit = value.get("number"), value.get("unit")
        if not isinstance(unit, str) or unit not in factors:
            return frozenset()
        return frozenset(read * factors[unit] for read in readings(number, unit))
    if not isinstance(value, str):
        return frozenset()
    said = normalised(value)
    named = [unit for unit in factors if said.endswith(normalised(unit))]
    return frozenset(read * factors[unit] for unit in named for read in readings(value, unit))


def is_near(
    number: Fraction, answer: Fraction, *, tolerance: Fraction, relative: Fraction | None, figures: int | None
) -> bool:
    """Whether a number is the answer within any of the allowances that are given.

    `tolerance` is absolute, `relative` a share of the answer, and with `figures` every number counts that is the
    answer when both are rounded to so many significant figures.
    """
    off = abs(number - answer)
    if off <= tolerance or (relative is not None and off <= relative * abs(answer)):
        return True
    return figures is not None and _agree(number, answer, figures)


def exact(number: float) -> Fraction:
    """The decimal that the author wrote, not the binary next to it."""
    return Fraction(Decimal(repr(number)))


def _agree(number: Fraction, answer: Fraction, figures: int) -> bool:
    """Whether a number is at most half a unit of the last figure away from the rounded answer."""
    if not answer:
        return not number
    unit = Fraction(10) ** (_magnitude(answer) - figures + 1)
    rounded = round(answer / unit) * unit
    return abs(number - rounded) <= unit / 2


def _magnitude(number: Fraction) -> int:
    """The exponent of the first figure: 2 for 345, -1 for 0.5."""
    guess = len(str(abs(number.numerator))) - len(str(number.denominator))
    return guess if abs(number) >= Fraction(10) ** guess else guess - 1


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


def _are_thousands(number: str, mark: str) -> bool:
    return bool(re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+", number))
