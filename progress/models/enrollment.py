from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import ActiveDay, User
from progress import plan
from progress.models.acts import TICK, UNTICK, act
from progress.models.cohort import Cohort
from progress.models.enrollments import EnrollmentQuerySet, active_since
from progress.models.facts import EnrollmentFacts, read_facts
from progress.models.passes import Reopening, StagePass
from progress.models.plan import PlanVersion
from progress.models.standing_row import StandingRow
from progress.models.walk_choice import WalkChoice
from progress.standing import Due, NextStep, Standing, next_due, next_step, stand
from quizzes.models import Attempt, Quiz
from quizzes.refusals import AttemptRefusedError, NotPublishedError
from roadmap.document import RoadDocument
from roadmap.models import Edition, Resource, Roadmap, Stage

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


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

    def week(self, on: date, person: User) -> int | None:
        """Which week of hers on this road a day lies in, pauses left out; None before her plan begins.

        It is counted from her enrolling or starting over, or from her first plan where that begins later.
        """
        planned = self.known.plan
        since = person.today(self.enrollment.counts_from or self.enrollment.enrolled_at)
        if planned and on < planned.starts_on:
            return None
        if planned and planned.number == 1:
            since = max(since, planned.starts_on)
        return plan.weeks_since(on, self.known.pauses, since=since) + 1

    @cached_property
    def next_step(self) -> NextStep:
        return next_step(self.standing)

    @cached_property
    def next_due(self) -> Due | None:
        return next_due(self.standing, self.due)


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
