from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Self

from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quizzes.health import usual_seconds
from quizzes.models.question import QuestionVersion
from quizzes.models.question_numbers import COUNTED, QuestionNumbers
from quizzes.models.quiz import Quiz
from quizzes.models.quiz_version import QuizVersion
from quizzes.models.sittings import first_sittings
from quizzes.statistics import ItemNumbers, QuizTally, WholeNumbers, nothing_yet

REST = timedelta(minutes=10)  # a quiz that is being taken by many is counted once in ten minutes
OVERLAP = timedelta(minutes=10)  # what was written then may have become visible later
ANEW = timedelta(days=7)  # people who were erased since, or have other roles
CHUNK = 200

# What was marked or set aside since somebody last noticed anything. A row that is being counted is left alone: the
# overlap brings it up again.
_NOTICE = """
WITH since AS (
  SELECT coalesce(max(asked_at), '-infinity') - %(overlap)s::interval AS at FROM quizzes_quiznumbers
), touched AS (
  SELECT attempt.quiz_id, max(grading.graded_at) AS at
    FROM since, quizzes_grading grading JOIN quizzes_attempt attempt ON attempt.id = grading.attempt_id
   WHERE grading.graded_at > since.at GROUP BY 1
  UNION ALL
  SELECT quiz_id, max(set_aside_at) FROM since, quizzes_attempt WHERE set_aside_at > since.at GROUP BY 1
), due AS (
  SELECT id FROM quizzes_quiznumbers numbers
   WHERE EXISTS (SELECT FROM touched WHERE touched.quiz_id = numbers.quiz_id
                    AND touched.at > coalesce(numbers.counted_at, '-infinity') - %(overlap)s::interval)
     FOR UPDATE SKIP LOCKED
)
UPDATE quizzes_quiznumbers numbers SET asked_at = %(now)s FROM due WHERE due.id = numbers.id
"""


class QuizNumbersQuerySet(models.QuerySet["QuizNumbers"]):
    def due(self, now: datetime) -> Self:
        """Quizzes with news since they were counted, which was not just now; new papers are counted at once."""
        rested = Q(counted_at__lte=now - REST) & (
            Q(asked_at__gt=F("counted_at")) | Q(counted_at__lte=now - ANEW)
        )
        has_another_paper = ~Q(quiz_version=F("quiz__current_version")) | Q(quiz_version=None)
        return self.filter(quiz__archived_at=None).filter(Q(counted_at=None) | rested | has_another_paper)

    def count_due(self, now: datetime, limit: int = 50) -> int:
        """Count anew what is due, each quiz in a transaction of its own; how many. Several may run side by side."""
        self._begin()
        self._notice(now)
        waiting = self.due(now).order_by(F("counted_at").asc(nulls_first=True), "pk")
        return sum(self._count(pk, now) for pk in list(waiting.values_list("pk", flat=True)[:limit]))

    def count_all(self, now: datetime) -> int:
        """Count every published quiz anew; how many there were."""
        self._begin()
        self.update(counted_at=None)
        total = 0
        while counted := self.count_due(now):
            total += counted
        return total

    def _begin(self) -> None:
        """Every published quiz has its row."""
        new = Quiz.objects.unarchived().filter(numbers=None).exclude(current_version=None)
        self.bulk_create((QuizNumbers(quiz=quiz) for quiz in new.only("pk")), ignore_conflicts=True)

    def _notice(self, now: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_NOTICE, {"now": now, "overlap": f"{OVERLAP.total_seconds():.0f} seconds"})

    @transaction.atomic
    def _count(self, pk: int, now: datetime) -> bool:
        due = self.due(now).select_related("quiz").filter(pk=pk)
        claimed = due.select_for_update(of=("self",), skip_locked=True, no_key=True).first()
        if claimed is None:
            return False
        claimed.count(now)
        return True


class QuizNumbers(models.Model):
    """What first attempts say of one quiz, and when it was counted; made anew by each count, so it may be deleted.

    `asked_at` is when something was last noticed that may change the numbers, `quiz_version` the paper that learners
    answered when it was counted. Mean and deviation are shares of the possible points.
    """

    quiz = models.OneToOneField(Quiz, models.CASCADE, related_name="numbers")
    quiz_version = models.ForeignKey(QuizVersion, models.CASCADE, null=True, related_name="+")
    people = models.PositiveIntegerField(_("people"), default=0)
    passed = models.PositiveIntegerField(_("passed"), default=0)
    mean = models.FloatField(null=True)
    deviation = models.FloatField(null=True)
    consistency = models.FloatField(null=True)
    since = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True, db_index=True)
    counted_at = models.DateTimeField(null=True)

    objects = QuizNumbersQuerySet.as_manager()

    class Meta:
        verbose_name = _("numbers of a quiz")
        verbose_name_plural = _("numbers of quizzes")

    def __str__(self) -> str:
        return str(self.quiz_id)

    @property
    def whole(self) -> WholeNumbers:
        """The row as the plain modules know it."""
        return WholeNumbers(self.people, self.mean, self.deviation, self.consistency)

    @transaction.atomic
    def count(self, now: datetime) -> None:
        """Read every first attempt and write what they say, for the quiz and for each question of it."""
        tally, passed, since = QuizTally(), 0, None
        for sitting in first_sittings(self.quiz_id):
            tally.add(sitting.taken, sitting.group)
            passed += sitting.is_passed
            since = min(since or sitting.finished_at, sitting.finished_at)
        whole = tally.whole()
        self.people, self.passed, self.since = whole.people, passed, since
        self.mean, self.deviation, self.consistency = whole.mean, whole.deviation, whole.consistency
        self.quiz_version, self.counted_at = self.quiz.current_version, now
        self.save()
        self._write(tally.items())

    def _write(self, items: Mapping[int, ItemNumbers]) -> None:
        """Rows for what was answered and for what stands on the paper; others go."""
        sheet = self.quiz_version.sheet if self.quiz_version else None
        on_paper = {question.version for question in sheet.questions} if sheet else set()
        versions = sorted({*items, *on_paper})
        usual = usual_seconds([item.median_seconds for item in items.values()])
        bodies = QuestionVersion.objects.bodies(versions)
        rows = (
            QuestionNumbers.counted(
                self.quiz_id,
                version,
                numbers=items.get(version) or nothing_yet(),
                options=bodies[version].counted(),
                usual_seconds=usual,
                is_on_paper=version in on_paper,
            )
            for version in versions
        )
        QuestionNumbers.objects.filter(quiz=self.quiz_id).exclude(version__in=versions).delete()
        QuestionNumbers.objects.bulk_create(
            rows,
            batch_size=CHUNK,
            update_conflicts=True,
            unique_fields=["quiz", "version"],
            update_fields=COUNTED,
        )
