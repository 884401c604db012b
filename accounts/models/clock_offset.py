from __future__ import annotations

from datetime import timedelta

from django.db import models


class ClockOffset(models.Model):
    """The single row (id 1) that says how far drills have moved Waymark's clock; never read in production."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    offset = models.DurationField(default=timedelta(0))

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_clock_offset")]

    def __str__(self) -> str:
        return str(self.offset)
