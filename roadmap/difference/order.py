"""Which items of a list moved: as few as explain the new order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def moved(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The keys, in new order, that must be taken out and put elsewhere to come from `old` to `new`.

    Only keys that are in both count. The others are a longest increasing subsequence (patience sorting), so they are
    as many as can stay.
    """
    was = {key: place for place, key in enumerate(old)}
    kept = [key for key in new if key in was]
    staying = _longest_increasing([was[key] for key in kept])
    return [key for place, key in enumerate(kept) if place not in staying]


def _longest_increasing(numbers: Sequence[int]) -> set[int]:
    """Places of one longest increasing subsequence."""
    tops: list[int] = []  # the smallest number that ends a sequence of each length
    ends: list[int] = []  # and its place
    before: dict[int, int] = {}
    for place, number in enumerate(numbers):
        length = bisect_left(tops, number)
        if length:
            before[place] = ends[length - 1]
        tops[length : length + 1] = [number]
        ends[length : length + 1] = [place]
    chain = set()
    place = ends[-1] if ends else -1
    while place >= 0:
        chain.add(place)
        place = before.get(place, -1)
    return chain
