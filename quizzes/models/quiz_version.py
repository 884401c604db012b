from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from quizzes.paper import Paper, Score


class QuizVersion(models.Model):
    """One published, unchangeable paper of a quiz, its pass mark and policies (`paper` is a quizzes.paper.Paper).

    `score` stands in the paper, too; facts read it here.
    """

    quiz = models.ForeignKey("quizzes.Quiz", models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    paper = models.JSONField()
    score = models.CharField(max_length=8, default=Score.BEST, db_default=Score.BEST)
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("quiz", "-number")
        constraints = [
            models.UniqueConstraint(fields=["quiz", "number"], name="versions_of_a_quiz_are_numbered_once")
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id} v{self.number}"

    @cached_property
    def sheet(self) -> Paper:
        """The frozen paper, typed."""
        return Paper.model_validate(self.paper)
