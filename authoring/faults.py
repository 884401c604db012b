"""What can be wrong with a road, and where: in a line of a file, or in a field of a draft row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from accounts.sentences import NOTHING, Sentence
from accounts.sentences import sentence as _

Severity = Literal["stops", "warns"]
Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, where it is, and what mends it.

    A fault that "stops" keeps a road from being imported or published; one that "warns" is only said.
    `name` names the thing, `path` leads to the part of it by the format's field names. A fault of a folder has `file`
    and `line`; a fault of a draft has `model` ("roadmap.topic"), `pk`, `field`.
    """

    severity: Severity
    name: Sentence | str
    path: str
    what: Sentence
    remedy: Sentence
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
        """`stages/math/stage.yaml:12` for a file, `stage “math”, gates 1, stages` for a row."""
        if not self.file:
            return self.where
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def where(self) -> str:
        """The row and its part, in English."""
        return f"{self.name}, {self.path}" if self.path else str(self.name)


class Place(Protocol):
    """Something that can be at fault, whether it came from a file or from a row."""

    def fault(
        self, loc: Loc, what: Sentence, remedy: Sentence = NOTHING, *, severity: Severity = "stops"
    ) -> Fault:
        """A fault of the part that `loc` leads to, as in ("gates", 0, "stages")."""
        ...


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A part of a file: `base` leads from the file's top to it, `lines` knows the line of each part."""

    name: Sentence | str
    file: str
    lines: Mapping[Loc, int] = field(default_factory=dict)
    base: Loc = ()

    def fault(
        self, loc: Loc, what: Sentence, remedy: Sentence = NOTHING, *, severity: Severity = "stops"
    ) -> Fault:
        return Fault(
            severity,
            self.name,
            _path(loc),
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

    name: Sentence | str
    model: str
    pk: int | None

    def fault(
        self, loc: Loc, what: Sentence, remedy: Sentence = NOTHING, *, severity: Severity = "stops"
    ) -> Fault:
        top = str(loc[0]) if loc else ""
        field = _FIELDS.get(top, top)
        return Fault(severity, self.name, _path(loc), what, remedy, self.model, self.pk, field)


ROAD = _("road")
_NAMED = {
    "stage": _("stage “%(name)s”"),
    "topic": _("topic “%(name)s”"),
    "task": _("task “%(name)s”"),
    "resource": _("resource “%(name)s”"),
    "quiz": _("quiz “%(name)s”"),
    "question": _("question “%(name)s”"),
}


def named(kind: str, name: str) -> Sentence:
    """`stage “Baking”`: what a fault of it says it is about."""
    return _NAMED[kind].filled(name=name)


def _path(loc: Loc) -> str:
    """`gates 1, stages`: numbers are counted from 1."""
    words = ""
    for part in loc:
        words += f" {part + 1}" if isinstance(part, int) else f", {part}"
    return words.removeprefix(", ").lstrip()


def stopping(faults: Iterable[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault.stops]
