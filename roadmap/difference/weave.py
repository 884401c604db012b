"""Two texts woven into one, word by word: what both say, what only the old one says, what only the new one says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

Thread = Literal["same", "old", "new"]

WORDS_COMPARED = 1500  # of both texts; longer ones are compared line by line, which stays quick
AROUND = 8  # words of the unchanged text that are shown on each side of a change
SHORTEST_JOINT = 2  # fewer unchanged words than these between two changes don't part them
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_WORD = re.compile(r"\s*\S+\s*")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class Piece(NamedTuple):
    thread: Thread
    text: str


def weave(before: str, after: str, around: int = AROUND) -> list[Piece]:
    """The pieces in reading order, an old one before the new one that replaces it; "…" stands for what is left out."""
    pattern = _TOKEN if len(before.split()) + len(after.split()) <= WORDS_COMPARED else _LINE
    old, new = pattern.findall(before), pattern.findall(after)
    pieces = _joined(_woven(old, new))
    last = len(pieces) - 1
    return [
        Piece("same", _shortened(piece.text, place > 0, place < last, around))
        if piece.thread == "same"
        else piece
        for place, piece in enumerate(pieces)
    ]


def _woven(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield Piece("same", "".join(old[a:b]))
        else:
            yield Piece("old", "".join(old[a:b]))
            yield Piece("new", "".join(new[c:d]))


def _joined(pieces: Iterator[Piece]) -> list[Piece]:
    """Changes that only a blank or a word parts are one change: else a new sentence reads as a mosaic."""
    joined: list[Piece] = []
    old = new = ""
    for piece in pieces:
        if piece.thread == "old":
            old += piece.text
        elif piece.thread == "new":
            new += piece.text
        elif (old or new) and len(piece.text.split()) < SHORTEST_JOINT and "\n" not in piece.text:
            old, new = old + piece.text, new + piece.text
        else:
            joined += _change(old, new)
            joined.append(piece)
            old = new = ""
    return joined + _change(old, new)


def _change(old: str, new: str) -> list[Piece]:
    """Both sides of one change; whole words that both end in are no change."""
    end = _shared_end(old, new)
    pieces = [
        Piece("old", old[: len(old) - end]),
        Piece("new", new[: len(new) - end]),
        Piece("same", old[len(old) - end :]),
    ]
    return [piece for piece in pieces if piece.text]


def _shared_end(old: str, new: str) -> int:
    """How many characters both end in, from a blank on."""
    end = shared = 0
    while end < min(len(old), len(new)) and old[-1 - end] == new[-1 - end]:
        end += 1
        if old[-end].isspace():
            shared = end
    return shared


def _shortened(text: str, has_before: bool, has_after: bool, around: int) -> str:
    """Long unchanged text without its middle, or without its end that is far from any change."""
    words = _WORD.findall(text)
    shown = around * (has_before + has_after)
    if not shown or len(words) <= shown + 1:
        return text
    head = "".join(words[:around]).rstrip() + " " if has_before else ""
    tail = " " + "".join(words[-around:]).lstrip() if has_after else ""
    return f"{head}…{tail}"
