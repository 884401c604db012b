from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from quizzes.models.attempt import Attempt


class Extension(models.Model):
    """One change of an attempt's deadline after its start: what it was, what it became, why. Rows are only added."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="extensions")
    was = models.DateTimeField()
    became = models.DateTimeField()
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    extended_at = models.DateTimeField()
    extended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        ordering = ("attempt", "extended_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(became__gt=models.F("was")), name="an_extension_gives_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id}: {self.was} → {self.became}"
