from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from authoring import frozen
from authoring.checked import Part, RawRoad
from authoring.faults import Fault, stopping
from authoring.models.draft import Draft
from authoring.models.draft_rows import DraftRows
from authoring.models.impact import Impact
from authoring.models.upsert import Changes, one_of
from progress.models import Enrollment
from quizzes.models import Question, Quiz
from roadmap.difference import Change
from roadmap.models import Edition, EvidenceTask, Placement, Resource, Roadmap, Stage, Topic


@dataclass(frozen=True, slots=True)
class DryRun:
    """What an import would do: which rows it writes, and what publishing it then would change for learners.

    `faults` are what would keep the draft from being published. `seen` is the fingerprint of the draft as it is: an
    import given it does what was shown here or nothing. `shared` are titles of changed resources that other roads
    show too.
    """

    key: str
    title: str
    changes: Changes
    difference: list[Change]
    impact: Impact | None
    faults: list[Fault]
    edition: int | None
    learners: int
    is_new: bool
    seen: str
    shared: list[str]

    @classmethod
    def of(cls, road: Roadmap, written: Changes, *, is_new: bool, seen: str, now: datetime) -> DryRun:
        """The dry run of an import that is written, and will be taken back."""
        draft = Draft(road)
        checked = draft.checked()
        edition = Edition.objects.filter(pk=road.current_edition_id or 0).first()
        outlook = None
        if checked.road is not None:
            outlook = draft.outlook(frozen.document(checked.road), draft.drafted_quizzes(), now)
        return cls(
            key=road.key,
            title=road.title,
            changes=written,
            difference=outlook.changes if outlook else [],
            impact=outlook.impact if outlook else None,
            faults=stopping(checked.faults),
            edition=edition.number if edition else None,
            learners=Enrollment.objects.current().on(road.key).count(),
            is_new=is_new,
            seen=seen,
            shared=_shared(road, written.names("changed", "resource")),
        )


def _shared(road: Roadmap, titles: Sequence[str]) -> list[str]:
    """Titles of changed resources that other roads show as well."""
    elsewhere = Placement.objects.filter(resource__title__in=titles, topic__archived_at=None)
    found = elsewhere.exclude(topic__roadmap=road).values_list("resource__title", flat=True)
    return sorted(set(found))


def fingerprint(road: Roadmap | None, *, resources: Sequence[str], questions: Sequence[str]) -> str:
    """What a road's draft and the library's rows of these keys say now, as one hash; the rows are locked.

    Two that are equal come from drafts that say the same and are published to the same edition. None: no road yet.
    """
    library = _locked(Resource.objects.filter(key__in=one_of(resources)), _RESOURCE_FIELDS)
    asked = _locked(Question.objects.filter(key__in=one_of(questions)), ("key", "type", "archived_at"))
    said: list[Any] = [library, asked]
    if road is not None:
        drafts = [QuerySet[Any](model).filter(roadmap=road) for model in (Stage, Topic, EvidenceTask, Quiz)]
        said += [_locked(rows, ("key", "archived_at")) for rows in drafts]
        said += [road.current_edition_id, road.archived_at, list(_data(DraftRows(road).raw()))]
    text = json.dumps(said, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


_RESOURCE_FIELDS = (
    "key", "title", "author", "url", "type", "cost", "language", "level", "year", "why", "minutes_low",
    "minutes_high", "archived_at",
)  # fmt: skip


def _locked(rows: QuerySet[Any], fields: Sequence[str]) -> list[Any]:
    """The fields of rows that nobody else writes until the transaction is over."""
    found: list[Model] = list(rows.order_by("pk").select_for_update(of=("self",)))
    return [[getattr(row, field) for field in fields] for row in found]


def _data(raw: RawRoad) -> Iterator[Any]:
    parts: list[Part] = [raw.road, *raw.faq, *raw.resources, *raw.bank]
    if raw.placement:
        parts += [raw.placement.quiz, *raw.placement.questions]
    for stage in raw.stages:
        parts += [stage.stage, *stage.topics, *stage.tasks]
        if stage.quiz:
            parts += [stage.quiz.quiz, *stage.quiz.questions]
    return (part.data for part in parts)
