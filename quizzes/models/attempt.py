from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from quizzes.bodies import Body
from quizzes.marking import is_given
from quizzes.models.accommodation import Accommodation
from quizzes.models.attempts import AttemptQuerySet, Verdict
from quizzes.models.question import QuestionVersion
from quizzes.models.quiz import Quiz
from quizzes.models.quiz_version import QuizVersion
from quizzes.paper import Allowance, Overtime, Slot, receipt
from quizzes.refusals import CoolingDownError, FinishedError, NotFinishedError
from quizzes.result import Marks, OnSheet, Result, mark_rows, result_of, rounded, total
from quizzes.review import EVERYTHING, Item, ReviewPolicy, Standing, may_see
from quizzes.saves import SavedItem, changed

_LOCK = """
SELECT epoch, finished_at, points, is_passed, receipt, deadline_at, closes_at
  FROM quizzes_attempt WHERE id = %s FOR UPDATE
"""
_VALUES = """
SELECT DISTINCT ON (slot) slot, coalesce(value, 'null')::text FROM quizzes_answer
 WHERE attempt_id = %s AND NOT is_late AND NOT is_overtaken ORDER BY slot, epoch DESC, sequence DESC, id DESC
"""
_END = """
UPDATE quizzes_attempt
   SET finished_at = %(finished_at)s, points = %(points)s, is_passed = %(is_passed)s, receipt = %(receipt)s,
       is_abandoned = %(is_abandoned)s
 WHERE id = %(attempt)s
"""
_GRADE = """
WITH graded AS (
  INSERT INTO quizzes_grading (attempt_id, number, kind, marks, points, graded_at, reason)
  VALUES (%(attempt)s, 1, 'marked', %(marks)s::jsonb, %(points)s, %(now)s, '')
)
"""
_SEEN = """
WITH appeals AS (
  UPDATE quizzes_appeal SET seen_at = %(now)s
   WHERE attempt_id = %(attempt)s AND answered_at IS NOT NULL AND seen_at IS NULL
)
UPDATE quizzes_attempt SET seen_grading = newest.number
  FROM (SELECT max(number) AS number FROM quizzes_grading WHERE attempt_id = %(attempt)s) newest
 WHERE id = %(attempt)s AND seen_grading < newest.number
"""
_FLAG = """
UPDATE quizzes_attempt
   SET flagged = coalesce(
         (SELECT jsonb_agg(slot ORDER BY slot::int) FROM jsonb_array_elements(flagged) slot
           WHERE slot::int <> %(slot)s), '[]') || CASE WHEN %(is_flagged)s THEN to_jsonb(%(slot)s::int) ELSE '[]' END
 WHERE id = %(attempt)s AND finished_at IS NULL AND %(slot)s BETWEEN 1 AND jsonb_array_length(paper)
"""
_logger = logging.getLogger(__name__)


class Attempt(models.Model):
    """One try of one person at one quiz, with everything frozen at its start; it is open until `finished_at`.

    `paper` is a list of slots in the order shown: {slot, version (id of QuestionVersion), points, topic,
    resource (keys), order (option keys as shown)}. `closes_at` is deadline plus grace, None without a limit; `overtime`
    says what happens then. `points` is None while open, `is_passed` until every slot is marked. One that was set aside
    is kept and shown, but counts for nothing. `flagged` are the slots its person marked for herself; `seen_grading` is
    the number of the newest grading whose result she saw.
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
    overtime = models.CharField(max_length=8, default=Overtime.HAND_IN, db_default=Overtime.HAND_IN)
    overtime_minutes = models.PositiveSmallIntegerField(default=0, db_default=0)
    review = models.JSONField(default=dict, db_default={}, blank=True)
    flagged = models.JSONField(default=list, db_default=[], blank=True)
    is_abandoned = models.BooleanField(default=False, db_default=False)
    set_aside_at = models.DateTimeField(null=True, blank=True)
    set_aside_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    set_aside_reason = models.CharField(max_length=300, blank=True, db_default="")
    seen_grading = models.PositiveIntegerField(default=1, db_default=1)

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
                    models.Q(finished_at__isnull=False)
                    & (models.Q(is_passed=None) | models.Q(points__isnull=False))
                    & ~models.Q(receipt="")
                ),
                name="a_finished_attempt_has_a_receipt",
            ),
        ]
        indexes = [
            models.Index(
                fields=["closes_at"], condition=models.Q(finished_at=None), name="open_attempts_by_closing"
            ),
            models.Index(fields=["person", "quiz", "-number"], name="attempts_of_person_at_quiz"),
            models.Index(
                fields=["finished_at"],
                condition=models.Q(finished_at__isnull=False, is_passed=None),
                name="attempts_that_wait_for_marks",
            ),
            models.Index(
                fields=["set_aside_at"],
                condition=models.Q(set_aside_at__isnull=False),
                name="attempts_set_aside_by_time",
            ),
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

    def save_page(
        self,
        epoch: int,
        values: Mapping[int, object],
        now: datetime,
        confidences: Mapping[int, int | None] | None = None,
    ) -> None:
        """Keep the answers of a form that was sent whole, by slot; it counts as a new opening of the attempt.

        `confidences` says how sure she is of each, where that is asked. Raises as save_answers does.
        """
        with transaction.atomic():
            self._lock()
            if epoch == self.epoch and not self.is_finished and not self.is_over(now):
                epoch = self.open(now)
            known, sure = self.values(), self.confidences() if confidences is not None else {}
            verdict = self._write(epoch, changed(values, known, confidences or {}, sure), now)
        verdict.refuse()  # outside of the transaction, so that late and overtaken answers stay kept

    @transaction.atomic(savepoint=False)
    def submit(self, now: datetime) -> None:
        """Finish the attempt with the answers that count and mark it; handing in twice changes nothing.

        It is finished at `now`, or at its deadline when that is over. Where what is not handed in by its learner earns
        nothing, that is so once the attempt is overdue.
        """
        self._lock()
        if self.is_finished:
            return
        self.is_abandoned = self.overtime != Overtime.HAND_IN and self.is_overdue(now)
        self.finished_at = min(now, self.deadline_at) if self.deadline_at else now
        answers = self.values()
        self.receipt = receipt(self.slots, answers, self.finished_at)
        self._write_result(self._marks(answers), now)

    @transaction.atomic
    def mark(self, now: datetime) -> None:
        """Mark an attempt that was handed in while marking failed; one that has a grading stays as it is."""
        self._lock()
        if self.is_finished and not self.gradings.exists():
            self._write_result(self._marks(self.values()), now)

    @transaction.atomic
    def extend(self, until: datetime, *, by: User | None, reason: str, now: datetime) -> bool:
        """Give an open attempt time until then, with its grace; whether it has more time now than before.

        An earlier moment than its own changes nothing, and so does an attempt that is finished or has no limit.
        """
        self._lock()
        if (
            self.is_finished
            or self.deadline_at is None
            or self.closes_at is None
            or until <= self.deadline_at
        ):
            return False
        grace = self.closes_at - self.deadline_at
        self.extensions.create(
            was=self.deadline_at, became=until, reason=reason, extended_at=now, extended_by=by
        )
        self.deadline_at, self.closes_at = until, until + grace
        self.save(update_fields=["deadline_at", "closes_at"])
        return True

    def give_minutes(self, minutes: int, *, by: User | None, reason: str, now: datetime) -> bool:
        """So many more minutes, from its deadline or, where that is over, from now; as `extend`."""
        if self.deadline_at is None:
            return False
        until = max(self.deadline_at, now) + timedelta(minutes=minutes)
        return self.extend(until, by=by, reason=reason, now=now)

    def keep_up(self, *, by: User | None, reason: str, now: datetime) -> bool:
        """Take over what its person was given since it began, and a later end of its quiz; as `extend`."""
        until = self.due(Accommodation.objects.allowance(self.person, self.quiz))
        return until is not None and self.extend(until, by=by, reason=reason, now=now)

    @transaction.atomic
    def set_aside(self, *, by: User | None, reason: str, now: datetime) -> None:
        """From now on it counts for nothing: neither result, nor limit, nor wait. An open one is handed in first."""
        self.submit(now)
        if self.set_aside_at is None:
            self.set_aside_at, self.set_aside_by, self.set_aside_reason = now, by, reason
            self.save(update_fields=["set_aside_at", "set_aside_by", "set_aside_reason"])

    @transaction.atomic
    def choose(self, slot: int, *, takes_overtaken: bool, now: datetime) -> None:
        """Let what an overtaken page said count, or what counts already; a slot without a choice changes nothing.

        Raises FinishedError.
        """
        self._lock()
        for difference in self.answers.differences():
            if difference.slot == slot:
                item = difference.choice(self.epoch, takes_overtaken=takes_overtaken)
                self._write(self.epoch, [item], now).refuse()

    def see(self, now: datetime) -> None:
        """Note that its person sees the newest result, and what was answered to her appeals: one statement."""
        with connection.cursor() as cursor:
            cursor.execute(_SEEN, {"attempt": self.pk, "now": now})

    def flag(self, slot: int, *, is_flagged: bool) -> None:
        """Note that the person means to look at a slot again, or no longer; unknown slots change nothing."""
        with connection.cursor() as cursor:
            cursor.execute(_FLAG, {"attempt": self.pk, "slot": slot, "is_flagged": is_flagged})

    # Questions

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def is_marked(self) -> bool:
        """Every slot is marked, so that its result is final until somebody corrects it."""
        return self.is_passed is not None

    def is_over(self, now: datetime) -> bool:
        """Whether its deadline and grace are over: answers no longer count."""
        return self.closes_at is not None and self.closes_at < now

    def is_overdue(self, now: datetime) -> bool:
        """Whether it is open though nobody can hand it in any more."""
        late = self.closes_at + timedelta(minutes=self.overtime_minutes) if self.closes_at else None
        return not self.is_finished and late is not None and late < now

    def due(self, allowance: Allowance) -> datetime | None:
        """When time would be up for somebody with this allowance; of the quiz's end then and now the later one holds.

        None without a limit.
        """
        sheet, current = self.quiz_version.sheet, self.quiz.current_version
        later = sheet.with_later_end(current.sheet) if current else sheet
        return later.deadline(self.started_at, allowance)[0]

    def counts_from(self, since: datetime | None) -> bool:
        """Whether it uses up one of the attempts that are allowed, begun before `since` ones don't."""
        return self.set_aside_at is None and (since is None or self.started_at >= since)

    def receipt_holds(self) -> bool:
        """Whether what is stored is what the receipt was made of."""
        return self.receipt_fits(self.values())

    def receipt_fits(self, answers: Mapping[int, object]) -> bool:
        """Whether the receipt was made of these answers."""
        return self.finished_at is not None and self.receipt == receipt(self.slots, answers, self.finished_at)

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

    def confidences(self) -> dict[int, int | None]:
        """How sure its person says she is, by slot, of the answers that count."""
        return dict(self.answers.that_count().newest().values_list("slot", "confidence"))

    def unanswered(self) -> list[int]:
        """The slots that nobody answered yet."""
        values = self.values()
        return [slot.slot for slot in self.slots if not is_given(values.get(slot.slot))]

    def questions(self) -> list[OnSheet]:
        """What the person may see while she answers, with her answers so far: two queries."""
        bodies, values = self._bodies(), self.values()
        return [OnSheet.of(slot, bodies[slot.version], values.get(slot.slot)) for slot in self.slots]

    def result(self, seen: frozenset[Item] = EVERYTHING) -> Result:
        """Question by question as far as it may be seen: three queries. Raises NotFinishedError."""
        if not self.is_finished:
            raise NotFinishedError
        answers = self.answers.order_by("slot", "epoch", "sequence", "id")
        grading = self.gradings.newest().first()
        return result_of(
            self.slots,
            self._bodies(),
            answers,
            grading.by_slot() if grading else {},
            gradings=grading.number if grading else 0,
            seen=seen,
        )

    @property
    def review_policy(self) -> ReviewPolicy:
        """What its result shows and when, as it was frozen at the start."""
        return ReviewPolicy.model_validate(self.review or {})

    def seen(self, now: datetime) -> frozenset[Item]:
        """What its person may see of its result at `now`: two queries at most, none where all is shown at once."""
        policy = self.review_policy
        if policy.shows_all_at_once:
            return EVERYTHING
        mine = Attempt.objects.filter(person=self.person_id, quiz=self.quiz_id, set_aside_at=None)
        known = list(mine.values_list("finished_at", "is_passed"))
        finished = [moment for moment, _ in known if moment is not None]
        allowance = Accommodation.objects.allowance(self.person, self.quiz)
        refusal = self.quiz.refusal(finished, now, allowance)
        # What she may still answer is not told her by an earlier attempt.
        is_open = len(finished) < len(known)
        is_closed = not is_open and refusal is not None and not isinstance(refusal, CoolingDownError)
        return may_see(policy, Standing(any(passed for _, passed in known), is_closed))

    # Helpers

    def _write(self, epoch: int, items: Sequence[SavedItem], now: datetime) -> Verdict:
        verdict = Attempt.objects.save_to(self, epoch, items, now)
        if verdict is None:
            raise Attempt.DoesNotExist
        return verdict

    def _lock(self) -> None:
        """One at a time from here on; what is not frozen at the start is known as the last one wrote it."""
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [self.pk])
            known = cursor.fetchone()
        self.epoch, self.finished_at, self.points, self.is_passed, self.receipt = known[:5]
        self.deadline_at, self.closes_at = known[5:]

    def _bodies(self) -> dict[int, Body]:
        return QuestionVersion.objects.bodies(slot.version for slot in self.slots)

    def _marks(self, answers: Mapping[int, object]) -> Marks | None:
        """What each slot earned; None when marking fails, which must not cost the answers: the clock tries again."""
        try:
            return mark_rows(self.slots, self._bodies(), {} if self.is_abandoned else answers)
        except DatabaseError:
            raise
        except Exception:  # a fault of ours in one type of question
            _logger.exception("attempt %s could not be marked", self.pk)
            return None

    def _write_result(self, marks: Marks | None, now: datetime) -> None:
        """The end of the attempt and its first grading: one statement."""
        if marks is not None:
            self.sum_up(marks)
        row = {
            "attempt": self.pk,
            "finished_at": self.finished_at,
            "points": self.points,
            "is_passed": self.is_passed,
            "is_abandoned": self.is_abandoned,
            "receipt": self.receipt,
            "marks": json.dumps(marks),
            "now": now,
        }
        with connection.cursor() as cursor:
            cursor.execute(_END if marks is None else _GRADE + _END, row)

    def sum_up(self, marks: Mapping[Any, Mapping[str, Any]]) -> Decimal:
        """Make points and result those of these marks; the result stays open while a slot waits. The points."""
        possible = Fraction(sum(slot.points for slot in self.slots))
        points = total(marks.values())
        self.points = rounded(points)
        is_enough = 100 * points >= self.pass_percent * possible and possible > 0
        self.is_passed = None if any(row.get("waits") for row in marks.values()) else is_enough
        return self.points
