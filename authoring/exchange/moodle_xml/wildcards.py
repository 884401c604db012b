"""Answers with a * that stands for any letters, as patterns of ours, and back."""

from __future__ import annotations

import re
from collections.abc import Sequence

_STAR = re.compile(r"(?<!\\)\*")
_SIGNS = re.compile(r"[\\.+*?()|\[\]{}^$]")
_LITERAL = re.compile(r"\\([\\.+*?()|\[\]{}^$])|([^\\.+*?()|\[\]{}^$])")


def has_star(answer: str) -> bool:
    return bool(_STAR.search(answer))


def without_stars(answer: str) -> str:
    """The shortest text that an answer takes."""
    return " ".join(literal(_STAR.sub("", answer)).split())


def literal(answer: str) -> str:
    """An answer without stars as it is typed."""
    return answer.replace("\\*", "*")


def starless(text: str) -> str:
    """A text as an answer in which a star is only a star."""
    return text.replace("*", "\\*")


def pattern(answers: Sequence[str]) -> str:
    """One pattern that takes what any of these answers with stars takes."""
    return "|".join(
        ".*".join(_SIGNS.sub(r"\\\g<0>", literal(part)) for part in _STAR.split(answer)) for answer in answers
    )


def answers(pattern_: str) -> list[str]:
    """The answers with stars that a pattern was made of; none where it says more than stars can."""
    found = [_answer(part) for part in re.split(r"(?<!\\)\|", pattern_)]
    whole = [each for each in found if each]
    return whole if len(whole) == len(found) and pattern(whole) == pattern_ else []


def _answer(part: str) -> str:
    pieces = []
    for piece in part.split(".*"):
        letters = [one or other for one, other in _LITERAL.findall(piece)]
        pieces.append(starless("".join(letters)))
    return "*".join(pieces)
