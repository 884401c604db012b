"""Two wordings side by side: which words of each the other lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_MOST = 6_000  # words; longer texts are shown unmarked, since comparing takes the square of the time


class Part(NamedTuple):
    text: str
    is_changed: bool


def apart(before: str, after: str) -> tuple[list[Part], list[Part]]:
    """Both texts cut into parts in order, those that only one of them has marked as changed."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > _MOST or not old or not new:
        return [Part(before, False)] if before else [], [Part(after, False)] if after else []
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    olds = list(_parts((old[i1:i2], tag) for tag, i1, i2, _, _ in blocks))
    news = list(_parts((new[j1:j2], tag) for tag, _, _, j1, j2 in blocks))
    return olds, news


def _parts(pieces: Iterator[tuple[list[str], str]]) -> Iterator[Part]:
    for words, tag in pieces:
        if words:
            yield Part("".join(words), tag != "equal")
