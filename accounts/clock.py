"""The only place that asks what time it is. Doors call it once and pass the answer on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection


def now() -> datetime:
    """This machine's time in UTC, moved by the drill offset where drills are allowed."""
    return datetime.now(UTC) + offset()


def database_now() -> datetime:
    """The database's time in UTC: for deadlines, leases and due letters. Costs one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    at: datetime = moment
    return at.astimezone(UTC) + offset()


def offset() -> timedelta:
    """How far drills have moved the clock; always zero in production."""
    if not settings.CLOCK_MAY_MOVE:
        return timedelta(0)
    with connection.cursor() as cursor:
        cursor.execute('SELECT "offset" FROM accounts_clockoffset WHERE id = 1')
        row = cursor.fetchone()
    return row[0] if row else timedelta(0)


def move(ahead: timedelta) -> None:
    """Let the clock be `ahead` of the real time, for drills; refused where CLOCK_MAY_MOVE is off (production)."""
    if not settings.CLOCK_MAY_MOVE:
        raise PermissionError("The clock may only be moved in development and tests.")
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO accounts_clockoffset (id, "offset") VALUES (1, %s)'
            ' ON CONFLICT (id) DO UPDATE SET "offset" = excluded."offset"',
            [ahead],  # type: ignore[list-item]  # psycopg takes a timedelta for an interval
        )
