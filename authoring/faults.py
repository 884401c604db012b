"""What can be wrong with a road, and where: in a line of a file, or in a field of a draft row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

Severity = Literal["stops", "warns"]
Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, where it is, and what mends it.

    A fault that "stops" keeps a road from being imported or published; one that "warns" is only said.
    A fault of a folder has `file` and `line`; a fault of a draft has `model` ("roadmap.topic"), `pk`, `field`.
    """

    severity: Severity
    where: str
    what: str
    remedy: str
    model: str = ""
    pk: int | None = None
    field: str = ""
    file: str = ""
    line: int | None = None

    @property
    def stops(self) -> bool:
        return self.severity == "stops"

    def __str__(self) -> str:
        return f"{self.place}: {self.what} {self.remedy}".rstrip()

    @property
    def place(self) -> str:
        """`stages/math/stage.yaml:12` for a file, else the words for the row."""
        if not self.file:
            return self.where
        return f"{self.file}:{self.line}" if self.line else self.file


class Place(Protocol):
    """Something that can be at fault, whether it came from a file or from a row."""

    def fault(self, loc: Loc, what: str, remedy: str = "", *, severity: Severity = "stops") -> Fault:
        """A fault of the part that `loc` leads to, as in ("gates", 0, "stages")."""
        ...


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A part of a file: `base` leads from the file's top to it, `lines` knows the line of each part."""

    name: str
    file: str
    lines: Mapping[Loc, int] = field(default_factory=dict)
    base: Loc = ()

    def fault(self, loc: Loc, what: str, remedy: str = "", *, severity: Severity = "stops") -> Fault:
        return Fault(
            severity,
            _where(self.name, loc),
            what,
            remedy,
            file=self.file,
            line=self._line((*self.base, *loc)),
        )

    def _line(self, loc: Loc) -> int | None:
        """The line of the nearest part that the file really has."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc)


# Where a part is edited, if its name in files is not the name of the row's field.
_FIELDS = {
    "months": "months_low",
    "minutes": "minutes_low",
    "required": "is_required",
    "public": "is_public",
    "last_updated": "last_updated_on",
    "attempts": "attempts_limit",
    "resources": "placements",
    "step": "step_title",
    "rubric": "criteria",
    "questions": "items",
    "evidence": "evidence_tasks",
}


@dataclass(frozen=True, slots=True)
class RowPlace:
    """A draft row."""

    name: str
    model: str
    pk: int | None

    def fault(self, loc: Loc, what: str, remedy: str = "", *, severity: Severity = "stops") -> Fault:
        top = str(loc[0]) if loc else ""
        where = _where(self.name, loc)
        return Fault(severity, where, what, remedy, self.model, self.pk, _FIELDS.get(top, top))


def _where(name: str, loc: Loc) -> str:
    """`stage “math”, gates 1, stages`: numbers are counted from 1."""
    words = ""
    for part in loc:
        words += f" {part + 1}" if isinstance(part, int) else f", {part}"
    return name + words


def stopping(faults: Iterable[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault.stops]
