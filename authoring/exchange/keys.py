"""Keys for questions that come without: made of their names, each one once; and for their parts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from string import ascii_lowercase

from roadmap.keys import MAX_LENGTH, is_key

_NO_KEY = re.compile(r"[^a-z0-9]+")
_ROOM = 12  # characters for a number behind a key that is taken


def slug(text: str, fallback: str = "question") -> str:
    """A key made of a text: letters without accents, digits, hyphens; `fallback` where nothing of it is left."""
    plain = unicodedata.normalize("NFKD", text[:400]).encode("ascii", "ignore").decode().lower()
    made = _NO_KEY.sub("-", plain).strip("-")[: MAX_LENGTH - _ROOM].strip("-")
    return made or fallback


def unique(wanted: Iterable[str], is_taken: Callable[[str], bool]) -> list[str]:
    """A key for each text: itself where it is one, else its slug, with a number where that is taken."""
    given: set[str] = set()
    last: dict[str, int] = {}
    keys = []
    for text in wanted:
        base = text if is_key(text) else slug(text)
        key = base
        while key in given or is_taken(key):
            last[base] = last.get(base, 1) + 1
            key = f"{base[: MAX_LENGTH - _ROOM].strip('-')}-{last[base]}"
        given.add(key)
        keys.append(key)
    return keys


def letters(count: int) -> list[str]:
    """Keys for the parts of a body: a to z, then a1, b1 …"""
    return [letter(number) for number in range(count)]


def letter(number: int) -> str:
    turn, place = divmod(number, len(ascii_lowercase))
    return ascii_lowercase[place] + (str(turn) if turn else "")
