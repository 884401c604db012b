"""Questions on their way in or out, whatever the format: what each says, and what could not be carried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Left:
    """Something that could not be carried, and why.

    `place` leads to it (`line 12`, an item's identifier), `name` is the question's. `is_whole` says that the question
    was left out; else it was carried without this part.
    """

    place: str
    name: str
    what: Sentence
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Carried:
    """One question: its type and body as plain JSON (see `quizzes.bodies`), and what stands round it.

    The body may still have faults (most formats know no explanation): it is a draft. `category` leads to it from the
    top; `points` is its weight as the format gives it, None where it gives none. `key` is what the format calls it for
    good, if it does (an id in GIFT, an identifier in QTI); `resource` is the key of where to go back to, which only
    our own formats know.
    """

    place: str
    name: str
    type: str
    body: Mapping[str, Any]
    category: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    points: float | None = None
    difficulty: int | None = None
    key: str = ""
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file held: the questions, and what of it was left."""

    questions: tuple[Carried, ...] = ()
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class Writing:
    """A file written for another house, and what of the questions it could not hold."""

    data: bytes
    left: tuple[Left, ...] = field(default=())


class UnreadableError(Exception):
    """The file is not of this format at all, is broken, too large or hostile; `what` says so, `place` says where."""

    def __init__(self, what: Sentence, place: str = "") -> None:
        super().__init__(str(what))
        self.what = what
        self.place = place


def shortened(text: str, most: int = 80) -> str:
    """The beginning of a text on one line, as a question is called that has no name, or as a part of it is quoted."""
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
