from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from roadmap.models import Edition, Stage


class StagePass(models.Model):
    """One time a person fulfilled what an edition asked of a stage; rows are only added and never taken away."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="stage_passes")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    passed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("stage pass")
        verbose_name_plural = _("stage passes")
        ordering = ("-passed_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "stage", "edition"], name="one_pass_per_person_stage_and_edition"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} passed {self.stage_id}"


class Reopening(models.Model):
    """One decision of an author that from an edition on a stage is asked again of everybody; newer passes count."""

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    reopened_at = models.DateTimeField()
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("reopening")
        verbose_name_plural = _("reopenings")
        constraints = [
            models.UniqueConstraint(fields=["stage", "edition"], name="a_stage_reopens_once_per_edition")
        ]

    def __str__(self) -> str:
        return f"{self.stage_id} asked again"
