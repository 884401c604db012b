from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from progress.models import Cohort


class MentorshipQuerySet(models.QuerySet["Mentorship"]):
    def of(self, mentor: User) -> Self:
        return self.filter(mentor=mentor, ended_at=None)


class Mentorship(models.Model):
    """One mentor who looks after one learner, or after everybody in one cohort, until it ends."""

    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentorships")
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="mentored_by"
    )
    cohort = models.ForeignKey(Cohort, models.CASCADE, null=True, blank=True, related_name="mentored_by")
    began_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = MentorshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("mentorship")
        verbose_name_plural = _("mentorships")
        ordering = ("-began_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(learner__isnull=False, cohort=None)
                | models.Q(learner=None, cohort__isnull=False),
                name="a_mentorship_is_for_a_learner_or_a_cohort",
            ),
            models.CheckConstraint(
                condition=models.Q(learner=None) | ~models.Q(learner=models.F("mentor")),
                name="nobody_mentors_herself",
            ),
            models.UniqueConstraint(
                fields=["mentor", "learner"],
                condition=models.Q(ended_at=None, learner__isnull=False),
                name="one_running_mentorship_per_learner",
            ),
            models.UniqueConstraint(
                fields=["mentor", "cohort"],
                condition=models.Q(ended_at=None, cohort__isnull=False),
                name="one_running_mentorship_per_cohort",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor_id} → {self.learner_id or self.cohort_id}"
