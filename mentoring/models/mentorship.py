from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from progress.models import Cohort, Enrollment


class MentorshipQuerySet(models.QuerySet["Mentorship"]):
    def running(self) -> Self:
        return self.filter(ended_at=None)

    def of(self, mentor: User) -> Self:
        return self.running().filter(mentor=mentor)

    def without_road(self) -> Self:
        """Those over one learner who is on no road now; `has_left` says that she was."""
        roads = Enrollment.objects.filter(person=OuterRef("learner"))
        return (
            self.filter(~Exists(roads.current()), learner__is_active=True)
            .annotate(has_left=Exists(roads))
            .select_related("learner")
            .order_by("learner__name", "id")
        )

    def over(self, enrollment: Enrollment) -> Self:
        """Those that look after this enrollment's learner, by name or by cohort."""
        by_cohort = Q(cohort=enrollment.cohort_id) if enrollment.cohort_id else Q(pk__in=[])
        return (
            self.running()
            .filter(Q(learner=enrollment.person_id) | by_cohort, mentor__is_active=True)
            .exclude(mentor=enrollment.person_id)
            .select_related("mentor")
        )


class Mentorship(models.Model):
    """One mentor who looks after one learner, or after everybody in one cohort, until it ends."""

    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentorships", verbose_name=_("mentor")
    )
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="mentored_by",
        verbose_name=_("learner"),
    )
    cohort = models.ForeignKey(
        Cohort,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mentored_by",
        verbose_name=_("cohort"),
    )
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
                violation_error_message=_("Choose a learner or a cohort, and not both."),
            ),
            models.CheckConstraint(
                condition=models.Q(learner=None) | ~models.Q(learner=models.F("mentor")),
                name="nobody_mentors_herself",
                violation_error_message=_("Nobody is her own mentor."),
            ),
            models.UniqueConstraint(
                fields=["mentor", "learner"],
                condition=models.Q(ended_at=None, learner__isnull=False),
                name="one_running_mentorship_per_learner",
                violation_error_message=_("This mentor looks after this learner already."),
            ),
            models.UniqueConstraint(
                fields=["mentor", "cohort"],
                condition=models.Q(ended_at=None, cohort__isnull=False),
                name="one_running_mentorship_per_cohort",
                violation_error_message=_("This mentor looks after this cohort already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor} → {self.learner or self.cohort}"

    def begin(self, now: datetime) -> None:
        """From now on the mentor sees the learners' work."""
        self.began_at = now
        self.save()

    def end(self, now: datetime) -> None:
        """From now on she sees it no longer; what she reviewed stays hers. Ending twice changes nothing."""
        if self.ended_at is None:
            self.ended_at = now
            self.save(update_fields=["ended_at"])
