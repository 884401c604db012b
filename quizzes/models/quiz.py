from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.models.history import History
from accounts.sentences import Sentence, ngettext, sentence
from quizzes.models.question import Question, QuestionVersion
from quizzes.paper import Paper, PaperQuestion
from quizzes.refusals import AttemptRefusedError, NotPublishedError, QuizHasFaultsError
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
            models.CheckConstraint(
                condition=models.Q(pass_percent__range=(1, 100)), name="pass_mark_is_one_to_hundred"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    # Acts

    @transaction.atomic
    def publish(self, by: User | None, now: datetime) -> QuizVersion:
        """Freeze the draft: new versions of the questions that changed, then of the paper unless it is the same.

        Answers the version that learners take from now on; attempts under way keep theirs. Raises QuizHasFaultsError.
        """
        locked = Quiz.objects.select_for_update(no_key=True).get(pk=self.pk)
        self.current_version = locked.current_version  # somebody else may have published since it was read
        self._lock_questions()
        items = self._items()
        if faults := list(self._faults(items)):
            raise QuizHasFaultsError(faults)
        paper = self._paper(items, self._publish_questions(items, by, now))
        current = self.current_version
        if current is None or current.digest != paper.digest():
            number = (self.versions.aggregate(models.Max("number"))["number__max"] or 0) + 1
            self.current_version = self.versions.create(
                number=number,
                paper=paper.model_dump(mode="json"),
                digest=paper.digest(),
                published_at=now,
                published_by=by,
            )
            self.save(update_fields=["current_version"])
        return self.studied_version()

    # Questions

    def is_published(self) -> bool:
        """True once it has a version: its key is kept for good."""
        return self.current_version_id is not None

    def is_changed(self) -> bool:
        """True when publishing the draft, which has no faults, would write a new version."""
        items = self._items()
        newest = self._newest_versions(items)
        if any(item.question.next_version(newest.get(item.question_id)) for item in items):
            return True
        current = self.current_version
        return current is None or current.digest != self._paper(items, newest).digest()

    def faults(self) -> list[Sentence]:
        """What keeps the draft from being published: one sentence each, naming the question it is about."""
        return list(self._faults(self._items()))

    def studied_version(self) -> QuizVersion:
        """The version that learners answer; raises NotPublishedError."""
        if self.current_version is None or self.archived_at is not None:
            raise NotPublishedError
        return self.current_version

    def refusal(self, finished: Sequence[datetime], now: datetime) -> AttemptRefusedError | None:
        """Why a person who finished attempts at these moments may not begin another at `now`; None when she may."""
        try:
            paper = self.studied_version().sheet
        except NotPublishedError as refused:
            return refused
        return paper.refusal(len(finished), max(finished, default=None), now)

    # Helpers

    def _lock_questions(self) -> None:
        """Another road's quiz may have the same question: its versions are numbered one after the other.

        Rows are locked by id, after the quiz, which is the order that `Draft.lock` keeps for all quizzes of a road.
        """
        asked = Question.objects.filter(pk__in=self.items.values("question")).order_by("pk")
        list(asked.select_for_update(no_key=True).values("pk"))

    def _items(self) -> list[PaperItem]:
        return list(self.items.select_related("question__topic", "question__resource"))

    def _faults(self, items: Sequence[PaperItem]) -> Iterator[Sentence]:
        if not items:
            yield sentence(gettext_noop("The quiz has no questions."))
        if self.draw is not None and not 1 <= self.draw <= max(len(items), 1):
            yield ngettext(
                "The quiz draws %(count)s question but has %(has)s.",
                "The quiz draws %(count)s questions but has %(has)s.",
                self.draw,
                has=len(items),
            )
        for item in items:
            if item.question.archived_at is not None:
                yield _of(item, sentence(gettext_noop("It is archived; take it off the paper.")))
            yield from (_of(item, fault) for fault in item.question.faults())

    def _publish_questions(
        self, items: Sequence[PaperItem], by: User | None, now: datetime
    ) -> dict[int, QuestionVersion]:
        """The newest version of each question by question id, written where the draft differs from it."""
        newest = self._newest_versions(items)
        changed = []
        for item in items:
            version = item.question.next_version(newest.get(item.question_id))
            if version is not None:
                version.published_at, version.published_by = now, by
                changed.append(version)
        QuestionVersion.objects.bulk_create(changed, batch_size=200)
        return newest | {version.question_id: version for version in changed}

    def _newest_versions(self, items: Sequence[PaperItem]) -> dict[int, QuestionVersion]:
        on_paper = QuestionVersion.objects.newest().filter(question__in=[item.question_id for item in items])
        return {version.question_id: version for version in on_paper}

    def _paper(self, items: Sequence[PaperItem], versions: Mapping[int, QuestionVersion]) -> Paper:
        return Paper(
            title=self.title,
            pass_percent=self.pass_percent,
            attempts_limit=self.attempts_limit,
            cooldown_hours=self.cooldown_hours,
            time_limit_minutes=self.time_limit_minutes,
            grace_seconds=self.grace_seconds,
            draw=self.draw,
            shuffle=self.shuffle,
            questions=tuple(item.on_paper(versions[item.question_id]) for item in items),
        )


def _of(item: PaperItem, fault: Sentence) -> Sentence:
    return sentence(gettext_noop("%(question)s: %(fault)s"), question=item.question.key, fault=fault)


class PaperItem(models.Model):
    """One question on a quiz's draft paper."""

    quiz = models.ForeignKey(Quiz, models.CASCADE, related_name="items")
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

    def on_paper(self, version: QuestionVersion) -> PaperQuestion:
        """The question as a published paper names it."""
        question = self.question
        return PaperQuestion(
            question=question.key,
            version=version.pk,
            points=self.points,
            topic=question.topic.key if question.topic else None,
            resource=question.resource.key if question.resource else None,
            options=question.body().option_keys(),
        )


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

    @cached_property
    def sheet(self) -> Paper:
        """The frozen paper, typed."""
        return Paper.model_validate(self.paper)
