from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.append_only import ERASING, NO_LONGER_ERASING
from quizzes.models.attempt import Attempt
from quizzes.saves import SavedItem

KEPT_AFTER_FINISHING = timedelta(days=30)

# One statement, so that finishing the attempt or opening it elsewhere cannot come in between. What arrives after the
# attempt was closed by its clock is kept as late; what arrives after it was handed in without one is not written.
_SAVE = """
WITH attempt AS (
  SELECT id, finished_at IS NOT NULL OR coalesce(%(now)s > closes_at, false) AS is_over FROM quizzes_attempt
   WHERE id = %(attempt)s AND epoch = %(epoch)s AND (finished_at IS NULL OR closes_at IS NOT NULL)
     FOR SHARE
), written AS (
  INSERT INTO quizzes_answer (attempt_id, slot, client_id, epoch, sequence, value, saved_at, is_late)
  SELECT attempt.id, item.slot, item.client_id, %(epoch)s, item.sequence, item.value, %(now)s, attempt.is_over
    FROM attempt, jsonb_to_recordset(%(items)s::jsonb)
         AS item (slot int, client_id uuid, sequence bigint, value jsonb)
  ON CONFLICT (attempt_id, client_id) DO NOTHING
)
SELECT is_over FROM attempt
"""
_THIN = """
DELETE FROM quizzes_answer WHERE id IN (
  SELECT old.id FROM quizzes_answer old JOIN quizzes_attempt attempt ON attempt.id = old.attempt_id
   WHERE attempt.finished_at < %s AND NOT old.is_late AND EXISTS (
     SELECT FROM quizzes_answer newer
      WHERE newer.attempt_id = old.attempt_id AND newer.slot = old.slot AND NOT newer.is_late
        AND (newer.epoch, newer.sequence, newer.id) > (old.epoch, old.sequence, old.id))
   LIMIT %s)
"""


class AnswerQuerySet(models.QuerySet["Answer"]):
    def in_time(self) -> Self:
        return self.filter(is_late=False)

    def late(self) -> Self:
        return self.filter(is_late=True)

    def newest(self) -> Self:
        """Per attempt and slot the one save with the highest (epoch, sequence)."""
        return self.order_by("attempt_id", "slot", "-epoch", "-sequence", "-id").distinct(
            "attempt_id", "slot"
        )

    def save_items(
        self, attempt: Attempt, epoch: int, items: Iterable[SavedItem], now: datetime
    ) -> bool | None:
        """Write these saves, as late when the attempt is over: one statement.

        Answers whether it is over, or None when nothing may be written.
        """
        rows = [item.model_dump(mode="json") for item in items]
        with connection.cursor() as cursor:
            cursor.execute(
                _SAVE, {"attempt": attempt.pk, "epoch": epoch, "now": now, "items": json.dumps(rows)}
            )
            row = cursor.fetchone()
        return row[0] if row else None

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
    A late answer arrived after deadline and grace: kept and shown, not marked.
    """

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="answers")
    slot = models.PositiveSmallIntegerField(_("slot"))
    client_id = models.UUIDField()
    epoch = models.PositiveIntegerField()
    sequence = models.PositiveBigIntegerField()
    value = models.JSONField(null=True)
    saved_at = models.DateTimeField()
    is_late = models.BooleanField(default=False)

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
