from __future__ import annotations

from collections.abc import Set as AbstractSet
from fractions import Fraction

from quizzes.types.base import WRONG


def share(right: AbstractSet[str], value: object) -> Fraction:
    """Each right tick earns an equal share, each wrong one takes a share back, and it never goes below 0.

    With 3 right options: 3 right ticks earn 1, 2 right and 1 wrong earn 1/3, everything ticked earns what is left.
    A key ticked twice counts once; a key that the question does not have is a wrong tick.
    """
    if not isinstance(value, list):
        return WRONG
    ticked = {key if isinstance(key, str) else "" for key in value}
    return max(WRONG, Fraction(len(ticked & right) - len(ticked - right), len(right)))
