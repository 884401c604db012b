from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from roadmap.models import Resource

_WRITE = """
INSERT INTO progress_tick (person_id, ticked_at, resource_id)
SELECT %s, %s, id FROM roadmap_resource WHERE key = %s ON CONFLICT DO NOTHING
"""
_REMOVE = """
DELETE FROM progress_tick WHERE person_id = %s AND resource_id = (SELECT id FROM roadmap_resource WHERE key = %s)
"""


class TickQuerySet(models.QuerySet["Tick"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def write(self, person_id: int, resource_key: str, now: datetime) -> None:
        """The person has done the resource of this key: one statement; a tick that stands already stays."""
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [person_id, now, resource_key])

    def remove(self, person_id: int, resource_key: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_REMOVE, [person_id, resource_key])


class Tick(models.Model):
    """The row is the tick: there is one when the person has done the resource, none when not."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="ticks")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="+")
    ticked_at = models.DateTimeField()

    objects = TickQuerySet.as_manager()

    class Meta:
        verbose_name = _("tick")
        verbose_name_plural = _("ticks")
        constraints = [
            models.UniqueConstraint(fields=["person", "resource"], name="one_tick_per_person_and_resource")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} ticked {self.resource_id}"
