"""Words that were perhaps meant: how far two words are apart, and an index that finds near ones fast. No Django.

Idea of the index: Wolf Garbe's symmetric deletes. Two words at most FAR edits apart give a common text when up to FAR
letters are left out of each, and this already of their first PREFIX letters. So a word keeps the numbers of all such
texts, and a near word is one that shares a number.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from zlib import crc32

FAR = 2
PREFIX = 7
SHORTEST = 3  # letters of a word that is worth another spelling
LONGEST = 40


def left_out(word: str) -> frozenset[int]:
    """Numbers (32 bits, signed) of the texts that the word's beginning gives with up to FAR letters left out."""
    start = word[:PREFIX]
    texts = {
        "".join(kept)
        for fewer in range(min(FAR, len(start) - 1) + 1)
        for kept in combinations(start, len(start) - fewer)
    }
    return frozenset(crc32(text.encode()) - 2**31 for text in texts)


def distance(one: str, other: str, limit: int = FAR) -> int:
    """Letters to put in, take out, change or swap with their neighbor; limit + 1 when there are more than `limit`.

    Optimal string alignment, row by row.
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                steps = min(steps, last[j - 2] + 1)
            row.append(steps)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def allowed(word: str) -> int:
    """How many edits may lie between this word and what was meant: short words have too many neighbors."""
    return 1 if len(word) <= 4 else FAR


def nearest(word: str, known: Iterable[tuple[str, int]]) -> str | None:
    """The nearest of the known words (word, how often), the most frequent among equals; None when none is near."""
    near = [(distance(word, other, allowed(word)), -often, other) for other, often in known if other != word]
    best = min(near, default=None)
    return best[2] if best and best[0] <= allowed(word) else None
