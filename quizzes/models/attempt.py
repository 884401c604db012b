from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from uuid import uuid4

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from quizzes.bodies import Body
from quizzes.marking import is_given
from quizzes.models.attempts import AttemptQuerySet, Verdict
from quizzes.models.question import QuestionVersion
from quizzes.models.quiz import Quiz
from quizzes.models.quiz_version import QuizVersion
from quizzes.paper import Slot, receipt
from quizzes.refusals import (
    FinishedError,
    NotFinishedError,
    TakenOverError,
)
from quizzes.result import Answered, OnSheet, Result, mark_paper, rounded
from quizzes.saves import SavedItem

_LOCK = """
SELECT epoch, finished_at, points, is_passed, receipt FROM quizzes_attempt WHERE id = %s FOR UPDATE
"""
_VALUES = """
SELECT DISTINCT ON (slot) slot, coalesce(value, 'null')::text FROM quizzes_answer
 WHERE attempt_id = %s AND NOT is_late ORDER BY slot, epoch DESC, sequence DESC, id DESC
"""
_FINISH = """
WITH graded AS (
  INSERT INTO quizzes_grading (attempt_id, number, marks, points, graded_at, reason)
  VALUES (%(attempt)s, 1, %(marks)s::jsonb, %(points)s, %(now)s, '')
)
UPDATE quizzes_attempt
   SET finished_at = %(finished_at)s, points = %(points)s, is_passed = %(is_passed)s, receipt = %(receipt)s
 WHERE id = %(attempt)s
"""


class Attempt(models.Model):
    """One try of one person at one quiz, with everything frozen at its start; it is open until `finished_at`.

    `paper` is a list of slots in the order shown: {slot, version (id of QuestionVersion), points, topic,
    resource (keys), order (option keys as shown)}. `closes_at` is deadline plus grace, None without a limit.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="attempts")
    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="attempts")
    quiz_version = models.ForeignKey(QuizVersion, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("number"))
    paper = models.JSONField()
    pass_percent = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveIntegerField(
        default=0, help_text=_("Raised each time the player is opened; older tabs may no longer save.")
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    points = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)
    points_possible = models.DecimalField(max_digits=8, decimal_places=3)
    is_passed = models.BooleanField(null=True, blank=True)
    receipt = models.CharField(max_length=64, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ("-started_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "quiz", "number"], name="attempts_of_a_person_are_numbered_once"
            ),
            models.UniqueConstraint(
                fields=["person", "quiz"],
                condition=models.Q(finished_at=None),
                name="a_person_has_one_open_attempt_per_quiz",
            ),
            models.CheckConstraint(
                condition=models.Q(finished_at=None, points=None, is_passed=None, receipt="")
                | (
                    models.Q(finished_at__isnull=False, points__isnull=False, is_passed__isnull=False)
                    & ~models.Q(receipt="")
                ),
                name="a_finished_attempt_has_points_result_and_receipt",
            ),
        ]
        indexes = [
            models.Index(
                fields=["closes_at"], condition=models.Q(finished_at=None), name="open_attempts_by_closing"
            ),
            models.Index(fields=["person", "quiz", "-number"], name="attempts_of_person_at_quiz"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id} #{self.number}"

    # Acts

    def open(self, now: datetime) -> int:
        """Take the attempt over for a page that is opened now; its epoch. Earlier pages may no longer save.

        Raises FinishedError.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE quizzes_attempt SET epoch = epoch + 1"
                " WHERE id = %s AND finished_at IS NULL AND coalesce(closes_at >= %s, true) RETURNING epoch",
                [self.pk, now],
            )
            row = cursor.fetchone()
        if row is None:
            raise FinishedError
        self.epoch = row[0]
        return self.epoch

    def save_answers(self, epoch: int, items: Sequence[SavedItem], now: datetime) -> None:
        """Keep these answers: one statement. Sending them again changes nothing.

        After closing they are kept as late. Raises UnknownSlotError, TakenOverError, or FinishedError when the
        attempt is over (late answers are kept all the same).
        """
        self._write(epoch, items, now).refuse()

    def save_page(self, epoch: int, values: Mapping[int, object], now: datetime) -> None:
        """Keep the answers of a form that was sent whole, by slot; it counts as a new opening of the attempt.

        Raises as save_answers does.
        """
        with transaction.atomic():
            self._lock()
            if not self.is_finished and epoch != self.epoch:
                raise TakenOverError
            if not self.is_finished and not self.is_overdue(now):
                epoch = self.open(now)
            verdict = self._write(epoch, self._changed(values), now)
        verdict.refuse()  # outside of the transaction, so that late answers stay kept

    @transaction.atomic(savepoint=False)
    def submit(self, now: datetime) -> None:
        """Finish the attempt with the answers that count and mark it; handing in twice changes nothing.

        It is finished at `now`, or at its deadline when that is over.
        """
        self._lock()
        if self.is_finished:
            return
        self.finished_at = min(now, self.deadline_at) if self.deadline_at else now
        answers = self.values()
        marks = self._mark(mark_paper(self.slots, self._bodies(), answers))
        self.receipt = receipt(self.slots, answers, self.finished_at)
        self._write_result(marks, now)

    # Questions

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it is open though its deadline and grace are over."""
        return not self.is_finished and self.closes_at is not None and self.closes_at < now

    @property
    def percent(self) -> float | None:
        """The result in percent of the possible points; None while open."""
        if self.points is None:
            return None
        return float(100 * self.points / self.points_possible) if self.points_possible else 0.0

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The frozen paper."""
        return tuple(Slot.model_validate(slot) for slot in self.paper)

    def values(self) -> dict[int, object]:
        """The answers that count, by slot: per slot the newest that came in time."""
        with connection.cursor() as cursor:
            cursor.execute(_VALUES, [self.pk])
            return {slot: json.loads(value) for slot, value in cursor.fetchall()}

    def unanswered(self) -> list[int]:
        """The slots that nobody answered yet."""
        values = self.values()
        return [slot.slot for slot in self.slots if not is_given(values.get(slot.slot))]

    def questions(self) -> list[OnSheet]:
        """What the person may see while she answers, with her answers so far: two queries."""
        bodies, values = self._bodies(), self.values()
        return [
            OnSheet(slot, bodies[slot.version].asked(slot.order), values.get(slot.slot))
            for slot in self.slots
        ]

    def result(self) -> Result:
        """Question by question with right answers and explanations: three queries. Raises NotFinishedError."""
        if not self.is_finished:
            raise NotFinishedError
        bodies = self._bodies()
        answers = list(self.answers.order_by("slot", "epoch", "sequence", "id"))
        values = {answer.slot: answer.value for answer in answers if not answer.is_late}
        late = {answer.slot: answer.value for answer in answers if answer.is_late}
        grading = self.gradings.newest().first()
        marks = grading.by_slot() if grading else {}
        return Result(
            tuple(
                Answered(
                    slot,
                    bodies[slot.version],
                    values.get(slot.slot),
                    marks[slot.slot],
                    late.get(slot.slot),
                )
                for slot in self.slots
            )
        )

    # Helpers

    def _write(self, epoch: int, items: Sequence[SavedItem], now: datetime) -> Verdict:
        verdict = Attempt.objects.save_to(self, epoch, items, now)
        if verdict is None:
            raise Attempt.DoesNotExist
        return verdict

    def _changed(self, values: Mapping[int, object]) -> list[SavedItem]:
        """The values that differ from what counts now, as saves."""
        known = self.values()
        return [
            SavedItem.model_validate({"slot": slot, "sequence": 0, "client_id": uuid4(), "value": value})
            for slot, value in values.items()
            if value != known.get(slot) and (is_given(value) or is_given(known.get(slot)))
        ]

    def _lock(self) -> None:
        """One at a time from here on; what is not frozen at the start is known as the last one wrote it."""
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [self.pk])
            self.epoch, self.finished_at, self.points, self.is_passed, self.receipt = cursor.fetchone()

    def _bodies(self) -> dict[int, Body]:
        return QuestionVersion.objects.bodies(slot.version for slot in self.slots)

    def _mark(self, fractions: Mapping[int, Fraction]) -> dict[int, dict[str, object]]:
        """Sum up what each slot earned into points and result; the marks as a grading keeps them."""
        marks = {slot.slot: slot.points * fractions[slot.slot] for slot in self.slots}
        points = sum(marks.values(), Fraction(0))
        possible = Fraction(sum(slot.points for slot in self.slots))
        self.points = rounded(points)
        self.is_passed = 100 * points >= self.pass_percent * possible and possible > 0
        return {
            slot.slot: {
                "points": str(rounded(marks[slot.slot])),
                "possible": slot.points,
                "fraction": round(float(fractions[slot.slot]), 6),
            }
            for slot in self.slots
        }

    def _write_result(self, marks: dict[int, dict[str, object]], now: datetime) -> None:
        """The first grading and what it makes of the attempt: one statement."""
        row = {
            "attempt": self.pk,
            "finished_at": self.finished_at,
            "points": self.points,
            "is_passed": self.is_passed,
            "receipt": self.receipt,
            "marks": json.dumps(marks),
            "now": now,
        }
        with connection.cursor() as cursor:
            cursor.execute(_FINISH, row)
