"""Writes what a person did on a road as one statement, which first waits for whoever acts on the same enrollment."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection

# The enrollment is locked before anything is written, so two acts at once follow one another and none of them hangs.
_ACT = """
WITH mine AS MATERIALIZED (
  SELECT person_id, finished_at FROM progress_enrollment WHERE id = %(enrollment)s FOR NO KEY UPDATE
), active AS (
  INSERT INTO accounts_activeday (person_id, "on") SELECT person_id, %(today)s FROM mine ON CONFLICT DO NOTHING
){what}
SELECT finished_at FROM mine
"""
TICK = """, ticked AS (
  INSERT INTO progress_tick (person_id, resource_id, ticked_at)
  SELECT mine.person_id, resource.id, %(now)s FROM mine, roadmap_resource resource WHERE resource.key = %(resource)s
  ON CONFLICT DO NOTHING
)"""
UNTICK = """, unticked AS (
  DELETE FROM progress_tick USING mine, roadmap_resource resource
   WHERE progress_tick.person_id = mine.person_id AND progress_tick.resource_id = resource.id
     AND resource.key = %(resource)s
)"""


def act(
    enrollment: int, today: date, now: datetime, what: str = "", resource: str | None = None
) -> datetime | None:
    """Note an active day, and TICK or UNTICK a resource; when the enrollment was finished, as the last act left it."""
    told: dict[str, int | str | date | None] = {
        "enrollment": enrollment,
        "today": today,
        "now": now,
        "resource": resource,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ACT.format(what=what), told)
        finished_at: datetime | None = cursor.fetchone()[0]
    return finished_at
