from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from quizzes.models.attempt import Attempt


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
