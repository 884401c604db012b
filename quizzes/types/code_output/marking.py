from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 4000  # characters of an answer that are looked at


@dataclass(frozen=True, slots=True)
class Compared:
    """An answer beside what is printed, line by line: (text, is it the same)."""

    given: tuple[tuple[str, bool], ...]
    printed: tuple[tuple[str, bool], ...]

    @property
    def alike(self) -> int:
        return sum(same for _line, same in self.printed)


def lines(text: str) -> tuple[str, ...]:
    """The lines of an output; blanks at their ends and empty lines at the end don't count."""
    return tuple(line.rstrip() for line in text[:LONGEST].replace("\r\n", "\n").rstrip().split("\n"))


def is_right(value: object, answers: Sequence[str]) -> bool:
    """Whether an answer is one of the outputs, line by line."""
    return isinstance(value, str) and lines(value) in {lines(answer) for answer in answers}


def compared(value: object, printed: str) -> Compared:
    """An answer and the output side by side."""
    given, wanted = lines(value) if isinstance(value, str) and value.strip() else (), lines(printed)
    return Compared(
        tuple((line, place < len(wanted) and wanted[place] == line) for place, line in enumerate(given)),
        tuple((line, place < len(given) and given[place] == line) for place, line in enumerate(wanted)),
    )
