from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.history import History
from quizzes.models.question import Question
from quizzes.paper import Pool
from roadmap.models import Topic
from roadmap.models.fields import key_field, position_field


class PaperPool(models.Model):
    """One pool on a quiz's draft paper: each attempt draws `count` of the questions that fit all it asks for.

    What it does not ask for (no topic, no tag) fits always; questions that stand on the paper by themselves are never
    drawn from a pool.
    """

    quiz = models.ForeignKey("quizzes.Quiz", models.CASCADE, related_name="pools")
    key = key_field()
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("topic")
    )
    tag = models.CharField(_("tag"), max_length=80, blank=True)
    difficulty_from = models.PositiveSmallIntegerField(
        _("difficulty from"), default=1, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    difficulty_to = models.PositiveSmallIntegerField(
        _("to"), default=5, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    count = models.PositiveSmallIntegerField(
        _("questions drawn"), default=1, validators=[MinValueValidator(1)]
    )
    points = models.PositiveSmallIntegerField(_("points each"), default=1, validators=[MinValueValidator(1)])
    position = position_field()

    history = History()

    class Meta:
        verbose_name = _("pool on the paper")
        verbose_name_plural = _("pools on the paper")
        ordering = ("position", "id")
        constraints = [models.UniqueConstraint(fields=["quiz", "key"], name="one_pool_per_key_and_quiz")]

    def __str__(self) -> str:
        return self.key

    def clean(self) -> None:
        """Refuse a span of difficulty that runs backwards."""
        if (
            None not in (self.difficulty_from, self.difficulty_to)
            and self.difficulty_from > self.difficulty_to
        ):
            raise ValidationError({"difficulty_to": _("The first of the two can't be above the second.")})

    def on_paper(self) -> Pool:
        """The pool as a published paper names it."""
        return Pool(
            name=self.key,
            count=self.count,
            points=self.points,
            topic=self.topic.key if self.topic else None,
            tag=self.tag,
            difficulty_from=self.difficulty_from,
            difficulty_to=self.difficulty_to,
        )

    def takes(self, question: Question) -> bool:
        """Whether this question fits all that the pool asks for."""
        return (
            (self.topic_id is None or question.topic_id == self.topic_id)
            and (not self.tag or self.tag in question.tags)
            and self.difficulty_from <= question.difficulty <= self.difficulty_to
        )
