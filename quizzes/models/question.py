from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from threading import Lock
from typing import NamedTuple, Self

from cachetools import LRUCache
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.history import History
from accounts.sentences import Sentence
from quizzes import bodies
from quizzes.bodies import Body
from quizzes.practice import TAG
from roadmap.keys import is_key
from roadmap.models import Resource, Topic
from roadmap.models.archive import Archivable
from roadmap.models.fields import key_field

BYTES_OF_BODIES = 16 * 1024 * 1024


def refuse_bad_tags(tags: object) -> None:
    """Raise ValidationError unless these are a list of keys, each once."""
    listed = tags if isinstance(tags, list) else [None]
    if not all(isinstance(tag, str) and is_key(tag) for tag in listed) or len(set(listed)) < len(listed):
        raise ValidationError(_("Tags are lower-case letters, digits and hyphens, each once."))


class _Kept(NamedTuple):
    body: Body
    size: int


# Versions never change, so what is kept here is never stale; a typed body takes about ten times its JSON.
_lock = Lock()
_bodies: LRUCache[int, _Kept] = LRUCache(BYTES_OF_BODIES, getsizeof=lambda kept: 10 * kept.size)


class QuestionQuerySet(models.QuerySet["Question"]):
    def unarchived(self) -> Self:
        return self.filter(archived_at=None)


class Question(Archivable):
    """One question, whatever its wording: its key and type never change; `draft` is what authors edit."""

    key = key_field(unique=True)
    type = models.CharField(_("type"), max_length=24, help_text=_("It can't change: make another question."))
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="questions", verbose_name=_("topic")
    )
    resource = models.ForeignKey(
        Resource,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("where to go back to"),
    )
    difficulty = models.PositiveSmallIntegerField(_("difficulty, 1 to 5"), default=3)
    tags = models.JSONField(
        _("tags"),
        default=list,
        db_default=[],
        blank=True,
        validators=[refuse_bad_tags],
        help_text=_("Words by which a pool finds it: lower-case letters, digits and hyphens."),
    )
    draft = models.JSONField(_("draft"), help_text=_("The typed body; its shape depends on the type."))

    objects = QuestionQuerySet.as_manager()
    history = History()

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

    def faults(self) -> list[Sentence]:
        """What keeps the draft from being published, one sentence each."""
        return [fault.sentence() for fault in bodies.faults(self.type, self.draft)]

    def body(self) -> Body:
        """The draft as a typed body; raises pydantic's ValidationError."""
        return bodies.body(self.type, self.draft)

    def next_version(self, before: QuestionVersion | None) -> QuestionVersion | None:
        """The version, not yet saved, that publishes the draft; None when `before` says the same already."""
        body = self.body()
        plain = body.model_dump(mode="json")
        if before is None:
            return QuestionVersion(question=self, number=1, body=plain)
        if before.body == plain:
            return None
        same_answer = bodies.body(self.type, before.body).key() == body.key()
        kind = EditKind.WORDING if same_answer else EditKind.ANSWER
        return QuestionVersion(question=self, number=before.number + 1, body=plain, edit_kind=kind)

    def is_published(self) -> bool:
        """True once it has a version: its key is kept for good."""
        return self.versions.exists()


class EditKind(models.TextChoices):
    FIRST = "first", _("first version")
    WORDING = "wording", _("wording only")
    ANSWER = "answer", _("the answer changed")


class QuestionVersionQuerySet(models.QuerySet["QuestionVersion"]):
    def newest(self) -> Self:
        """Per question the version published last."""
        return self.order_by("question_id", "-number").distinct("question_id")

    def corrected(self, at: datetime) -> Self:
        """Those published at this moment of which the right answer changed."""
        return (
            self.filter(published_at=at, edit_kind=EditKind.ANSWER).select_related("question").order_by("pk")
        )

    def drafted_for_practice(self, road: int) -> list[QuestionVersion]:
        """Versions, not yet saved, of the road's questions that are given for practice and whose draft differs.

        Questions on papers are published with them, others by this; drafts with faults are left out. Two queries.
        """
        given = Question.objects.unarchived().filter(topic__roadmap=road, tags__contains=[TAG]).order_by("pk")
        questions = {question.pk: question for question in given if not question.faults()}
        newest = {version.question_id: version for version in self.filter(question__in=questions).newest()}
        drafted = (question.next_version(newest.get(pk)) for pk, question in questions.items())
        return [version for version in drafted if version is not None]

    def publish_for_practice(self, road: int, by: User | None, now: datetime) -> None:
        """Publish them, in the transaction that publishes their road."""
        drafted = self.drafted_for_practice(road)
        for version in drafted:
            version.published_at, version.published_by = now, by
        self.bulk_create(drafted)

    def bodies(self, ids: Iterable[int]) -> dict[int, Body]:
        """The typed bodies of these versions by id: one query for those that this process has not kept."""
        wanted = set(ids)
        with _lock:
            found = {pk: _bodies[pk].body for pk in wanted if pk in _bodies}
        if missing := wanted - found.keys():
            text = Cast("body", models.TextField())
            rows = self.filter(pk__in=missing).values_list("pk", "question__type", text)
            read = {pk: _Kept(bodies.body(type_, json.loads(data)), len(data)) for pk, type_, data in rows}
            with _lock:
                _bodies.update(read)
            found |= {pk: kept.body for pk, kept in read.items()}
        return found


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

    objects = QuestionVersionQuerySet.as_manager()

    class Meta:
        ordering = ("question", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=["question", "number"], name="versions_of_a_question_are_numbered_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.question_id} v{self.number}"
