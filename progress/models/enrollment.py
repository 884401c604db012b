from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from progress.models.cohort import Cohort
from roadmap.models import Edition, Roadmap


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def current(self) -> Self:
        """Enrollments whose person has not left the road."""
        return self.filter(left_at=None)


class Enrollment(models.Model):
    """One person on one road; never deleted: leaving sets `left_at`, starting over sets `counts_from`."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="enrollments")
    roadmap = models.ForeignKey(Roadmap, models.PROTECT, related_name="enrollments")
    cohort = models.ForeignKey(Cohort, models.SET_NULL, null=True, blank=True, related_name="enrollments")
    background = models.CharField(_("background"), max_length=80)
    started_edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField(_("enrolled at"))
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    counts_from = models.DateTimeField(
        _("counts from"), null=True, blank=True, help_text=_("Facts before this time do not count.")
    )

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrollment")
        verbose_name_plural = _("enrollments")
        ordering = ("-enrolled_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["person", "roadmap"], name="one_enrollment_per_person_and_road")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.roadmap_id}"
