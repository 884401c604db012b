"""How typed texts are read: what does not matter is taken away before they are compared."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 500  # characters of an answer that are looked at

_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """NFKC, runs of spaces as one, none at the ends."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text[:LONGEST])).strip()


def normalised(text: str, *, case_sensitive: bool = False, ignore_accents: bool = False) -> str:
    """A text as it is compared: plain, without accents if they don't matter, case folded unless it does."""
    said = plain(text)
    if ignore_accents:
        said = without_accents(said)
    return said if case_sensitive else unicodedata.normalize("NFKC", said.casefold())


def without_accents(text: str) -> str:
    """e for é: what combines with a letter is left out, letters of their own (ø, ß) stay."""
    apart = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFKC", "".join(sign for sign in apart if not unicodedata.combining(sign)))
