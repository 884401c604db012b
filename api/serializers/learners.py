"""What a mentor's list of learners says. Its lines are written by PostgreSQL; LearnerLine says what they look like."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Count, Window
from pydantic import Field

from api.serializers.shape import Page, Shape
from mentoring.models.reach import Need


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


_LINES = """
WITH page AS (SELECT r.*, row_number() OVER () AS place FROM ({rows}) r)
SELECT coalesce(max(page.count_of_all), 0), coalesce(json_agg(json_build_object(
         'person', person.id,
         'name', coalesce(nullif(person.name, ''), person.email),
         'road', road.key,
         'title', road.title,
         'enrolled_at', enrollment.enrolled_at,
         'last_active_on', standing.last_active_on,
         'need', CASE page.need {needs} END,
         'is_paused', page.is_paused,
         'standing', json_build_object(
           'stages_passed', coalesce(standing.stages_passed, 0),
           'stages_total', coalesce(standing.stages_total, 0),
           'current_stage', stage.key,
           'core_done', coalesce(standing.core_ticked, 0),
           'core_total', coalesce(standing.core_total, 0),
           'evidence_accepted', coalesce(standing.evidence_accepted, 0),
           'evidence_total', coalesce(standing.evidence_total, 0),
           'next_due_on', standing.next_due_on,
           'is_finished', coalesce(standing.is_finished, false),
           'settled_at', standing.settled_at)
       ) ORDER BY page.place), '[]')::text
  FROM page
  JOIN progress_enrollment enrollment ON enrollment.id = page.id
  JOIN accounts_user person ON person.id = enrollment.person_id
  JOIN roadmap_roadmap road ON road.id = enrollment.roadmap_id
  LEFT JOIN progress_standingrow standing ON standing.enrollment_id = enrollment.id
  LEFT JOIN roadmap_stage stage ON stage.id = standing.current_stage_id
"""
_NEEDS = " ".join(f"WHEN {need.value} THEN '{need.name.lower()}'" for need in Need)


def learners_json(rows: models.QuerySet[Any, Any], start: int, length: int) -> tuple[int, str]:
    """How many rows there are, and a stretch of them as LearnerLines in one JSON array: one query.

    A hundred of them cost no Python object. `rows` are enrollments ordered by_need. Behind the last one neither is
    known: the count is 0.
    """
    told = rows.annotate(count_of_all=Window(Count("*"))).values("id", "need", "is_paused", "count_of_all")
    try:
        text, params = told[start : start + length].query.sql_with_params()
    except EmptyResultSet:  # Django knows without asking
        return 0, "[]"
    with connection.cursor() as cursor:
        cursor.execute(_LINES.format(rows=text, needs=_NEEDS), params)
        count, lines = cursor.fetchone()
    return count, lines
