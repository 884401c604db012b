from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from quizzes.models.attempt import Attempt
from quizzes.models.grading import Grading, GradingKind
from quizzes.models.question import Question, QuestionVersion
from quizzes.refusals import AppealAnsweredError, AppealRefusedError, TooManyAppealsError
from quizzes.result import Answered, HandMark
from quizzes.review import Item

MOST_A_DAY = 10
LONGEST = 2000


class AppealState(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    UPHELD = "upheld", _("Upheld")
    DECLINED = "declined", _("Declined")


class AppealQuerySet(models.QuerySet["Appeal"]):
    def open(self) -> Self:
        return self.filter(state=AppealState.OPEN)

    def answered(self) -> Self:
        return self.exclude(state=AppealState.OPEN)

    def for_authors(self) -> Self:
        """Those that the question's authors are to read, as long as its wording is the newest there is."""
        newer = QuestionVersion.objects.filter(
            question=models.OuterRef("question__question"), number__gt=models.OuterRef("question__number")
        )
        return self.filter(~models.Exists(newer), tells_authors=True)

    def about(self, question: Question) -> Self:
        return self.filter(question__question=question)

    @transaction.atomic
    def begin(self, attempt: Attempt, slot: int, text: str, now: datetime) -> Appeal:
        """Say that an answer was marked wrongly, and why; doing it again changes nothing.

        Raises AppealRefusedError where there is nothing to appeal, and TooManyAppealsError.
        """
        User.objects.get_queryset().select_for_update(no_key=True).get(pk=attempt.person_id)
        if before := self.filter(attempt=attempt, slot=slot).first():
            return before
        version = _version(attempt, slot, now)
        today = self.filter(attempt__person=attempt.person_id, raised_at__gt=now - timedelta(days=1))
        if today.count() >= MOST_A_DAY:
            raise TooManyAppealsError
        return self.create(attempt=attempt, slot=slot, question_id=version, text=text, raised_at=now)


def may_appeal(answer: Answered) -> bool:
    """Whether there is anything to appeal: it is marked, the mark may be seen, and it is not the highest."""
    return Item.CORRECTNESS in answer.seen and not answer.mark.waits and not answer.mark.is_full


def _version(attempt: Attempt, slot: int, now: datetime) -> int:
    """The wording that is appealed."""
    if not attempt.is_finished or attempt.points is None or attempt.is_abandoned or attempt.set_aside_at:
        raise AppealRefusedError
    answer = next((row for row in attempt.result(attempt.seen(now)).answered if row.slot.slot == slot), None)
    if answer is None or not may_appeal(answer):
        raise AppealRefusedError
    return answer.slot.version


class Appeal(models.Model):
    """A learner's word that her answer at this slot was marked wrongly, and what a mentor said to it; one per slot.

    `text` never changes; the answer is written once. `question` is the wording she answered. `seen_at` is when she
    opened the answer.
    """

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="appeals")
    slot = models.PositiveSmallIntegerField()
    question = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="appeals")
    text = models.TextField(_("why"), max_length=LONGEST)
    raised_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=AppealState.choices, default=AppealState.OPEN)
    answer = models.TextField(_("answer"), blank=True, max_length=LONGEST)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    tells_authors = models.BooleanField(default=False)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ("raised_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["attempt", "slot"], name="an_answer_is_appealed_once"),
            models.CheckConstraint(
                condition=models.Q(state=AppealState.OPEN, answered_at=None, answer="")
                | (~models.Q(state=AppealState.OPEN) & models.Q(answered_at__isnull=False)),
                name="an_appeal_is_open_until_it_is_answered",
            ),
        ]
        indexes = [
            models.Index(
                fields=["raised_at"], condition=models.Q(state=AppealState.OPEN), name="open_appeals_by_age"
            ),
            models.Index(
                fields=["answered_at"],
                condition=models.Q(answered_at__isnull=False, seen_at=None),
                name="answers_to_appeals_unseen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id}/{self.slot}"

    @property
    def is_open(self) -> bool:
        return self.state == AppealState.OPEN

    @transaction.atomic
    def decline(self, answer: str, *, by: User, tells_authors: bool, now: datetime) -> None:
        """Leave the mark as it is, and say why. Raises AppealAnsweredError."""
        self._answer(AppealState.DECLINED, answer, by, tells_authors, now)

    @transaction.atomic
    def uphold(
        self, points: Decimal, answer: str, *, seen: int, by: User, tells_authors: bool, now: datetime
    ) -> None:
        """Give the answer these points. Raises AppealAnsweredError, and as Grading.objects.change does."""
        stands = Grading.objects.filter(attempt=self.attempt_id).newest().get().by_slot()[self.slot]
        mark = HandMark(points, stands.comment)
        Grading.objects.change(self.attempt, {self.slot: mark}, GradingKind.APPEAL, seen=seen, by=by, now=now)
        self._answer(AppealState.UPHELD, answer, by, tells_authors, now)

    def _answer(self, state: AppealState, answer: str, by: User, tells_authors: bool, now: datetime) -> None:
        found = Appeal.objects.open().filter(pk=self.pk)
        told = {"state": state, "answer": answer, "answered_at": now, "answered_by": by}
        if not found.update(**told, tells_authors=tells_authors):
            raise AppealAnsweredError
        self.refresh_from_db()
