"""Shared HTML with holes: rendered once per edition, filled for each reader.

A template writes a hole as {{ marker }} with the text of `hole(kind, key)`. Nothing personal is ever in a sheet.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_HOLE = re.compile("\x02([a-z_]+):([a-z0-9-]*)\x03")


def hole(kind: str, key: str = "") -> str:
    """The mark to print where a reader's own value goes."""
    return f"\x02{kind}:{key}\x03"


@dataclass(frozen=True, slots=True)
class Sheet:
    """`parts` is text, kind, key, text, kind, key, ..., text."""

    parts: tuple[str, ...]

    @classmethod
    def cut(cls, html: str) -> Sheet:
        """Take a rendered page apart at its holes."""
        return cls(tuple(_HOLE.split(html)))

    def fill(self, value: Callable[[str, str], str]) -> str:
        """The page for one reader; `value(kind, key)` gives safe HTML for each hole."""
        pieces = list(self.parts[::3])
        for place in range(len(pieces) - 1):
            pieces[place] += value(self.parts[3 * place + 1], self.parts[3 * place + 2])
        return "".join(pieces)

    @property
    def size(self) -> int:
        """Characters kept, for caches bounded by size."""
        return sum(map(len, self.parts))
