"""One thing that differs between two editions, said apart from any page: what kind, of what, in which words.

No Django: sentences are said in the reader's language by roadmap/words.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from accounts.sentences import NOTHING, Sentence

Kind = Literal[
    "gate",
    "pass_mark",
    "hours",
    "added",
    "removed",
    "moved",
    "replaced",
    "renamed",
    "reworded",
    "changed",
]
Noun = Literal[
    "road",
    "background",
    "stage",
    "topic",
    "task",
    "criterion",
    "placement",
    "resource",
    "faq",
    "related",
    "quiz",
    "question",
]
Words = Sentence | str


@dataclass(frozen=True, slots=True)
class Change:
    """One item that is not what it was.

    `title` names the item, `part` which part of it, `before` and `after` what stood there and what stands there now,
    `place` where the item is or between which places it moved, `note` what follows from it. A small change is folded
    away on pages, behind those that a reader should see.
    """

    kind: Kind
    noun: Noun
    title: str
    before: Words = ""
    after: Words = ""
    part: Words = ""
    place: Sentence = NOTHING
    note: Sentence = NOTHING
    is_small: bool = False

    def small(self) -> Change:
        return replace(self, is_small=True)
