from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from roadmap.models import Resource, Topic
from roadmap.models.archive import Archivable
from roadmap.models.fields import key_field


class QuestionQuerySet(models.QuerySet["Question"]):
    def unarchived(self) -> Self:
        return self.filter(archived_at=None)


class Question(Archivable):
    """One question, whatever its wording: its key and type never change; `draft` is what authors edit."""

    key = key_field(unique=True)
    type = models.CharField(_("type"), max_length=24, help_text=_("It can't change: make another question."))
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="questions")
    resource = models.ForeignKey(
        Resource,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("where to go back to"),
    )
    difficulty = models.PositiveSmallIntegerField(_("difficulty, 1 to 5"), default=3)
    draft = models.JSONField(_("draft"), help_text=_("The typed body; its shape depends on the type."))

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ("key",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(difficulty__range=(1, 5)), name="difficulty_is_one_to_five"
            )
        ]

    def __str__(self) -> str:
        return self.key

    def is_published(self) -> bool:
        """True once it has a version: its key is kept for good."""
        return self.versions.exists()


class EditKind(models.TextChoices):
    FIRST = "first", _("first version")
    WORDING = "wording", _("wording only")
    ANSWER = "answer", _("the answer changed")


class QuestionVersion(models.Model):
    """One published, unchangeable wording of a question; attempts point here, so review shows what was seen."""

    question = models.ForeignKey(Question, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    body = models.JSONField()
    edit_kind = models.CharField(max_length=8, choices=EditKind.choices, default=EditKind.FIRST)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("question", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=["question", "number"], name="versions_of_a_question_are_numbered_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.question_id} v{self.number}"
