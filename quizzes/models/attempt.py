from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from quizzes.models.quiz import Quiz, QuizVersion


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def open(self) -> Self:
        return self.filter(finished_at=None)

    def finished(self) -> Self:
        return self.exclude(finished_at=None)

    def passed(self) -> Self:
        return self.filter(is_passed=True)

    def overdue(self, now: datetime) -> Self:
        """Open attempts whose deadline and grace are over."""
        return self.open().filter(closes_at__lt=now)


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


class Grading(models.Model):
    """One marking of a finished attempt; rows are only added, the highest number counts.

    `marks` maps slot to {points, possible, fraction}; a regrade or a mentor's mark is a further row.
    """

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="gradings")
    number = models.PositiveIntegerField()
    marks = models.JSONField()
    points = models.DecimalField(max_digits=8, decimal_places=3)
    graded_at = models.DateTimeField()
    graded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("attempt", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "number"], name="gradings_of_an_attempt_are_numbered_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} grading {self.number}"
