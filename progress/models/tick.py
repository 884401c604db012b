from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from roadmap.models import Resource


class TickQuerySet(models.QuerySet["Tick"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)


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
