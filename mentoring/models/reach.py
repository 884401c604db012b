"""Whose work a mentor sees: her learners', by name or by cohort, and nobody else's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Self

from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from accounts.models import ActiveDay, Pause, User
from progress.models import Enrollment, Submission, SubmissionVersion
from progress.models.enrollments import EnrollmentQuerySet
from progress.models.submission import SubmissionQuerySet
from quizzes.models import Accommodation, Appeal, Attempt, Grading
from quizzes.models.accommodation import Given
from quizzes.models.appeal import AppealQuerySet
from quizzes.models.attempts import AttemptQuerySet
from quizzes.result import HandMark

QUIET_AFTER = timedelta(days=14)


# Unions, not ORs: each half finds its rows by its own index. As text they cost a page nothing to put together.
_ENROLLMENTS = """
SELECT enrollment.id FROM mentoring_mentorship own JOIN progress_enrollment enrollment
    ON enrollment.person_id = own.learner_id WHERE own.mentor_id = %s AND own.ended_at IS NULL
UNION
SELECT enrollment.id FROM mentoring_mentorship own JOIN progress_enrollment enrollment
    ON enrollment.cohort_id = own.cohort_id WHERE own.mentor_id = %s AND own.ended_at IS NULL
"""
_SUBMISSIONS = """
SELECT submission.id FROM mentoring_mentorship own JOIN progress_submission submission
    ON submission.person_id = own.learner_id WHERE own.mentor_id = %s AND own.ended_at IS NULL
UNION
SELECT submission.id FROM mentoring_mentorship own
  JOIN progress_enrollment enrollment ON enrollment.cohort_id = own.cohort_id AND enrollment.left_at IS NULL
  JOIN roadmap_evidencetask task ON task.roadmap_id = enrollment.roadmap_id
  JOIN progress_submission submission
    ON submission.person_id = enrollment.person_id AND submission.task_id = task.id
 WHERE own.mentor_id = %s AND own.ended_at IS NULL
"""

_ATTEMPTS = """
SELECT attempt.id FROM mentoring_mentorship own JOIN quizzes_attempt attempt
    ON attempt.person_id = own.learner_id WHERE own.mentor_id = %s AND own.ended_at IS NULL
UNION
SELECT attempt.id FROM mentoring_mentorship own
  JOIN progress_enrollment enrollment ON enrollment.cohort_id = own.cohort_id AND enrollment.left_at IS NULL
  JOIN quizzes_quiz quiz ON quiz.roadmap_id = enrollment.roadmap_id
  JOIN quizzes_attempt attempt ON attempt.person_id = enrollment.person_id AND attempt.quiz_id = quiz.id
 WHERE own.mentor_id = %s AND own.ended_at IS NULL
"""


class Need(models.IntegerChoices):
    """Why a learner stands where she stands in a mentor's list."""

    QUIET = 0, _("Quiet")
    BEHIND = 1, _("Behind the plan")
    ON_PLAN = 2, _("On plan")
    NONE = 3, _("Nothing is expected")


class MentoredEnrollments(EnrollmentQuerySet):
    """Enrollments as mentors look at them; start from `mentored_enrollments()`."""

    def for_mentor(self, mentor: User) -> Self:
        """Current enrollments of the mentor's own learners, and those in her cohorts; never her own."""
        mine = RawSQL(_ENROLLMENTS, [mentor.pk, mentor.pk])  # noqa: S611  # constant text
        return self.current().filter(pk__in=mine, person__is_active=True).exclude(person=mentor)

    def within_reach_of(self, person: User) -> Self:
        """What this person may look at: a mentor her learners' roads, an admin everybody's but her own."""
        if person.is_admin():
            return self.for_admin(person)
        return self.for_mentor(person) if person.is_mentor() else self.none()

    def for_admin(self, admin: User) -> Self:
        return self.current().filter(person__is_active=True).exclude(person=admin)

    def listed(self) -> Self:
        """With all that a line of a list says, in the same query."""
        return self.select_related("person", "roadmap", "standing_row__current_stage")

    @transaction.atomic
    def give(self, row: Accommodation, *, by: User, now: datetime) -> Given:
        """Give a learner time or attempts; as Accommodation.objects.give."""
        ActiveDay.objects.record(by, now)
        return Accommodation.objects.give(row, by=by, now=now)

    @transaction.atomic
    def end(self, row: Accommodation, *, by: User, now: datetime) -> None:
        """What a learner was given holds no longer."""
        ActiveDay.objects.record(by, now)
        row.end(by=by, now=now)

    def by_need(self, on: date) -> Self:
        """Who may need a word first: the quiet, then those behind their plan; paused and finished ones last."""
        paused = Pause.objects.covering(on).filter(person=OuterRef("person"))
        return self.annotate(
            is_paused=Exists(paused),
            need=Case(
                When(Q(is_paused=True) | Q(standing_row__is_finished=True), then=Value(Need.NONE)),
                When(standing_row__last_active_on__lte=on - QUIET_AFTER, then=Value(Need.QUIET)),
                When(
                    standing_row__last_active_on=None,
                    enrolled_at__date__lte=on - QUIET_AFTER,
                    then=Value(Need.QUIET),
                ),
                When(standing_row__next_due_on__lt=on, then=Value(Need.BEHIND)),
                default=Value(Need.ON_PLAN),
            ),
        ).order_by("need", F("standing_row__last_active_on").asc(nulls_first=True), "person__name", "id")


class MentoredSubmissions(SubmissionQuerySet):
    """Submissions as mentors look at them; start from `mentored_submissions()`."""

    def for_mentor(self, mentor: User) -> Self:
        """Work of the mentor's own learners, and work of her cohorts' learners on the cohort's road; never her own."""
        mine = RawSQL(_SUBMISSIONS, [mentor.pk, mentor.pk])  # noqa: S611  # constant text
        return self.filter(pk__in=mine, person__is_active=True).exclude(person=mentor)

    def within_reach_of(self, person: User) -> Self:
        """What this person may review: a mentor her learners' work, an admin everybody's but her own."""
        if person.is_admin():
            return self.filter(person__is_active=True).exclude(person=person)
        return self.for_mentor(person) if person.is_mentor() else self.none()

    def listed(self) -> Self:
        """With all that a line of a list says, in the same query."""
        newest = SubmissionVersion.objects.filter(submission=OuterRef("pk")).order_by("-number")
        return self.select_related("person", "task__roadmap").annotate(
            versions_count=Subquery(newest.values("number")[:1]),
            newest_handed_in_at=Subquery(newest.values("handed_in_at")[:1]),
            newest_edition_id=Subquery(newest.values("edition_id")[:1]),
        )


class MentoredAttempts(AttemptQuerySet):
    """Attempts as mentors look at them; start from `mentored_attempts()`."""

    def for_mentor(self, mentor: User) -> Self:
        """Those of her own learners, and of her cohorts' learners on the cohort's road; never her own."""
        mine = RawSQL(_ATTEMPTS, [mentor.pk, mentor.pk])  # noqa: S611  # constant text
        return self.filter(pk__in=mine, person__is_active=True).exclude(person=mentor)

    def looked_after_by(self, person: User) -> Self:
        """A mentor's learners' attempts, an admin's everybody's but her own; those under way as well."""
        if person.is_admin():
            return self.filter(person__is_active=True).exclude(person=person)
        return self.for_mentor(person) if person.is_mentor() else self.none()

    def within_reach_of(self, person: User) -> Self:
        """What this person may mark: the finished ones among them."""
        return self.finished().looked_after_by(person)

    def queued(self) -> Self:
        """Those with an answer that waits, the longest waiting first, with all that a line of a list says."""
        return self.to_mark().listed().order_by("finished_at", "pk")

    def listed(self) -> Self:
        """With all that a line of a list says, in the same query."""
        return self.select_related("person", "quiz__roadmap")

    @transaction.atomic
    def mark(
        self, attempt: Attempt, given: Mapping[int, HandMark], *, seen: int, by: User, now: datetime
    ) -> None:
        """Mark answers of an attempt by hand; what that earns is written down at once.

        Raises as Grading.objects.mark_by_hand does.
        """
        Grading.objects.mark_by_hand(attempt, given, seen=seen, by=by, now=now)
        _settled(attempt, by, now)

    @transaction.atomic
    def give_minutes(self, attempt: Attempt, minutes: int, *, by: User, reason: str, now: datetime) -> bool:
        """More time for an attempt under way; False where it is finished or has no limit."""
        ActiveDay.objects.record(by, now)
        return attempt.give_minutes(minutes, by=by, reason=reason, now=now)

    @transaction.atomic
    def set_aside(self, attempt: Attempt, *, by: User, reason: str, now: datetime) -> None:
        """Let an attempt count for nothing from now on; it is kept and shown. Doing so twice changes nothing."""
        attempt.set_aside(by=by, reason=reason, now=now)
        _settled(attempt, by, now)


class MentoredAppeals(AppealQuerySet):
    """Appeals as mentors look at them; start from `mentored_appeals()`."""

    def within_reach_of(self, person: User) -> Self:
        """Those of attempts which this person may mark."""
        return self.filter(attempt__in=mentored_attempts().within_reach_of(person).order_by().values("pk"))

    def queued(self) -> Self:
        """Those that wait for an answer, the longest waiting first, with all that a line of a list says."""
        return self.open().listed()

    def listed(self) -> Self:
        """With all that a line of a list says, in the same query."""
        return self.select_related("attempt__person", "attempt__quiz__roadmap")

    @transaction.atomic
    def uphold(
        self,
        appeal: Appeal,
        points: Decimal,
        answer: str,
        *,
        seen: int,
        by: User,
        tells_authors: bool,
        now: datetime,
    ) -> None:
        """Give the answer these points; what that earns is written down at once. Raises as Appeal.uphold does."""
        appeal.uphold(points, answer, seen=seen, by=by, tells_authors=tells_authors, now=now)
        _settled(appeal.attempt, by, now)


def _settled(attempt: Attempt, by: User, now: datetime) -> None:
    Enrollment.objects.settle_after(attempt, now)
    ActiveDay.objects.record(by, now)


def mentored_attempts() -> MentoredAttempts:
    return MentoredAttempts(Attempt)


def mentored_appeals() -> MentoredAppeals:
    return MentoredAppeals(Appeal)


def mentored_enrollments() -> MentoredEnrollments:
    return MentoredEnrollments(Enrollment)


def mentored_submissions() -> MentoredSubmissions:
    return MentoredSubmissions(Submission)


def readable_versions(person: User) -> models.QuerySet[SubmissionVersion]:
    """Handed-in versions this person may open: her own, and those within her reach as a mentor or admin."""
    own = Submission.objects.of(person).values("pk")
    others = mentored_submissions().within_reach_of(person).order_by().values("pk")
    return SubmissionVersion.objects.filter(Q(submission__in=own) | Q(submission__in=others))
