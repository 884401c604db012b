from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class LetterState(models.TextChoices):
    PLANNED = "planned", _("planned")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    HELD_BACK = "held_back", _("held back")
    FAILED = "failed", _("failed")


class Letter(models.Model):
    """One reminder for one person about one occurrence (“2026-W47”, “submission-812/wait-3d”), sent at most once.

    `id` is a UUIDv7 and makes the Message-ID. `facts` holds what the letter is about, as keys and ids.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="letters")
    kind = models.CharField(_("kind"), max_length=32)
    occurrence = models.CharField(_("occurrence"), max_length=120)
    facts = models.JSONField(default=dict)
    planned_at = models.DateTimeField(_("planned at"))
    due_at = models.DateTimeField(_("due at"))
    expires_at = models.DateTimeField(_("useless after"))
    state = models.CharField(max_length=12, choices=LetterState.choices, default=LetterState.PLANNED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ("-due_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "occurrence"], name="one_letter_per_person_kind_and_occurrence"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state="planned"), name="planned_letters_by_due"
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state="sending"),
                name="letters_being_sent_by_lease",
            ),
            models.Index(fields=["recipient", "-due_at"], name="letters_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurrence}"

    def message_id(self, host: str) -> str:
        return f"<{self.id}@{host}>"
