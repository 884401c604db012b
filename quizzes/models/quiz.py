from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.models.history import History
from accounts.sentences import Sentence, ngettext, sentence
from quizzes.models.paper_item import PaperItem
from quizzes.models.question import Question, QuestionVersion
from quizzes.models.quiz_version import QuizVersion
from quizzes.paper import Paper
from quizzes.refusals import AttemptRefusedError, NotPublishedError, QuizHasFaultsError
from roadmap.models import Roadmap, Stage
from roadmap.models.archive import Archivable
from roadmap.models.fields import key_field

CHUNK = 200


class QuizQuerySet(models.QuerySet["Quiz"]):
    def unarchived(self) -> Self:
        return self.filter(archived_at=None)

    def of_road(self, road_key: str) -> Self:
        return self.filter(roadmap__key=road_key)

    def changed(self) -> list[Quiz]:
        """Those of which publishing the draft, which has no faults, would write a new version; three queries."""
        quizzes = list(self.select_related("current_version"))
        papers = _Papers(quizzes)
        return [quiz for quiz in quizzes if papers.is_changed(quiz)]

    @transaction.atomic
    def publish(self, by: User | None, now: datetime) -> list[Quiz]:
        """Freeze these drafts, all or none: new versions of questions that changed, then of papers that differ.

        As many queries for many quizzes as for one. Raises QuizHasFaultsError for the first that has faults.
        """
        quizzes = list(self.order_by("pk").select_for_update(no_key=True, of=("self",)))
        _lock_questions(quizzes)
        papers = _Papers(quizzes)
        for quiz in quizzes:
            if faults := list(quiz.faults_among(papers.items[quiz.pk])):
                raise QuizHasFaultsError(faults, quiz.pk)
        papers.publish_questions(by, now)
        papers.publish(by, now)
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
        return _Papers([self]).is_changed(self)

    def faults(self) -> list[Sentence]:
        """What keeps the draft from being published: one sentence each, naming the question it is about."""
        return list(self.faults_among(_items_of([self])))

    def faults_among(self, items: Sequence[PaperItem]) -> Iterator[Sentence]:
        """What keeps the draft from being published with these questions on its paper."""
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

    def studied_version(self) -> QuizVersion:
        """The version that learners answer; raises NotPublishedError."""
        if self.current_version is None or self.archived_at is not None:
            raise NotPublishedError
        return self.current_version

    def is_studied_as(self, paper: Paper) -> bool:
        """True when this is the very paper that learners take now."""
        return self.current_version is not None and self.current_version.digest == paper.digest()

    def refusal(self, finished: Sequence[datetime], now: datetime) -> AttemptRefusedError | None:
        """Why a person who finished attempts at these moments may not begin another at `now`; None when she may."""
        try:
            paper = self.studied_version().sheet
        except NotPublishedError as refused:
            return refused
        return paper.refusal(len(finished), max(finished, default=None), now)


class _Papers:
    """What publishing quizzes reads: what stands on their papers, and each question's newest version; two queries."""

    def __init__(self, quizzes: Sequence[Quiz]) -> None:
        self.quizzes = quizzes
        self.items: dict[int, list[PaperItem]] = defaultdict(list)
        for item in _items_of(quizzes):
            self.items[item.quiz_id].append(item)
        self.questions = {item.question_id: item.question for one in self.items.values() for item in one}
        found = QuestionVersion.objects.newest().filter(question__in=self.questions)
        self.newest = {version.question_id: version for version in found}

    def publish_questions(self, by: User | None, now: datetime) -> None:
        """Write the drafts of questions that differ from their newest version; the new one is then the newest."""
        changed = []
        for pk, question in sorted(self.questions.items()):
            version = question.next_version(self.newest.get(pk))
            if version is not None:
                version.published_at, version.published_by = now, by
                changed.append(version)
        QuestionVersion.objects.bulk_create(changed, batch_size=CHUNK)
        self.newest |= {version.question_id: version for version in changed}

    def publish(self, by: User | None, now: datetime) -> None:
        """Write the papers that differ from what learners take; their questions are published."""
        papers = {quiz: self.paper(quiz) for quiz in self.quizzes}
        last = _newest_versions(self.quizzes)
        differing = [quiz for quiz, paper in papers.items() if not quiz.is_studied_as(paper)]
        new = [
            QuizVersion(
                quiz=quiz,
                number=last[quiz.pk].number + 1 if quiz.pk in last else 1,
                paper=papers[quiz].model_dump(mode="json"),
                digest=papers[quiz].digest(),
                published_at=now,
                published_by=by,
            )
            for quiz in differing
        ]
        QuizVersion.objects.bulk_create(new, batch_size=CHUNK)
        for quiz, version in zip(differing, new, strict=True):
            quiz.current_version = version
        Quiz.objects.bulk_update(differing, ["current_version"], batch_size=CHUNK)

    def is_changed(self, quiz: Quiz) -> bool:
        """True when a question or the paper differs from what learners take."""
        if any(self._differs(item.question) for item in self.items[quiz.pk]):
            return True
        return not quiz.is_studied_as(self.paper(quiz))

    def paper(self, quiz: Quiz) -> Paper:
        """The paper as it would be frozen; its questions are published."""
        return Paper(
            title=quiz.title,
            pass_percent=quiz.pass_percent,
            attempts_limit=quiz.attempts_limit,
            cooldown_hours=quiz.cooldown_hours,
            time_limit_minutes=quiz.time_limit_minutes,
            grace_seconds=quiz.grace_seconds,
            draw=quiz.draw,
            shuffle=quiz.shuffle,
            questions=tuple(item.on_paper(self.newest[item.question_id]) for item in self.items[quiz.pk]),
        )

    def _differs(self, question: Question) -> bool:
        return question.next_version(self.newest.get(question.pk)) is not None


def _items_of(quizzes: Iterable[Quiz]) -> list[PaperItem]:
    items = PaperItem.objects.filter(quiz__in=[quiz.pk for quiz in quizzes])
    return list(items.select_related("question__topic", "question__resource"))


def _lock_questions(quizzes: Iterable[Quiz]) -> None:
    """Another road's quiz may have the same question: its versions are numbered one after the other.

    Rows are locked by id, after the quizzes, which is the order that `Draft.lock` keeps.
    """
    on_paper = PaperItem.objects.filter(quiz__in=[quiz.pk for quiz in quizzes]).values("question")
    asked = Question.objects.filter(pk__in=on_paper).order_by("pk")
    list(asked.select_for_update(no_key=True).values("pk"))


def _newest_versions(quizzes: Iterable[Quiz]) -> dict[int, QuizVersion]:
    """The version of each quiz that was published last, by the quiz's id; a quiz that is studied as it, knows it."""
    versions = QuizVersion.objects.filter(quiz__in=[quiz.pk for quiz in quizzes])
    newest = {found.quiz_id: found for found in versions.order_by("quiz_id", "-number").distinct("quiz_id")}
    for quiz in quizzes:
        if quiz.pk in newest and newest[quiz.pk].pk == quiz.current_version_id:
            quiz.current_version = newest[quiz.pk]
    return newest


def _of(item: PaperItem, fault: Sentence) -> Sentence:
    return sentence(gettext_noop("%(question)s: %(fault)s"), question=item.question.key, fault=fault)
