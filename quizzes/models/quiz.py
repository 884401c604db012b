from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError as PydanticError

from accounts.models import User
from accounts.models.history import History
from accounts.sentences import Sentence
from quizzes import paper
from quizzes.models.papers import CHUNK, Papers, lock_questions
from quizzes.models.quiz_version import QuizVersion
from quizzes.paper import NOTHING_EXTRA, Allowance, Paper, Policies
from quizzes.refusals import AttemptRefusedError, NotPublishedError, QuizHasFaultsError
from quizzes.review import ReviewPolicy
from roadmap.models import Roadmap, Stage
from roadmap.models.archive import Archivable
from roadmap.models.fields import key_field


class Purpose(models.TextChoices):
    STAGE = paper.Purpose.STAGE.value, _("to pass its stage")
    PLACEMENT = paper.Purpose.PLACEMENT.value, _("to find out which stages are known already")


class Overtime(models.TextChoices):
    HAND_IN = paper.Overtime.HAND_IN.value, _("what is saved is handed in")
    GRACE = paper.Overtime.GRACE.value, _("it may be handed in for a while, but not changed")
    ABANDON = paper.Overtime.ABANDON.value, _("what was not handed in earns nothing")


class Score(models.TextChoices):
    BEST = paper.Score.BEST.value, _("the best one")
    LAST = paper.Score.LAST.value, _("the last one")
    FIRST = paper.Score.FIRST.value, _("the first one")
    AVERAGE = paper.Score.AVERAGE.value, _("the average of all")


def refuse_bad_review(review: object) -> None:
    """Raise ValidationError unless this is a review policy as plain JSON, or empty."""
    try:
        ReviewPolicy.model_validate(review or {})
    except PydanticError as invalid:
        raise ValidationError(_("There is no such window or item.")) from invalid


class QuizQuerySet(models.QuerySet["Quiz"]):
    def unarchived(self) -> Self:
        return self.filter(archived_at=None)

    def of_road(self, road_key: str) -> Self:
        return self.filter(roadmap__key=road_key)

    def changed(self) -> list[Quiz]:
        """Those of which publishing the draft, which has no faults, would write a new version; three queries."""
        quizzes = list(self.select_related("current_version"))
        papers = Papers(quizzes)
        return [quiz for quiz in quizzes if papers.is_changed(quiz)]

    @transaction.atomic
    def publish(self, by: User | None, now: datetime) -> list[Quiz]:
        """Freeze these drafts, all or none: new versions of questions that changed, then of papers that differ.

        As many queries for many quizzes as for one. Raises QuizHasFaultsError for the first that has faults.
        """
        quizzes = list(self.order_by("pk").select_for_update(no_key=True, of=("self",)))
        lock_questions(quizzes)
        papers = Papers(quizzes)
        for quiz in quizzes:
            if faults := list(papers.faults(quiz)):
                raise QuizHasFaultsError(faults, quiz.pk)
        papers.publish_questions(by, now)
        self.model.objects.bulk_update(papers.publish(by, now), ["current_version"], batch_size=CHUNK)
        for quiz in papers.ending_later:  # rarely one: attempts under way may go on as long
            quiz.attempts.keep_up(by, "", now)
        return quizzes


class Quiz(Archivable):
    """One quiz as its authors edit it; learners answer the version that `current_version` names."""

    roadmap = models.ForeignKey(Roadmap, models.CASCADE, related_name="quizzes", verbose_name=_("road"))
    stage = models.ForeignKey(
        Stage, models.PROTECT, null=True, blank=True, related_name="quizzes", verbose_name=_("stage")
    )
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
    purpose = models.CharField(
        _("what it is for"),
        max_length=12,
        choices=Purpose.choices,
        default=Purpose.STAGE,
        db_default=Purpose.STAGE,
    )
    available_until = models.DateTimeField(
        _("can be taken until"), null=True, blank=True, help_text=_("Empty: always.")
    )
    overtime = models.CharField(
        _("when time is over"),
        max_length=8,
        choices=Overtime.choices,
        default=Overtime.HAND_IN,
        db_default=Overtime.HAND_IN,
    )
    overtime_minutes = models.PositiveSmallIntegerField(
        _("minutes to hand in"),
        default=0,
        db_default=0,
        help_text=_("Only where it may be handed in for a while."),
    )
    score = models.CharField(
        _("what counts of several attempts"),
        max_length=8,
        choices=Score.choices,
        default=Score.BEST,
        db_default=Score.BEST,
    )
    per_page = models.PositiveSmallIntegerField(
        _("questions on a page"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: all of them."),
    )
    asks_confidence = models.BooleanField(_("ask how sure the learner is"), default=False, db_default=False)
    review = models.JSONField(
        _("what a result shows, and when"),
        default=dict,
        db_default={},
        blank=True,
        validators=[refuse_bad_review],
        help_text=_("Empty: everything, once handed in."),
    )
    current_version = models.ForeignKey(
        "quizzes.QuizVersion", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = QuizQuerySet.as_manager()
    history = History(excluded_fields=["current_version"])

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
            models.UniqueConstraint(
                fields=["roadmap"],
                condition=models.Q(archived_at=None, purpose=paper.Purpose.PLACEMENT.value),
                name="a_road_has_one_living_quiz_for_placement",
            ),
            models.CheckConstraint(
                condition=models.Q(pass_percent__range=(1, 100)), name="pass_mark_is_one_to_hundred"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    # Acts

    def publish(self, by: User | None, now: datetime) -> QuizVersion:
        """Freeze the draft: new versions of the questions that changed, then of the paper unless it is the same.

        Answers the version that learners take from now on; attempts under way keep theirs. Raises QuizHasFaultsError.
        """
        [published] = Quiz.objects.filter(pk=self.pk).publish(by, now)
        self.current_version = published.current_version
        return self.studied_version()

    # Questions

    def is_published(self) -> bool:
        """True once it has a version: its key is kept for good."""
        return self.current_version_id is not None

    def is_changed(self) -> bool:
        """True when publishing the draft, which has no faults, would write a new version."""
        return Papers([self]).is_changed(self)

    def faults(self) -> list[Sentence]:
        """What keeps the draft from being published: one sentence each, naming the question it is about."""
        return list(Papers([self]).faults(self))

    def studied_version(self) -> QuizVersion:
        """The version that learners answer; raises NotPublishedError."""
        if self.current_version is None or self.archived_at is not None:
            raise NotPublishedError
        return self.current_version

    def is_studied_as(self, paper: Paper) -> bool:
        """True when this is the very paper that learners take now."""
        current = self.current_version
        return current is not None and (current.digest == paper.digest() or current.sheet.asks_as(paper))

    def refusal(
        self, finished: Sequence[datetime], now: datetime, allowance: Allowance = NOTHING_EXTRA
    ) -> AttemptRefusedError | None:
        """Why a person who finished attempts at these moments may not begin another at `now`; None when she may."""
        try:
            sheet = self.studied_version().sheet
        except NotPublishedError as refused:
            return refused
        return sheet.refusal(len(finished), max(finished, default=None), now, allowance)

    def policies(self) -> dict[str, Any]:
        """How it is taken, by the names of quizzes.paper.Policies."""
        told = {name: getattr(self, name) for name in Policies.model_fields}
        minutes = self.overtime_minutes if self.overtime == Overtime.GRACE else 0
        return told | {"overtime_minutes": minutes, "review": self.review_policy()}

    def review_policy(self) -> ReviewPolicy:
        """What its results show, and when."""
        return ReviewPolicy.model_validate(self.review or {})
