from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.history import History
from quizzes.models.question import Question, QuestionVersion
from quizzes.paper import PaperQuestion
from roadmap.models.fields import position_field


class PaperItem(models.Model):
    """One question on a quiz's draft paper."""

    quiz = models.ForeignKey("quizzes.Quiz", models.CASCADE, related_name="items")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", verbose_name=_("question"))
    points = models.PositiveSmallIntegerField(_("points"), default=1, validators=[MinValueValidator(1)])
    position = position_field()

    history = History()

    class Meta:
        verbose_name = _("question on the paper")
        verbose_name_plural = _("questions on the paper")
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["quiz", "question"], name="a_question_stands_once_on_a_paper")
        ]

    def __str__(self) -> str:
        return str(self.question)


def on_paper(question: Question, version: QuestionVersion, points: int, pool: str = "") -> PaperQuestion:
    """The question as a published paper names it."""
    return PaperQuestion(
        question=question.key,
        version=version.pk,
        points=points,
        topic=question.topic.key if question.topic else None,
        resource=question.resource.key if question.resource else None,
        options=question.body().option_keys(),
        pool=pool,
    )
