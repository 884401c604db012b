from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from quizzes.types.base import parts_given


def share(right: Mapping[str, str], value: object) -> Fraction:
    """The share of the prompts that are matched rightly."""
    given = parts_given(value)
    return Fraction(sum(given.get(prompt) == choice for prompt, choice in right.items()), len(right))
