from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from progress.models import SubmissionVersion


class Decision(models.TextChoices):
    ACCEPT = "accept", _("Accept")
    ASK_FOR_CHANGES = "ask_for_changes", _("Ask for changes")


class Review(models.Model):
    """One mentor's decision on one handed-in version, with a level per rubric criterion and words to the learner."""

    version = models.OneToOneField(SubmissionVersion, models.CASCADE, related_name="review")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decision = models.CharField(max_length=16, choices=Decision.choices)
    levels = models.JSONField(
        default=dict, help_text=_("Criterion key to not_yet, developing, meets or exceeds.")
    )
    feedback = models.TextField(_("feedback"))
    reviewed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ("-reviewed_at", "-id")

    def __str__(self) -> str:
        return f"{self.version_id}: {self.decision}"
