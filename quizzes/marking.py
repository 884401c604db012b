"""How much of a question an answer is worth: a fraction from 0 to 1. Whatever is sent, marking never fails.

The rule of each type stands in its folder, quizzes/types/<type>/. No Django, no database: bodies and values in,
fractions out.
"""

from __future__ import annotations

from fractions import Fraction

from quizzes.bodies import Body
from quizzes.types.base import RIGHT, WRONG

__all__ = ["RIGHT", "WRONG", "is_given", "mark", "waits_for_hand"]


def mark(body: Body, value: object) -> Fraction:
    """The fraction of a question's points that this answer earns, 0 to 1; None and nonsense earn 0."""
    return body.mark(value)


def waits_for_hand(body: Body, value: object) -> bool:
    """Whether a mentor has to mark this answer: an empty one needs nobody."""
    return body.is_marked_by_hand and is_given(value)


def is_given(value: object) -> bool:
    """Whether somebody answered at all: an empty text, no ticks or fields all empty are no answer."""
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, dict):
        return any(is_given(part) for part in value.values())
    return value is not None and value != []
