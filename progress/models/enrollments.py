from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Self

from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import User
from progress.models.cohort import Cohort
from progress.models.facts import read_many
from progress.models.passes import StagePass
from progress.models.standing_row import StandingRow
from progress.models.tick import Tick
from quizzes.models import Attempt
from roadmap.models import Roadmap

if TYPE_CHECKING:
    from progress.models.enrollment import Enrollment, Position

ACTIVE_DAYS_SHOWN = 182


# In the order of the models' fields, as from_db wants them.
_COLUMNS = (
    "id",
    "person_id",
    "roadmap_id",
    "cohort_id",
    "background",
    "started_edition_id",
    "enrolled_at",
    "left_at",
    "finished_at",
    "counts_from",
    "seen_edition_id",
)
_ROAD_COLUMNS = ("id", "key", "title", "language", "is_public", "current_edition_id")
_FIND = f"""
SELECT {", ".join(f"enrollment.{name}" for name in _COLUMNS)}, {", ".join(f"road.{name}" for name in _ROAD_COLUMNS)}
  FROM progress_enrollment enrollment JOIN roadmap_roadmap road ON road.id = enrollment.roadmap_id
 WHERE enrollment.person_id = %s AND enrollment.left_at IS NULL AND road.key = %s
"""  # noqa: S608  # names of columns


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person).select_related("roadmap")

    def current(self) -> Self:
        """Enrollments whose person has not left the road."""
        return self.filter(left_at=None)

    def unfinished(self) -> Self:
        return self.current().filter(finished_at=None)

    def find(self, person: User, road_key: str) -> Enrollment | None:
        """The person's current enrollment on this road, knowing its person and what pages need of the road: one query.

        Every page of a road asks it, so it is asked without building a queryset.
        """
        with connection.cursor() as cursor:
            cursor.execute(_FIND, [person.pk, road_key])
            row = cursor.fetchone()
        if row is None:
            return None
        enrollment = self.model.from_db(self.db, _COLUMNS, row[: len(_COLUMNS)])
        enrollment.person = person
        enrollment.roadmap = Roadmap.from_db(self.db, _ROAD_COLUMNS, row[len(_COLUMNS) :])
        return enrollment

    def on(self, road_key: str) -> Self:
        return self.filter(roadmap__key=road_key)

    @transaction.atomic
    def enroll(
        self,
        person: User,
        road: Roadmap,
        *,
        background: str,
        hours_per_week: Decimal,
        starts_on: date,
        now: datetime,
        cohort: Cohort | None = None,
    ) -> Enrollment:
        """Put a person on a published road with a first plan; somebody who left comes back to the same row.

        Enrolling again while enrolled changes nothing but is answered with the enrollment that stands.
        """
        enrollment, is_new = self.select_for_update(of=("self",)).get_or_create(
            person=person,
            roadmap=road,
            defaults={
                "background": background,
                "cohort": cohort,
                "started_edition_id": road.studied_edition_id,
                "enrolled_at": now,
            },
        )
        if is_new or enrollment.left_at is not None:
            enrollment.left_at, enrollment.background = None, background
            enrollment.save(update_fields=["left_at", "background"])
            enrollment.replan(hours_per_week=hours_per_week, starts_on=starts_on, now=now)
        return enrollment

    def join(self, cohort: Cohort | None) -> int:
        """Put all of them who are on the cohort's road into it, out of any other, or everybody into none; how many."""
        fitting = self if cohort is None else self.filter(roadmap=cohort.roadmap_id)
        return fitting.update(cohort=cohort)

    def stale(self) -> Self:
        """Enrollments whose standing row does not know a marked attempt yet, or is older than the road's edition.

        An attempt that the clock finished is marked after its finish, so the marking counts. Decided submissions
        are none of them: Submission settles its person in the same transaction.
        """
        finished = Attempt.objects.filter(
            person=OuterRef("person"),
            quiz__roadmap=OuterRef("roadmap"),
            gradings__graded_at__gt=OuterRef("standing_row__settled_at"),
        )
        return self.current().filter(_UNSETTLED | Exists(finished))

    def unsettled(self) -> Self:
        """Enrollments that may have earned what is not written down: more than are stale, and slower to find.

        Ticks belong to the person, so one may have been made on another road. Acts are dated when they begin and
        known when they are committed, hence the margin.
        """
        since = OuterRef("standing_row__settled_at") - _LONGEST_ACT
        ticked = Tick.objects.filter(person=OuterRef("person"), ticked_at__gt=since)
        marked = Attempt.objects.filter(
            person=OuterRef("person"), quiz__roadmap=OuterRef("roadmap"), gradings__graded_at__gt=since
        )
        return self.current().filter(_UNSETTLED | Exists(ticked) | Exists(marked))

    @transaction.atomic
    def settle_after(self, attempt: Attempt, now: datetime) -> None:
        """Settle the road of this attempt, whose marks changed, so that what they open is open at once.

        Nothing where the person has left the road; should she come back, she is settled then.
        """
        mine = self.current().filter(person=attempt.person_id, roadmap__quizzes=attempt.quiz_id)
        for enrollment in mine.select_related("person", "roadmap"):
            enrollment.settle(now)

    def positions(self, now: datetime) -> list[Position]:
        """Where each of these people stands on her road: two queries."""
        rows = list(self.select_related("roadmap"))
        known = read_many([row.pk for row in rows], active_since=active_since(now)) if rows else {}
        return [row.position_from(known[row.pk]) for row in rows]

    def settle(self, now: datetime, *, chunk: int = 200) -> int:
        """Settle the enrollments of this queryset, so many at once and with flat memory; how many. May run twice."""
        count = 0
        keys = self.order_by("pk").values_list("pk", flat=True).iterator(chunk)
        while some := list(islice(keys, chunk)):
            self._settle_some(some, now)
            count += len(some)
        return count

    @transaction.atomic
    def _settle_some(self, keys: Sequence[int], now: datetime) -> None:
        """What `Enrollment.settle` does, for several in a fixed number of queries; acts at the same ones wait."""
        rows = self.model.objects.filter(pk__in=keys).select_related("roadmap").order_by("pk")
        locked = list(rows.select_for_update(of=("self",), no_key=True))
        known = read_many([row.pk for row in locked], active_since=active_since(now))
        positions = [row.position_from(known[row.pk]) for row in locked]
        StagePass.objects.write(positions, now)
        done = [p.enrollment.pk for p in positions if p.standing.is_finished and not p.enrollment.finished_at]
        if done:
            self.model.objects.filter(pk__in=done).update(finished_at=now)
        StandingRow.objects.write_all(positions, now)


_UNSETTLED = Q(standing_row=None) | Q(
    standing_row__settled_at__lte=F("roadmap__current_edition__published_at")
)
_LONGEST_ACT = timedelta(minutes=5)


def active_since(now: datetime) -> date:
    """The day after which active days are read."""
    return now.date() - timedelta(days=ACTIVE_DAYS_SHOWN)
