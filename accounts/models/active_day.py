from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User

_RECORD = 'INSERT INTO accounts_activeday (person_id, "on") VALUES (%s, %s) ON CONFLICT DO NOTHING'


class ActiveDayQuerySet(models.QuerySet["ActiveDay"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def record(self, person: User, now: datetime) -> None:
        """Note that the person did something on her calendar's day; saying it twice changes nothing."""
        with connection.cursor() as cursor:
            cursor.execute(_RECORD, [person.pk, person.today(now)])


class ActiveDay(models.Model):
    """One day of a person's calendar on which she did at least one thing in Waymark."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="active_days")
    on = models.DateField(_("day"))

    objects = ActiveDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("active day")
        verbose_name_plural = _("active days")
        ordering = ("-on",)
        constraints = [models.UniqueConstraint(fields=["person", "on"], name="one_row_per_active_day")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.on}"
