from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from roadmap.models import Stage

if TYPE_CHECKING:
    from progress.models.enrollment import Enrollment, Position


class StandingRowQuerySet(models.QuerySet["StandingRow"]):
    def write(self, enrollment: Enrollment, position: Position, now: datetime) -> None:
        """Store how the enrollment stands now, in one statement, over whatever stood there."""
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, _row(enrollment, position, now))

    def write_all(self, positions: Sequence[Position], now: datetime) -> None:
        """The same for many, sent to the server together."""
        with connection.cursor() as cursor:
            cursor.executemany(_WRITE, [_row(position.enrollment, position, now) for position in positions])


def _row(enrollment: Enrollment, position: Position, now: datetime) -> dict[str, Any]:
    stands, due = position.standing, position.next_due
    return {
        "enrollment_id": enrollment.pk,
        "stages_passed": stands.passed_count,
        "stages_total": len(stands.stages),
        "core_ticked": stands.core_done,
        "core_total": stands.core_total,
        "evidence_accepted": stands.evidence_done,
        "evidence_total": stands.evidence_total,
        "next_due_on": due.due_on if due else None,
        "is_finished": stands.is_finished,
        "last_active_on": max(position.known.active_days, default=None),
        "settled_at": now,
        "road": enrollment.roadmap_id,
        "current": stands.current.stage.key if stands.current else None,
    }


_COLUMNS = (
    *("stages_passed", "stages_total", "core_ticked", "core_total", "evidence_accepted", "evidence_total"),
    *("next_due_on", "is_finished", "last_active_on", "settled_at"),
)
_WRITE = f"""
INSERT INTO progress_standingrow (enrollment_id, {", ".join(_COLUMNS)}, current_stage_id)
VALUES (%(enrollment_id)s, {", ".join(f"%({name})s" for name in _COLUMNS)},
        (SELECT id FROM roadmap_stage WHERE roadmap_id = %(road)s AND key = %(current)s))
    ON CONFLICT (enrollment_id) DO UPDATE
   SET {", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS, "current_stage_id"))}
"""  # noqa: S608  # names of columns


class StandingRow(models.Model):
    """One enrollment's standing as last settled, for lists and planners; rebuildable, own pages never read it."""

    enrollment = models.OneToOneField(
        "progress.Enrollment", models.CASCADE, primary_key=True, related_name="standing_row"
    )
    stages_passed = models.PositiveSmallIntegerField(default=0)
    stages_total = models.PositiveSmallIntegerField(default=0)
    current_stage = models.ForeignKey(Stage, models.PROTECT, null=True, blank=True, related_name="+")
    core_ticked = models.PositiveIntegerField(default=0)
    core_total = models.PositiveIntegerField(default=0)
    evidence_accepted = models.PositiveSmallIntegerField(default=0)
    evidence_total = models.PositiveSmallIntegerField(default=0)
    next_due_on = models.DateField(null=True, blank=True)
    is_finished = models.BooleanField(default=False)
    last_active_on = models.DateField(null=True, blank=True)
    settled_at = models.DateTimeField()

    objects = StandingRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = [models.Index(fields=["next_due_on"], name="standings_by_next_due_day")]

    def __str__(self) -> str:
        return f"{self.enrollment_id}: {self.stages_passed} of {self.stages_total}"
