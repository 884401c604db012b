from __future__ import annotations

import secrets

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


def every_day() -> list[int]:
    return [1, 2, 3, 4, 5, 6, 7]


def new_secret() -> str:
    return secrets.token_urlsafe(24)


class LetterWishes(models.Model):
    """How one person wants her letters: which kinds, on which days, at which local hour; absent means the defaults.

    `weekdays` holds ISO numbers (1 = Monday). `stopped_kinds` holds kinds she switched off, "*" for all.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="letter_wishes"
    )
    stopped_kinds = models.JSONField(default=list, blank=True)
    weekdays = models.JSONField(_("weekdays"), default=every_day)
    hour = models.PositiveSmallIntegerField(
        _("hour of the day"), default=8, validators=[MaxValueValidator(23)]
    )
    quiet_days = models.PositiveSmallIntegerField(
        _("days of quiet before we write"),
        default=7,
        validators=[MinValueValidator(2), MaxValueValidator(60)],
    )
    secret = models.CharField(max_length=64, unique=True, default=new_secret, editable=False)

    class Meta:
        verbose_name = _("letter wishes")
        verbose_name_plural = _("letter wishes")
        constraints = [
            models.CheckConstraint(condition=models.Q(hour__range=(0, 23)), name="a_day_has_24_hours"),
            models.CheckConstraint(
                condition=models.Q(quiet_days__range=(2, 60)), name="quiet_is_two_to_sixty_days"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person_id)
