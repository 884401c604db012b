from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from quizzes.models.attempt import Attempt
from quizzes.models.question import QuestionVersion
from quizzes.models.regrade import Regrade
from quizzes.paper import Slot
from quizzes.refusals import MarkMovedError, NotFinishedError, OffScaleError, UnknownSlotError
from quizzes.result import HAND_STEP, HandMark, Mark, mark_row


class GradingKind(models.TextChoices):
    MARKED = "marked", _("marked")
    BY_MENTOR = "by_mentor", _("marked by a mentor")
    REGRADED = "regraded", _("regraded")
    APPEAL = "appeal", _("after an appeal")
    UNDONE = "undone", _("regrade undone")


class GradingQuerySet(models.QuerySet["Grading"]):
    def newest(self) -> Self:
        """Per attempt the one that counts."""
        return self.order_by("attempt_id", "-number").distinct("attempt_id")

    @transaction.atomic
    def mark_by_hand(
        self, attempt: Attempt, given: Mapping[int, HandMark], *, seen: int, by: User, now: datetime
    ) -> Grading | None:
        """Give answers that a person marks their points, for the first time or anew, as one further grading.

        Raises as `change` does, and UnknownSlotError for a slot that nobody marks by hand.
        """
        bodies = QuestionVersion.objects.bodies(slot.version for slot in attempt.slots)
        by_hand = {slot.slot for slot in attempt.slots if bodies[slot.version].is_marked_by_hand}
        if not given.keys() <= by_hand:
            raise UnknownSlotError
        return self.change(attempt, given, GradingKind.BY_MENTOR, seen=seen, by=by, now=now)

    @transaction.atomic
    def change(
        self,
        attempt: Attempt,
        given: Mapping[int, HandMark],
        kind: GradingKind,
        *,
        seen: int,
        by: User,
        now: datetime,
    ) -> Grading | None:
        """Write these marks over those that count, by slot. Saying what stands already writes nothing: None.

        `seen` is the number of the grading that the person had before her. Raises MarkMovedError where one of the marks
        she means to change is another since then, OffScaleError, UnknownSlotError, or NotFinishedError.
        """
        locked = Attempt.objects.select_for_update(of=("self",), no_key=True).get(pk=attempt.pk)
        newest = self.filter(attempt=locked).order_by("-number").first()
        if newest is None:
            raise NotFinishedError
        before = newest if newest.number == seen else self.filter(attempt=locked, number=seen).first()
        known = before.marks if before else {}
        wanted = {slot: row for slot, row in _rows(locked, given).items() if row != known.get(slot)}
        changed = {slot: row for slot, row in wanted.items() if row != newest.marks[slot]}
        if moved := [int(slot) for slot in changed if newest.marks[slot] != known.get(slot)]:
            raise MarkMovedError(moved)
        if not changed:
            return None
        marks = {**newest.marks, **changed}
        locked.sum_up(marks)
        locked.save(update_fields=["points", "is_passed"])
        attempt.points, attempt.is_passed = locked.points, locked.is_passed
        return self.create(
            attempt=attempt,
            number=newest.number + 1,
            kind=kind,
            marks=marks,
            points=locked.points or 0,
            graded_at=now,
            graded_by=by,
        )


def _rows(attempt: Attempt, given: Mapping[int, HandMark]) -> dict[str, dict[str, Any]]:
    """The rows of a grading that say this, by slot as JSON has it."""
    slots = {slot.slot: slot for slot in attempt.slots}
    if not given.keys() <= slots.keys():
        raise UnknownSlotError
    return {str(number): _row(slots[number], mark) for number, mark in given.items()}


def _row(slot: Slot, mark: HandMark) -> dict[str, Any]:
    if not 0 <= mark.points <= slot.points or mark.points % HAND_STEP:
        raise OffScaleError(slot.points)
    share = Fraction(mark.points) / slot.points
    return mark_row(slot, share, comment=mark.comment, by_hand=True)


class Grading(models.Model):
    """One marking of a finished attempt; rows are only added, the highest number counts.

    `marks` maps slot to {points, possible, fraction}, with `waits` while a mentor is to mark it and `comment` where she
    said something; a regrade or a mentor's mark is a further row.
    """

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="gradings")
    number = models.PositiveIntegerField()
    kind = models.CharField(
        max_length=10, choices=GradingKind.choices, default=GradingKind.MARKED, db_default=GradingKind.MARKED
    )
    regrade = models.ForeignKey(Regrade, models.PROTECT, null=True, blank=True, related_name="gradings")
    marks = models.JSONField()
    points = models.DecimalField(max_digits=8, decimal_places=3)
    graded_at = models.DateTimeField()
    graded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)

    objects = GradingQuerySet.as_manager()

    class Meta:
        ordering = ("attempt", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "number"], name="gradings_of_an_attempt_are_numbered_once"
            ),
            models.UniqueConstraint(
                fields=["regrade", "attempt", "kind"], name="a_regrade_grades_an_attempt_once"
            ),
        ]
        indexes = [models.Index(fields=["graded_at"], name="gradings_by_time")]

    def __str__(self) -> str:
        return f"{self.attempt_id} grading {self.number}"

    def by_slot(self) -> dict[int, Mark]:
        """What each slot earned."""
        return {
            int(slot): Mark(
                Decimal(mark["points"]), mark["possible"], mark.get("waits", False), mark.get("comment", "")
            )
            for slot, mark in self.marks.items()
        }
