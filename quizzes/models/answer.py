from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID, uuid5

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.append_only import ERASING, NO_LONGER_ERASING
from quizzes.marking import is_given
from quizzes.models.attempt import Attempt
from quizzes.saves import LAST, SavedItem

KEPT_AFTER_FINISHING = timedelta(days=30)

_THIN = """
DELETE FROM quizzes_answer WHERE id IN (
  SELECT old.id FROM quizzes_answer old JOIN quizzes_attempt attempt ON attempt.id = old.attempt_id
   WHERE attempt.finished_at < %s AND NOT old.is_late AND NOT old.is_overtaken AND EXISTS (
     SELECT FROM quizzes_answer newer
      WHERE newer.attempt_id = old.attempt_id AND newer.slot = old.slot AND NOT newer.is_late AND NOT newer.is_overtaken
        AND (newer.epoch, newer.sequence, newer.id) > (old.epoch, old.sequence, old.id))
   LIMIT %s)
"""


class Confidence(models.IntegerChoices):
    """How sure a learner says she is; it never counts."""

    GUESSED = 1, _("I guessed")
    UNSURE = 2, _("not sure")
    SURE = 3, _("sure")


class AnswerQuerySet(models.QuerySet["Answer"]):
    def that_count(self) -> Self:
        """Neither late nor from an overtaken page."""
        return self.filter(is_late=False, is_overtaken=False)

    def late(self) -> Self:
        return self.filter(is_late=True)

    def overtaken(self) -> Self:
        return self.filter(is_overtaken=True)

    def newest(self) -> Self:
        """Per attempt and slot the one save with the highest (epoch, sequence)."""
        return self.order_by("attempt_id", "slot", "-epoch", "-sequence", "-id").distinct(
            "attempt_id", "slot"
        )

    def differences(self) -> list[Difference]:
        """Of one attempt's answers: where an overtaken page said something else than what counts, by slot.

        Each until its learner chose. One query where no page was overtaken, three else.
        """
        overtaken = [answer for answer in self.overtaken().newest() if is_given(answer.value)]
        if not overtaken:
            return []
        mine = self.that_count().filter(slot__in=[answer.slot for answer in overtaken])
        counting = {answer.slot: answer for answer in mine.newest()}
        found = [Difference(answer, counting.get(answer.slot)) for answer in overtaken]
        chosen = mine.filter(client_id__in=[difference.choice_id for difference in found])
        decided = set(chosen.values_list("client_id", flat=True))
        return [row for row in found if row.is_one and row.choice_id not in decided]

    def thin(self, now: datetime, chunk: int = 5000) -> int:
        """Delete saves that a newer one replaced, of attempts finished 30 days ago: they never counted. How many."""
        total = 0
        while True:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(ERASING)
                cursor.execute(_THIN, [now - KEPT_AFTER_FINISHING, chunk])
                count: int = cursor.rowcount
                cursor.execute(NO_LONGER_ERASING)
            total += count
            if count < chunk:
                return total


class Answer(models.Model):
    """One save of one slot of an attempt; rows are only added, per slot the highest (epoch, sequence) counts.

    `client_id` is made by the page for each save, so that a repeated request writes nothing new.
    A late answer arrived after deadline and grace, an overtaken one from a page that another one had replaced: both are
    kept and shown, neither is marked.
    """

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="answers")
    slot = models.PositiveSmallIntegerField(_("slot"))
    client_id = models.UUIDField()
    epoch = models.PositiveIntegerField()
    sequence = models.PositiveBigIntegerField()
    value = models.JSONField(null=True)
    saved_at = models.DateTimeField()
    is_late = models.BooleanField(default=False)
    is_overtaken = models.BooleanField(default=False, db_default=False)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True, choices=Confidence.choices)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ("attempt", "slot", "epoch", "sequence")
        constraints = [
            models.UniqueConstraint(fields=["attempt", "client_id"], name="a_save_is_written_once")
        ]
        indexes = [
            models.Index(fields=["attempt", "slot", "-epoch", "-sequence"], name="newest_answer_of_a_slot")
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id}/{self.slot}"


@dataclass(frozen=True, slots=True)
class Difference:
    """One slot for which an overtaken page and the newest one said different things.

    The learner chooses by a save that bears the name `choice_id`, whichever she takes, so that she is asked once.
    """

    overtaken: Answer
    counting: Answer | None

    @property
    def slot(self) -> int:
        return self.overtaken.slot

    @property
    def is_one(self) -> bool:
        return self.counting is None or self.counting.value != self.overtaken.value

    @property
    def choice_id(self) -> UUID:
        return uuid5(self.overtaken.client_id, "chosen")

    def choice(self, epoch: int, *, takes_overtaken: bool) -> SavedItem:
        """The save by which she chooses, newer than all others of this epoch."""
        taken = self.overtaken if takes_overtaken else self.counting
        before = self.counting.sequence if self.counting and self.counting.epoch == epoch else 0
        return SavedItem(
            slot=self.slot,
            sequence=min(before + 1, LAST),  # of equal ones the later row counts
            client_id=self.choice_id,
            value=taken.value if taken else None,
            confidence=taken.confidence if taken else None,
        )
