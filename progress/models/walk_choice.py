from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from quizzes.models import Attempt
from roadmap.models import Stage


class WalkChoiceQuerySet(models.QuerySet["WalkChoice"]):
    def choose(
        self, person: User, stage: Stage, attempts: Iterable[int], *, walks: bool, now: datetime
    ) -> None:
        """Write this decision for each of these attempts of the person that does not have it already."""
        newest = self.filter(person=person, stage=stage).order_by("attempt_id", "-id").distinct("attempt_id")
        chosen = dict(newest.values_list("attempt_id", "walks"))
        self.bulk_create(
            WalkChoice(person=person, stage=stage, attempt_id=attempt, walks=walks, chosen_at=now)
            for attempt in sorted(attempts)
            if chosen.get(attempt, False) != walks
        )


class WalkChoice(models.Model):
    """One decision of a person about a stage that a placement says she knows: to walk it all the same, or not to.

    Rows are only added; the newest counts. While she walks it, what the placement says of the stage does not count.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="walk_choices")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="+")
    walks = models.BooleanField()
    chosen_at = models.DateTimeField()

    objects = WalkChoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("choice to walk")
        verbose_name_plural = _("choices to walk")
        ordering = ("id",)
        indexes = [models.Index(fields=["attempt", "stage", "-id"], name="walk_choices_newest_first")]

    def __str__(self) -> str:
        return f"{self.person_id} {'walks' if self.walks else 'knows'} {self.stage_id}"
