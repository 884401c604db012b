"""What a mentor's list of learners says. PostgreSQL writes its rows as JSON; this module names their columns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, JSONObject, NullIf
from pydantic import Field

from api.serializers.shape import Page, Shape
from mentoring.models.reach import MentoredEnrollments, Need


class LearnerStanding(Shape):
    """How an enrollment stood when it was last settled."""

    stages_passed: int
    stages_total: int
    current_stage: str | None
    core_done: int
    core_total: int
    evidence_accepted: int
    evidence_total: int
    next_due_on: date | None
    is_finished: bool
    settled_at: datetime | None = Field(description="Null before it was settled for the first time.")


class LearnerLine(Shape):
    """One learner on one road."""

    person: int
    name: str
    road: str
    title: str
    enrolled_at: datetime
    last_active_on: date | None
    need: str = Field(description="quiet, behind, on_plan or none (paused or finished).")
    is_paused: bool
    standing: LearnerStanding


class LearnerPage(Page[LearnerLine]):
    """My learners, those first who may need a word."""


def learner_rows(enrollments: MentoredEnrollments) -> models.QuerySet[Any, dict[str, Any]]:
    """One LearnerLine a row, in the column `line`; `enrollments` is ordered by_need."""
    whether = {need: Value(need.name.lower()) for need in Need}
    return enrollments.values(
        line=JSONObject(
            person=F("person_id"),
            name=Coalesce(NullIf("person__name", Value("")), "person__email"),
            road=F("roadmap__key"),
            title=F("roadmap__title"),
            enrolled_at=F("enrolled_at"),
            last_active_on=F("standing_row__last_active_on"),
            need=Case(*[When(need=need, then=word) for need, word in whether.items()]),
            is_paused=F("is_paused"),
            standing=_standing(),
        )
    )


def _standing() -> JSONObject:
    counts = ("stages_passed", "stages_total", "evidence_accepted", "evidence_total")
    return JSONObject(
        **{name: Coalesce(f"standing_row__{name}", 0) for name in counts},
        core_done=Coalesce("standing_row__core_ticked", 0),
        core_total=Coalesce("standing_row__core_total", 0),
        current_stage=F("standing_row__current_stage__key"),
        next_due_on=F("standing_row__next_due_on"),
        is_finished=Coalesce("standing_row__is_finished", False),  # SQL's argument
        settled_at=F("standing_row__settled_at"),
    )
