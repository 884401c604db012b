from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Self

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import ActiveDay, User
from progress import plan
from progress.models.acts import TICK, UNTICK, act
from progress.models.cohort import Cohort
from progress.models.facts import EnrollmentFacts, read_facts, read_many
from progress.models.passes import Reopening, StagePass
from progress.models.plan import PlanVersion
from progress.models.standing_row import StandingRow
from progress.models.tick import Tick
from progress.models.walk_choice import WalkChoice
from progress.standing import Due, NextStep, Standing, next_due, next_step, stand
from quizzes.models import Attempt, Quiz
from quizzes.refusals import AttemptRefusedError, NotPublishedError
from roadmap.document import RoadDocument
from roadmap.models import Edition, Resource, Roadmap, Stage

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
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


class QuizLockedError(AttemptRefusedError):
    """The quiz belongs to a stage that is not open for this person yet."""


@dataclass(frozen=True)
class Position:
    """A person on her road at one moment: what she studies, what she did, where she stands, what she planned."""

    enrollment: Enrollment
    document: RoadDocument
    known: EnrollmentFacts
    standing: Standing

    @cached_property
    def due(self) -> dict[str, date]:
        """The day each planned stage is due, pauses added."""
        planned = self.known.plan
        if planned is None:
            return {}
        return {
            stage.key: plan.shift(stage.due_on, self.known.pauses, since=planned.starts_on)
            for stage in planned.stages
        }

    @cached_property
    def next_step(self) -> NextStep:
        return next_step(self.standing)

    @cached_property
    def next_due(self) -> Due | None:
        return next_due(self.standing, self.due)


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
        enrollment = Enrollment.from_db(self.db, _COLUMNS, row[: len(_COLUMNS)])
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
        rows = Enrollment.objects.filter(pk__in=keys).select_related("roadmap").order_by("pk")
        locked = list(rows.select_for_update(of=("self",), no_key=True))
        known = read_many([row.pk for row in locked], active_since=active_since(now))
        positions = [row.position_from(known[row.pk]) for row in locked]
        StagePass.objects.write(positions, now)
        done = [p.enrollment.pk for p in positions if p.standing.is_finished and not p.enrollment.finished_at]
        if done:
            Enrollment.objects.filter(pk__in=done).update(finished_at=now)
        StandingRow.objects.write_all(positions, now)


_UNSETTLED = Q(standing_row=None) | Q(
    standing_row__settled_at__lte=F("roadmap__current_edition__published_at")
)
_LONGEST_ACT = timedelta(minutes=5)


def active_since(now: datetime) -> date:
    """The day after which active days are read."""
    return now.date() - timedelta(days=ACTIVE_DAYS_SHOWN)


class Enrollment(models.Model):
    """One person on one road; never deleted: leaving sets `left_at`, starting over sets `counts_from`."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="enrollments", verbose_name=_("person")
    )
    roadmap = models.ForeignKey(Roadmap, models.PROTECT, related_name="enrollments", verbose_name=_("road"))
    cohort = models.ForeignKey(
        Cohort, models.SET_NULL, null=True, blank=True, related_name="enrollments", verbose_name=_("cohort")
    )
    background = models.CharField(_("background"), max_length=80)
    started_edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField(_("enrolled at"))
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    counts_from = models.DateTimeField(
        _("counts from"), null=True, blank=True, help_text=_("Facts before this time do not count.")
    )
    seen_edition = models.ForeignKey(Edition, models.PROTECT, null=True, blank=True, related_name="+")

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrollment")
        verbose_name_plural = _("enrollments")
        ordering = ("-enrolled_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["person", "roadmap"], name="one_enrollment_per_person_and_road")
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.roadmap}"

    # Acts

    @transaction.atomic
    def tick(self, resource_key: str, now: datetime) -> Position:
        """Note that the person has done a resource of this road; ticking it twice changes nothing.

        Answers where she stands now. Raises Resource.DoesNotExist when no topic of the road has it.
        """
        self._refuse_strange(resource_key)
        return self._acted(now, TICK, resource_key)

    @transaction.atomic
    def untick(self, resource_key: str, now: datetime) -> Position:
        """Take a tick back; stages that were passed stay passed. Answers and raises as `tick` does."""
        self._refuse_strange(resource_key)
        return self._acted(now, UNTICK, resource_key)

    @transaction.atomic
    def start_quiz(self, quiz: Quiz, now: datetime) -> Attempt:
        """The person's open attempt at a quiz of this road, or a new one.

        Raises QuizLockedError while its stage is not open (what was begun may be finished), else what
        Attempt.objects.start raises. The quiz for placement belongs to no stage and is always open.
        """
        standing = self.standing(now)
        stage = standing.document.stage_of_quiz(quiz.key)
        if stage is None and quiz.key != standing.document.placement:
            raise NotPublishedError
        fact = standing.facts.quizzes.get(quiz.key)
        is_locked = stage is not None and not standing.by_key[stage.key].is_open
        if is_locked and not (fact and fact.open_attempt):
            raise QuizLockedError
        attempt = Attempt.objects.start(self.person, quiz, now, since=self._attempts_count_from(quiz))
        ActiveDay.objects.record(self.person, now)
        return attempt

    @transaction.atomic
    def hand_in_quiz(self, attempt: Attempt, now: datetime) -> Position:
        """Finish an attempt of this person and settle, so that what it opens is open at once."""
        attempt.submit(now)
        return self._acted(now)

    @transaction.atomic
    def walk(self, stage_key: str, now: datetime, *, walks: bool) -> Position:
        """Walk a stage though a placement says it is known, or not any more; saying it twice changes nothing.

        Raises Stage.DoesNotExist when no placement says so.
        """
        self._lock()
        document, placements = self.document, self.standing(now).facts.placements
        stage = Stage.objects.get(roadmap=self.roadmap_id, key=stage_key)
        said = {fact.attempt for fact in placements if fact.says(document, stage_key)}
        attempts = said | StagePass.objects.placing(self.person, stage)
        if not attempts:
            raise Stage.DoesNotExist(f"No placement says that {stage_key} is known")
        WalkChoice.objects.choose(self.person, stage, attempts, walks=walks, now=now)
        return self._settle(now)

    @transaction.atomic
    def replan(self, *, hours_per_week: Decimal, starts_on: date, now: datetime) -> PlanVersion:
        """Write a new plan from `starts_on` over the stages not passed yet; earlier plans are kept."""
        self._lock()
        position = self.position(now)
        ahead = [
            (place.stage.key, plan.middle(*place.stage.hours(self.background)))
            for place in position.standing.stages
            if not place.is_passed
        ]
        dates = plan.lay_out(ahead, Fraction(hours_per_week), starts_on)
        return PlanVersion.objects.write(
            self, dates, hours_per_week=hours_per_week, starts_on=starts_on, now=now
        )

    def leave(self, now: datetime) -> None:
        """The person leaves the road; all her facts are kept and count again should she come back."""
        self.left_at = now
        self.save(update_fields=["left_at"])

    def start_over(self, now: datetime) -> None:
        """From now on only facts after `now` count on this road; older ones are kept but not weighed."""
        self.counts_from, self.finished_at = now, None
        self.save(update_fields=["counts_from", "finished_at"])

    def see_edition(self) -> None:
        """Note that the person has read what changed up to the edition that is studied now."""
        if self.has_news:
            self.seen_edition_id = self.roadmap.studied_edition_id
            self.save(update_fields=["seen_edition"])

    @transaction.atomic(savepoint=False)
    def settle(self, now: datetime) -> Position:
        """Write down passes that were earned, the finish, and the row for lists; doing it twice changes nothing.

        Whoever settles the same enrollment meanwhile waits, and then sees the facts of both: else of two acts at
        once neither would see what they earn together.
        """
        self._lock()
        return self._settle(now)

    # Questions

    def position(self, now: datetime) -> Position:
        """Where the person stands at `now`, read from her facts and the newest edition: one query."""
        return self.position_from(
            read_facts(
                person=self.person_id,
                road=self.roadmap_id,
                enrollment=self.pk,
                since=self.counts_from or BEFORE_ALL,
                active_since=active_since(now),
            )
        )

    def position_from(self, known: EnrollmentFacts) -> Position:
        """Where a person with these facts stands on the newest edition."""
        return Position(self, self.document, known, stand(self.document, known.facts))

    def standing(self, now: datetime) -> Standing:
        return self.position(now).standing

    @property
    def document(self) -> RoadDocument:
        """The newest edition's document, which is what is studied."""
        return Edition.objects.document(self.roadmap.studied_edition_id)

    @property
    def has_news(self) -> bool:
        """Something was published since the person started, or since she last read what changed."""
        return (self.seen_edition_id or self.started_edition_id) != self.roadmap.studied_edition_id

    @property
    def is_current(self) -> bool:
        return self.left_at is None

    # Helpers

    def _attempts_count_from(self, quiz: Quiz) -> datetime | None:
        """Attempts begun before don't use up those that are allowed: she started over, or the quiz is asked again."""
        asked = Reopening.objects.filter(quiz=quiz).aggregate(last=models.Max("reopened_at"))["last"]
        return max(filter(None, (self.counts_from, asked)), default=None)

    def _refuse_strange(self, key: str) -> None:
        if key not in self.document.placed_keys:
            raise Resource.DoesNotExist(f"{key} stands in no topic of this road")

    def _lock(self) -> None:
        """One at a time from here on, and what the last one wrote is known."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT finished_at FROM progress_enrollment WHERE id = %s FOR NO KEY UPDATE", [self.pk]
            )
            (self.finished_at,) = cursor.fetchone()

    def _acted(self, now: datetime, what: str = "", resource_key: str | None = None) -> Position:
        self.finished_at = act(self.pk, self.person.today(now), now, what, resource_key)
        return self._settle(now)

    def _settle(self, now: datetime) -> Position:
        position = self.position(now)
        if StagePass.objects.write([position], now):
            position = self.position(now)
        if position.standing.is_finished and self.finished_at is None:
            self.finished_at = now
            self.save(update_fields=["finished_at"])
        StandingRow.objects.write(self, position, now)
        return position
