"""What a mentor's list of learners says. Its lines are written by PostgreSQL; LearnerLine says what they look like."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Window
from pydantic import Field

from accounts.models import User
from api.serializers.shape import Page, Shape
from mentoring.models import mentored_enrollments
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


# Stand for values in the statement that Django writes.
_SOMEBODY, _SOME_DAY, _SOME_ROAD = -1, date(1000, 1, 31), "?"


class LearnersAsked(NamedTuple):
    """Whose list, on which day of hers, of which road and need (empty: of all)."""

    mentor: User
    on: date
    road: str = ""
    need: Need | None = None

    def json(self, start: int, length: int) -> tuple[int, str]:
        """How many lines there are, and a stretch of them as one JSON array: one query and no object a line.

        Behind the last line neither is known: the count is 0.
        """
        statement, marked = _statement(self.mentor.is_admin(), self.need, of_a_road=bool(self.road))
        with connection.cursor() as cursor:
            cursor.execute(statement, [*map(self._value, marked), length, start])
            count, lines = cursor.fetchone()
        return count, lines

    def _value(self, mark: Any) -> Any:
        if isinstance(mark, date):
            return self.on + (mark - _SOME_DAY)
        return {_SOMEBODY: self.mentor.pk, _SOME_ROAD: self.road}.get(mark, mark)


@lru_cache(maxsize=64)
def _statement(of_an_admin: bool, need: Need | None, *, of_a_road: bool) -> tuple[str, tuple[Any, ...]]:
    """The statement and its values, some of them marks. Django takes longer to write it than PostgreSQL to answer."""
    somebody = User(pk=_SOMEBODY)
    enrollments = mentored_enrollments()
    rows = (enrollments.for_admin if of_an_admin else enrollments.for_mentor)(somebody).by_need(_SOME_DAY)
    if of_a_road:
        rows = rows.on(_SOME_ROAD)
    if need is not None:
        rows = rows.filter(need=need)
    told = rows.annotate(count_of_all=Window(Count("*"))).values("id", "need", "is_paused", "count_of_all")
    text, params = told.query.sql_with_params()
    return _LINES.format(rows=f"{text} LIMIT %s OFFSET %s", needs=_NEEDS), params
