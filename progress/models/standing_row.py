from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from progress.models.enrollment import Enrollment
from roadmap.models import Stage


class StandingRow(models.Model):
    """One enrollment's standing as last settled, for lists and planners; rebuildable, own pages never read it."""

    enrollment = models.OneToOneField(Enrollment, models.CASCADE, related_name="standing_row")
    stages_passed = models.PositiveSmallIntegerField(default=0)
    stages_total = models.PositiveSmallIntegerField(default=0)
    current_stage = models.ForeignKey(Stage, models.PROTECT, null=True, blank=True, related_name="+")
    core_ticked = models.PositiveIntegerField(default=0)
    core_total = models.PositiveIntegerField(default=0)
    evidence_accepted = models.PositiveSmallIntegerField(default=0)
    evidence_total = models.PositiveSmallIntegerField(default=0)
    next_due_on = models.DateField(null=True, blank=True)
    is_finished = models.BooleanField(default=False)
    last_active_on = models.DateField(null=True, blank=True)
    settled_at = models.DateTimeField()

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")

    def __str__(self) -> str:
        return f"{self.enrollment_id}: {self.stages_passed} of {self.stages_total}"
