"""Answers with a * that stands for any letters, as patterns of ours, and back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 300  # characters of a pattern
_STAR = re.compile(r"(?<!\\)\*")
_SIGNS = re.compile(r"[\\.+*?()|\[\]{}^$]")
_LITERAL = re.compile(r"\\([\\.+*?()|\[\]{}^$])|([^\\.+*?()|\[\]{}^$])")


@dataclass(frozen=True, slots=True)
class Rule:
    """What counts, as a short text has it; `is_cut` says that the stars did not fit into a pattern."""

    answers: tuple[str, ...]
    pattern: str
    is_cut: bool = False


def rule(answers_: Sequence[str]) -> Rule:
    """The rule for answers some of which may have stars; it has no answers where nothing or anything would do."""
    spelled = [without_stars(answer) if has_star(answer) else literal(answer) for answer in answers_]
    found = pattern([answer for answer in answers_ if has_star(answer)])
    is_cut = len(found) > LONGEST
    return Rule(tuple(dict.fromkeys(filter(None, spelled))), "" if is_cut else found, is_cut)


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
