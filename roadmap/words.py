"""Says in the reader's language what changed between two editions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from accounts.words import said
from roadmap.difference import Change, Piece, weave


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change as a page draws it: a label, what it is about, and the old and new words woven into one another."""

    label: str
    noun: str
    title: str
    part: str
    pieces: tuple[Piece, ...]
    place: str
    note: str


@dataclass(frozen=True, slots=True)
class ChangeRows:
    """What a reader sees first, and what is folded away; `left_out` are not drawn at all, for there are too many."""

    big: list[ChangeRow]
    small: list[ChangeRow]
    left_out: int = 0

    @property
    def count(self) -> int:
        return len(self.big) + len(self.small) + self.left_out


ROWS_DRAWN = 400


def change_rows(changes: Iterable[Change]) -> ChangeRows:
    found = list(changes)
    drawn = found[:ROWS_DRAWN]
    return ChangeRows(
        big=[_row(change) for change in drawn if not change.is_small],
        small=[_row(change) for change in drawn if change.is_small],
        left_out=len(found) - len(drawn),
    )


def _row(change: Change) -> ChangeRow:
    return ChangeRow(
        label=_label(change),
        noun=_noun(change),
        title="" if change.kind in {"renamed", "replaced"} else change.title,
        part=said(change.part),
        pieces=tuple(_pieces(change)),
        place=said(change.place),
        note=said(change.note),
    )


def _pieces(change: Change) -> list[Piece]:
    before, after = said(change.before), said(change.after)
    if change.kind == "reworded" and before and after:
        return weave(before, after)
    pieces = [Piece("old", _shortened(before)), Piece("new", _shortened(after))]
    return [piece for piece in pieces if piece.text]


def _shortened(text: str, most: int = 400) -> str:
    return text if len(text) <= most else f"{text[: most - 2].rstrip()} …"


def _label(change: Change) -> str:
    return {
        "gate": gettext("Gate"),
        "pass_mark": gettext("Pass mark"),
        "hours": gettext("Hours"),
        "added": gettext("Added"),
        "removed": gettext("Removed"),
        "moved": gettext("Moved"),
        "replaced": gettext("Replaced"),
        "renamed": gettext("Renamed"),
        "reworded": gettext("Reworded"),
        "changed": gettext("Changed"),
    }[change.kind]


def _noun(change: Change) -> str:
    return {
        "road": gettext("Road"),
        "background": gettext("Background"),
        "stage": gettext("Stage"),
        "topic": gettext("Topic"),
        "task": gettext("Evidence task"),
        "criterion": gettext("Rubric line"),
        "placement": gettext("Resource"),
        "resource": gettext("Resource"),
        "faq": gettext("Question and answer"),
        "related": gettext("Related road"),
        "quiz": gettext("Quiz"),
        "question": gettext("Question"),
    }[change.noun]
