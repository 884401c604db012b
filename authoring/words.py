"""Faults, and what an import writes, in the words of the desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from accounts.words import said
from authoring.excerpt import Line, lines_around
from authoring.faults import Fault
from authoring.models.dry_run import DryRun
from authoring.models.roadmapsh_import import Guess
from roadmap.models import Roadmap
from roadmap.words import change_rows

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
class GuessRow:
    """A topic of which nothing says for certain where it belongs, and why it would stand where it does."""

    topic: str
    file: str
    stage: str
    because: str


def guess_rows(guesses: Sequence[Guess]) -> list[GuessRow]:
    return [GuessRow(guess.topic, guess.file, guess.stage, said(guess.because)) for guess in guesses]


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


def told_run(run: DryRun) -> Iterator[str]:
    """What publishing would change and whom it would touch, line by line, for commands."""
    against = f"edition {run.edition}" if run.edition else "nothing, as it was never published"
    yield f"Publishing it would change, against {against}:"
    rows = change_rows(run.difference)
    for row in (*rows.big, *rows.small):
        pieces = " ".join(f"({piece.thread}) {piece.text}" for piece in row.pieces)
        words = (row.noun, row.title and f"“{row.title}”", row.part, pieces, row.place, row.note)
        yield f"  {row.label}: {' '.join(filter(None, words))}"
    if not rows.count:
        yield "  nothing"
    if rows.left_out:
        yield f"  and {rows.left_out} more"
    for effect, learners, otherwise in run.impact.rows() if run.impact else ():
        yield f"  {effect}: {learners} (if they keep what they have: {otherwise})"
