"""What was odd about a checkout, and where: nothing of it stops an import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from accounts.sentences import NOTHING, Sentence
from accounts.sentences import sentence as _
from authoring.faults import Fault, FilePlace, Loc

Kind = Literal["no_id", "two_files", "title", "link", "type", "many", "stray", "graph", "text"]

KINDS: dict[Kind, Sentence] = {
    "no_id": _("without an id, left out"),
    "two_files": _("one id, several files"),
    "title": _("title in doubt"),
    "link": _("malformed link"),
    "type": _("unknown type"),
    "many": _("many links"),
    "stray": _("not a topic"),
    "graph": _("graph"),
    "text": _("text mended"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """One odd thing in one file, and what was made of it."""

    kind: Kind
    file: str
    line: int | None
    what: Sentence
    remedy: Sentence = NOTHING

    def fault(self) -> Fault:
        """The same as a warning of the import."""
        lines: dict[Loc, int] = {(): self.line} if self.line else {}
        return FilePlace(self.file, self.file, lines).fault((), self.what, self.remedy, severity="warns")
