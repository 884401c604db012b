"""The lines of a file around the one that is at fault, short enough to be shown."""

from __future__ import annotations

from typing import NamedTuple

AROUND = 2
LONGEST = 200


class Line(NamedTuple):
    number: int
    text: str
    is_it: bool


def lines_around(data: bytes, line: int | None) -> list[Line]:
    """Lines `line - 2` to `line + 2`, counted from 1; none without a line, or when there is no such line."""
    lines = data.decode("utf-8", "replace").splitlines()
    if line is None or line > len(lines):
        return []
    first = max(1, line - AROUND)
    return [
        Line(number, text if len(text) <= LONGEST else f"{text[:LONGEST]}…", number == line)
        for number, text in enumerate(lines[first - 1 : line + AROUND], first)
    ]
