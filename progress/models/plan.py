from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from progress.models.enrollment import Enrollment
from roadmap.models import Edition, Stage


class PlanVersion(models.Model):
    """One plan a learner made for a road; rows are only added, the highest number is the plan she follows."""

    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="plans")
    number = models.PositiveIntegerField()
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    hours_per_week = models.DecimalField(_("hours a week"), max_digits=4, decimal_places=1)
    starts_on = models.DateField(_("starts on"))
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ("enrollment", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "number"], name="plans_of_an_enrollment_are_numbered_once"
            ),
            models.CheckConstraint(
                condition=models.Q(hours_per_week__gt=0), name="a_plan_has_hours_every_week"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrollment_id} plan {self.number}"


class PlannedStage(models.Model):
    """One stage of a plan with the day by which the learner means to pass it, in her own calendar."""

    plan = models.ForeignKey(PlanVersion, models.CASCADE, related_name="stages")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    starts_on = models.DateField(_("starts on"))
    due_on = models.DateField(_("due on"))

    class Meta:
        ordering = ("plan", "due_on", "id")
        constraints = [
            models.UniqueConstraint(fields=["plan", "stage"], name="a_stage_stands_once_in_a_plan")
        ]
        indexes = [models.Index(fields=["due_on"], name="planned_stages_by_due_day")]

    def __str__(self) -> str:
        return f"{self.stage_id} by {self.due_on}"
