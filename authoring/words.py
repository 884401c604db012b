"""Changes and faults in the words of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from accounts.words import said
from authoring.difference import Change
from authoring.excerpt import Line, lines_around
from authoring.faults import Fault
from roadmap.models import Roadmap

# Rows that are edited on the page of another: on the road's own.
_ROWS_OF = {"roadmap.faq": "faqs", "roadmap.background": "backgrounds", "roadmap.related": "related"}
_GROUPS = {
    "placements",
    "gates",
    "criteria",
    "items",
    "backgrounds",
    "related",
    "evidence_tasks",
    "topics",
    "stages",
}


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault in the reader's language, with the one link to where it is mended."""

    fault: Fault
    name: str
    what: str
    remedy: str
    href: str
    action: str


def fault_rows(roadmap: Roadmap, faults: list[Fault]) -> list[FaultRow]:
    return [
        FaultRow(
            fault,
            said(fault.name),
            said(fault.what),
            said(fault.remedy),
            _href(roadmap, fault),
            _action(fault),
        )
        for fault in faults
    ]


def _href(roadmap: Roadmap, fault: Fault) -> str:
    road = reverse("admin:roadmap_roadmap_change", args=[roadmap.pk])
    if fault.model in _ROWS_OF:
        return f"{road}#{_ROWS_OF[fault.model]}-group"
    try:
        page = reverse(f"admin:{fault.model.replace('.', '_')}_change", args=[fault.pk])
    except NoReverseMatch:
        return road
    if fault.field in _GROUPS:
        return f"{page}#{fault.field}-group"
    return f"{page}#id_{fault.field}" if fault.field else page


def _action(fault: Fault) -> str:
    words = {
        "roadmap.stage": gettext("Open the stage"),
        "roadmap.topic": gettext("Open the topic"),
        "roadmap.evidencetask": gettext("Open the task"),
        "roadmap.resource": gettext("Open the resource"),
        "quizzes.quiz": gettext("Open the quiz"),
        "quizzes.question": gettext("Open the question"),
    }
    return words.get(fault.model, gettext("Open the road"))


@dataclass(frozen=True, slots=True)
class FileFaultRow:
    """A fault of a file in the reader's language, with the lines around it: number, text, whether it is the one."""

    fault: Fault
    name: str
    what: str
    remedy: str
    lines: list[Line]


def file_fault_rows(faults: list[Fault], files: Mapping[str, bytes]) -> list[FileFaultRow]:
    """`files` are those that the faults are about; of a fault without a line, or with an unread file, none is shown."""
    return [
        FileFaultRow(
            fault,
            said(fault.name),
            said(fault.what),
            said(fault.remedy),
            lines_around(files.get(fault.file, b""), fault.line),
        )
        for fault in faults
    ]


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """Things of one kind to which an import does one thing, the first few by name."""

    label: str
    kind: str
    count: int
    names: list[str]
    more: int


NAMES_SHOWN = 5


def written_rows(by_act: Mapping[str, Mapping[str, Sequence[str]]]) -> list[WrittenRow]:
    """What an import writes, as `Changes.by_act` counts it."""
    labels = _acts()
    kinds = {"prerequisites": gettext("prerequisites of a topic"), "gates": gettext("gates of a stage")}
    return [
        WrittenRow(
            labels[act],
            kinds.get(kind, kind),
            len(names),
            list(names[:NAMES_SHOWN]),
            max(0, len(names) - NAMES_SHOWN),
        )
        for act, found in by_act.items()
        for kind, names in found.items()
    ]


def counted(by_act: Mapping[str, Mapping[str, Sequence[str]]]) -> list[tuple[str, int]]:
    """How many things an import adds, changes, ..., each with its label, also those that are none."""
    return [
        (label, sum(len(names) for names in by_act.get(act, {}).values())) for act, label in _acts().items()
    ]


def _acts() -> dict[str, str]:
    return {
        "added": gettext("New"),
        "changed": gettext("Changed"),
        "restored": gettext("Back again"),
        "archived": gettext("Archived"),
        "removed": gettext("Removed"),
    }


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change as a label and what it is about; `before` and `after` are drawn as struck and new."""

    label: str
    noun: str
    title: str
    before: str
    after: str
    place: str


def change_rows(changes: list[Change]) -> list[ChangeRow]:
    return [_change_row(change) for change in changes]


def _change_row(change: Change) -> ChangeRow:
    labels = {
        "added": gettext("Added"),
        "removed": gettext("Removed"),
        "renamed": gettext("Renamed"),
        "moved": gettext("Moved"),
        "edited": gettext("Edited"),
    }
    nouns = {
        "road": gettext("Road"),
        "stage": gettext("Stage"),
        "topic": gettext("Topic"),
        "task": gettext("Evidence task"),
        "resource": gettext("Resource"),
        "placement": gettext("Resource"),
        "quiz": gettext("Quiz"),
    }
    renamed = change.kind == "renamed"
    return ChangeRow(
        labels[change.kind],
        nouns[change.noun],
        change.title,
        change.before if renamed else "",
        change.after if renamed else "",
        "" if renamed else _place(change),
    )


def _place(change: Change) -> str:
    match change.kind:
        case "added" if change.after:
            return gettext("in “%(place)s”") % {"place": change.after}
        case "removed" if change.before:
            return gettext("from “%(place)s”; what learners did with it stays") % {"place": change.before}
        case "moved" if change.after:
            return gettext("from “%(before)s” to “%(after)s”") % {
                "before": change.before,
                "after": change.after,
            }
        case "moved":
            return gettext("to another place in the order")
        case _:
            return ""
