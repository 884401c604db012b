from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from quizzes.models.question import Question
from roadmap.models import Roadmap, Stage
from roadmap.models.archive import Archivable
from roadmap.models.fields import key_field, position_field


class QuizQuerySet(models.QuerySet["Quiz"]):
    def unarchived(self) -> Self:
        return self.filter(archived_at=None)

    def of_road(self, road_key: str) -> Self:
        return self.filter(roadmap__key=road_key)


class Quiz(Archivable):
    """One quiz as its authors edit it; learners answer the version that `current_version` names."""

    roadmap = models.ForeignKey(Roadmap, models.CASCADE, related_name="quizzes")
    stage = models.ForeignKey(Stage, models.PROTECT, null=True, blank=True, related_name="quizzes")
    key = key_field()
    title = models.CharField(_("title"), max_length=160)
    pass_percent = models.PositiveSmallIntegerField(
        _("pass mark in percent"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    attempts_limit = models.PositiveSmallIntegerField(
        _("attempts"), null=True, blank=True, help_text=_("Empty: as many as the learner likes.")
    )
    cooldown_hours = models.PositiveSmallIntegerField(_("hours between attempts"), default=24)
    time_limit_minutes = models.PositiveSmallIntegerField(_("time limit in minutes"), null=True, blank=True)
    grace_seconds = models.PositiveSmallIntegerField(_("grace in seconds"), default=60)
    draw = models.PositiveSmallIntegerField(
        _("questions drawn"), null=True, blank=True, help_text=_("Empty: all of them.")
    )
    shuffle = models.BooleanField(_("shuffle questions and options"), default=True)
    current_version = models.ForeignKey(
        "quizzes.QuizVersion", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = QuizQuerySet.as_manager()

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        ordering = ("roadmap", "stage", "key")
        constraints = [
            models.UniqueConstraint(fields=["roadmap", "key"], name="one_quiz_per_key_and_road"),
            models.UniqueConstraint(
                fields=["stage"],
                condition=models.Q(archived_at=None),
                name="a_stage_has_one_living_quiz",
            ),
            models.CheckConstraint(
                condition=models.Q(pass_percent__range=(1, 100)), name="pass_mark_is_one_to_hundred"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_published(self) -> bool:
        """True once it has a version: its key is kept for good."""
        return self.current_version_id is not None


class PaperItem(models.Model):
    """One question on a quiz's draft paper."""

    quiz = models.ForeignKey(Quiz, models.CASCADE, related_name="items")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    points = models.PositiveSmallIntegerField(_("points"), default=1, validators=[MinValueValidator(1)])
    position = position_field()

    class Meta:
        verbose_name = _("question on the paper")
        verbose_name_plural = _("questions on the paper")
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["quiz", "question"], name="a_question_stands_once_on_a_paper")
        ]

    def __str__(self) -> str:
        return str(self.question)


class QuizVersion(models.Model):
    """One published, unchangeable paper of a quiz, its pass mark and policies (`paper` is a quizzes.paper.Paper)."""

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    paper = models.JSONField()
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
