from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from progress.plan import StageDates
from roadmap.models import Edition, Stage

if TYPE_CHECKING:
    from progress.models.enrollment import Enrollment


class PlanVersionQuerySet(models.QuerySet["PlanVersion"]):
    def write(
        self,
        enrollment: Enrollment,
        dates: Sequence[StageDates],
        *,
        hours_per_week: Decimal,
        starts_on: date,
        now: datetime,
    ) -> PlanVersion:
        """Add the next version of an enrollment's plan with a row per stage."""
        last = self.filter(enrollment=enrollment).aggregate(last=models.Max("number"))["last"] or 0
        version = self.create(
            enrollment=enrollment,
            number=last + 1,
            edition_id=enrollment.roadmap.studied_edition_id,
            hours_per_week=hours_per_week,
            starts_on=starts_on,
            made_at=now,
        )
        ids = dict(Stage.objects.filter(roadmap=enrollment.roadmap_id).values_list("key", "id"))
        PlannedStage.objects.bulk_create(
            PlannedStage(
                plan=version, stage_id=ids[stage.key], starts_on=stage.starts_on, due_on=stage.due_on
            )
            for stage in dates
        )
        return version


class PlanVersion(models.Model):
    """One plan a learner made for a road; rows are only added, the highest number is the plan she follows."""

    enrollment = models.ForeignKey("progress.Enrollment", models.CASCADE, related_name="plans")
    number = models.PositiveIntegerField()
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    hours_per_week = models.DecimalField(_("hours a week"), max_digits=4, decimal_places=1)
    starts_on = models.DateField(_("starts on"))
    made_at = models.DateTimeField()

    objects = PlanVersionQuerySet.as_manager()

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
    """One stage of a plan with the days it was laid out for; pauses are added when it is read (progress.plan.shift)."""

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
