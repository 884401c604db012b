from __future__ import annotations

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from quizzes.models.attempt import Attempt
from quizzes.models.regrade import Regrade
from quizzes.result import Mark


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
