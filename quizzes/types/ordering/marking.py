from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from quizzes.types.base import parts_given, whole


def placed(value: object) -> list[str | None]:
    """The items in the order that an answer gives them.

    An answer is the list of items, or what the fields say: {item: place}. An item named twice counts where it stood
    first; two items at the same place have no order, so a gap (None) stands for them.
    """
    if isinstance(value, list):
        return [item if isinstance(item, str) else None for item in dict.fromkeys(map(_hashable, value))]
    places = {item: int(text) for item, text in parts_given(value).items() if _is_place(text)}
    shared = Counter(places.values())
    at = {place: item if shared[place] == 1 else None for item, place in places.items()}
    return [at[place] for place in sorted(at)]


def share(right: Sequence[str], value: object, *, pairs: bool) -> Fraction:
    """All or nothing, or the share of neighbours of the right order that follow each other in the answer too."""
    given = placed(value)
    if not pairs:
        return whole(given == list(right))
    wanted = set(pairwise(right))
    return Fraction(len(wanted & set(pairwise(given))), len(wanted))


def places(right: Sequence[str], value: object) -> Mapping[str, int]:
    """Where each item stands in an answer, counted from 1; those it does not place are missing."""
    return {item: place for place, item in enumerate(placed(value), 1) if item in right and item is not None}


def _is_place(text: str) -> bool:
    return text.isascii() and text.strip().isdecimal() and len(text) < 6


def _hashable(item: object) -> object:
    return item if isinstance(item, str) else None
