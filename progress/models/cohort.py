from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roadmap.models import Roadmap


class Cohort(models.Model):
    """One group of learners who start a road together: a start date and a pace."""

    roadmap = models.ForeignKey(Roadmap, models.PROTECT, related_name="cohorts", verbose_name=_("road"))
    title = models.CharField(_("title"), max_length=120)
    starts_on = models.DateField(_("starts on"))
    hours_per_week = models.PositiveSmallIntegerField(_("hours a week"), default=10)

    class Meta:
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        ordering = ("-starts_on", "title")

    def __str__(self) -> str:
        return self.title
