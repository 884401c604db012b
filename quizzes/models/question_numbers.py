from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from quizzes.health import LOOK_NOW, Alert, alerts
from quizzes.models.question import QuestionVersion
from quizzes.models.quiz import Quiz
from quizzes.statistics import Choice, ItemNumbers, Sureness


class QuestionNumbersQuerySet(models.QuerySet["QuestionNumbers"]):
    def asked(self) -> Self:
        """Of questions that stand on a paper which learners answer now."""
        return self.filter(is_on_paper=True, quiz__archived_at=None)

    def with_alerts(self) -> Self:
        return self.filter(attention__gt=0)

    def with_alert(self, code: str) -> Self:
        return self.filter(alerts__contains=[{"code": code}])

    def listed(self) -> Self:
        """With what a list says beside the numbers."""
        return self.select_related("version__question__topic", "quiz__roadmap", "quiz__stage")


class QuestionNumbers(models.Model):
    """What first attempts at one quiz say of one version of a question; made anew by each count, so it may be deleted.

    Shares are 0 to 1, and NULL where ten people are not reached or nothing can be said. `choices` maps the key of an
    option to [chosen by all, by the best 27 %, by the weakest 27 %], which are `top` and `bottom` people; `confidence`
    maps 1 guessed, 2 unsure, 3 sure to [how many, how many of them were right]. `alerts` is a list of {code, weight,
    values} as quizzes.health gives them; `attention` is the weight of the gravest.
    """

    quiz = models.ForeignKey(Quiz, models.CASCADE, related_name="question_numbers")
    version = models.ForeignKey(QuestionVersion, models.CASCADE, related_name="numbers")
    is_on_paper = models.BooleanField()
    people = models.PositiveIntegerField(_("people"))
    blanks = models.PositiveIntegerField()
    facility = models.FloatField(_("right"), null=True)
    deviation = models.FloatField(null=True)
    discrimination = models.FloatField(_("tells apart"), null=True)
    weight = models.FloatField(null=True)
    intended_weight = models.FloatField(null=True)
    median_seconds = models.PositiveIntegerField(_("middle time"), null=True)
    top = models.PositiveIntegerField()
    bottom = models.PositiveIntegerField()
    choices = models.JSONField(default=dict)
    confidence = models.JSONField(default=dict)
    alerts = models.JSONField(default=list)
    attention = models.PositiveSmallIntegerField(default=0)

    objects = QuestionNumbersQuerySet.as_manager()

    class Meta:
        verbose_name = _("numbers of a question")
        verbose_name_plural = _("numbers of questions")
        ordering = ("-attention", "discrimination", "id")
        constraints = [
            models.UniqueConstraint(fields=["quiz", "version"], name="a_version_is_counted_once_per_quiz")
        ]
        indexes = [
            models.Index(
                fields=["-attention", "discrimination", "id"],
                condition=models.Q(is_on_paper=True),
                name="asked_questions_by_attention",
            )
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id}/{self.version_id}"

    @classmethod
    def counted(  # what a row is made of, each by its name
        cls,
        quiz_id: int,
        version_id: int,
        *,
        numbers: ItemNumbers,
        options: Mapping[str, bool],
        usual_seconds: float | None,
        is_on_paper: bool,
    ) -> Self:
        """A row, not yet saved; `options` are the question's in the author's order, and which are right."""
        found = alerts(numbers, options, usual_seconds)
        return cls(
            quiz_id=quiz_id,
            version_id=version_id,
            is_on_paper=is_on_paper,
            people=numbers.people,
            blanks=numbers.blanks,
            facility=numbers.facility,
            deviation=numbers.deviation,
            discrimination=numbers.discrimination,
            weight=numbers.weight,
            intended_weight=numbers.intended_weight,
            median_seconds=numbers.median_seconds,
            top=numbers.top,
            bottom=numbers.bottom,
            choices={key: [one.all, one.top, one.bottom] for key, one in sorted(numbers.choices.items())},
            confidence={str(key): [one.all, one.right] for key, one in sorted(numbers.confidence.items())},
            alerts=[alert._asdict() for alert in found],
            attention=max((alert.weight for alert in found), default=0),
        )

    # Questions

    @cached_property
    def numbers(self) -> ItemNumbers:
        """The row as the plain modules know it."""
        return ItemNumbers(
            people=self.people,
            blanks=self.blanks,
            facility=self.facility,
            deviation=self.deviation,
            discrimination=self.discrimination,
            weight=self.weight,
            intended_weight=self.intended_weight,
            median_seconds=self.median_seconds,
            top=self.top,
            bottom=self.bottom,
            choices={key: Choice(*counts) for key, counts in self.choices.items()},
            confidence={int(key): Sureness(*counts) for key, counts in self.confidence.items()},
        )

    @property
    def to_look_at(self) -> tuple[Alert, ...]:
        """What an author should look at, the gravest first."""
        return tuple(Alert(**alert) for alert in self.alerts)

    @property
    def is_enough(self) -> bool:
        return self.numbers.is_enough

    @property
    def is_grave(self) -> bool:
        return self.attention >= LOOK_NOW


COUNTED = [
    field.name
    for field in QuestionNumbers._meta.concrete_fields  # noqa: SLF001  # Django's own way to a model's fields
    if field.name not in {"id", "quiz", "version"}
]
