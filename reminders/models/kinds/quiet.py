from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from progress.models import Enrollment, StandingRow
from reminders import quiet
from reminders.models.kinds.kind import CHUNK, Kind, Matter, planned
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, readers
from reminders.models.wishes import LetterWishes
from reminders.windows import instant, is_on_pause
from roadmap.document import RoadDocument
from roadmap.models import Edition

# Since when people are quiet who are on an unfinished road: since the last of their active days, their enrolling and
# the first day of their plan. All of it is index scans in the order of the people's ids.
_SINCE = """
SELECT walker.person_id, since."on", walker.quiet_days
  FROM (SELECT e.person_id, coalesce(w.quiet_days, %(usual)s) AS quiet_days,
               max(greatest((e.enrolled_at AT TIME ZONE 'UTC')::date, plan.starts_on)) AS began_on
          FROM progress_enrollment e
          JOIN accounts_user u ON u.id = e.person_id AND u.is_active
          LEFT JOIN reminders_letterwishes w ON w.person_id = e.person_id
          LEFT JOIN LATERAL (SELECT v.starts_on FROM progress_planversion v WHERE v.enrollment_id = e.id
                              ORDER BY v.number DESC LIMIT 1) plan ON true
         WHERE e.left_at IS NULL AND e.finished_at IS NULL AND {whose}
         GROUP BY e.person_id, w.quiet_days
         ORDER BY e.person_id) walker
 CROSS JOIN LATERAL (SELECT greatest(max(a."on"), walker.began_on) AS "on"
                       FROM accounts_activeday a WHERE a.person_id = walker.person_id) since
"""

# Those of them whose newest letter should be in the ledger by tomorrow and is not. Pauses only put letters off, so
# leaving them out finds too many people, never too few; plain arithmetic then looks at each.
_CANDIDATES = (
    _SINCE.format(whose="(w.stopped_kinds ?| array['quiet', '*']) IS NOT TRUE")  # noqa: S608  # constants of this file
    + """
 CROSS JOIN LATERAL (SELECT coalesce(sum(p.ends_on - p.starts_on), 0)::integer AS days FROM accounts_pause p
                      WHERE p.person_id = walker.person_id AND p.ends_on > since."on") paused
 WHERE since."on" + walker.quiet_days <= %(tomorrow)s
   AND since."on" + 8 * walker.quiet_days + paused.days >= %(yesterday)s
   AND NOT EXISTS (
     SELECT FROM reminders_letter l
      WHERE l.recipient_id = walker.person_id AND l.kind = 'quiet'
        AND l.occurrence = 'quiet-since-' || since."on" || '/' || walker.quiet_days * CASE
            WHEN since."on" + 4 * walker.quiet_days <= %(tomorrow)s THEN 4
            WHEN since."on" + 2 * walker.quiet_days <= %(tomorrow)s THEN 2
            ELSE 1 END || 'd')
 ORDER BY walker.person_id
"""
)


@dataclass(frozen=True, slots=True)
class QuietMatter(Matter):
    """The road that waits: its document, how the person stood on it, since when it has been quiet."""

    since: date
    days: int
    is_last: bool
    document: RoadDocument
    standing: StandingRow | None


class Quiet(Kind):
    """No active day for so many days of the person's calendar as she chose, on a road that is not finished."""

    key = "quiet"
    name = _("When you’ve been away")
    hint = _("Three letters, further and further apart, then silence.")

    def plan(self, now: datetime) -> Iterator[list[Letter]]:
        """Letters due by tomorrow, so that no zone's morning is missed; wishes and facts are asked again then."""
        for found in _candidates(now):
            known = readers(person for person, _since, _days in found)
            letters = (self._letter(known[person], since, now) for person, since, _days in found)
            yield [letter for letter in letters if letter]

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        since = _since({letter.recipient_id for letter in letters})
        found = (
            (letter.pk, _refusal(letter, readers[letter.recipient_id], since, now)) for letter in letters
        )
        return {pk: reason for pk, reason in found if reason}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        roads = _roads({letter.recipient_id for letter in letters})
        return {
            letter.pk: QuietMatter(
                readers[letter.recipient_id],
                letter,
                since=date.fromisoformat(letter.facts["since"]),
                days=letter.facts["days"],
                is_last=letter.facts["is_last"],
                document=Edition.objects.document(road.roadmap.studied_edition_id),
                standing=getattr(road, "standing_row", None),
            )
            for letter in letters
            if (road := roads.get(letter.recipient_id))
        }

    def upcoming(self, person: User, now: datetime) -> datetime | None:
        """When this person would be written to next, were she not active until then; None when she would not."""
        reader, since = readers([person.pk])[person.pk], _since({person.pk}).get(person.pk)
        if since is None or reader.refusal(self.key):
            return None
        step = quiet.upcoming(since, reader.wishes.quiet_days, reader.pauses, reader.today(now))
        return reader.next_open(instant(step.due_on, 0, person.zone)) if step else None

    def _letter(self, reader: Reader, since: date, now: datetime) -> Letter | None:
        tomorrow = _days_around(now)["tomorrow"]
        step = quiet.reached(since, reader.wishes.quiet_days, reader.pauses, tomorrow)
        if step is None:
            return None
        return planned(
            self.key,
            reader,
            occurrence=quiet.occurrence(since, step.days),
            facts={"since": since.isoformat(), "days": step.days, "is_last": step.is_last},
            not_before=instant(step.due_on, 0, reader.person.zone),
            expires_at=instant(step.useless_on, 0, reader.person.zone),
            now=now,
        )


def _refusal(letter: Letter, reader: Reader, since: Mapping[int, date], now: datetime) -> Reason | None:
    """Why this letter is no longer true: she is on no road, came back, wants other days, or is on pause."""
    known, today = since.get(letter.recipient_id), reader.today(now)
    if known is None:
        return Reason.NO_ROAD
    if known.isoformat() != letter.facts["since"]:
        return Reason.CAME_BACK
    if is_on_pause(reader.wanted, today):
        return Reason.ON_PAUSE
    planned_days = {s.days: s for s in quiet.steps(known, reader.wishes.quiet_days, reader.pauses)}
    step = planned_days.get(letter.facts["days"])
    if step is None:
        return Reason.WISHES_CHANGED
    # a pause declared since then; somebody who moved west may get it some hours early
    return Reason.ON_PAUSE if today < step.due_on and reader.pauses else None


def _since(people: set[int]) -> dict[int, date]:
    """Since which day each of these people is quiet; those on no unfinished road are missing."""
    whose = _SINCE.format(whose="e.person_id = ANY(%(people)s)")
    return {person: on for person, on, _days in _rows(whose, people=sorted(people))}


def _candidates(now: datetime) -> Iterator[list[tuple[int, date, int]]]:
    """Chunks of candidates from one statement, whose result waits in the database: our memory holds one chunk."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CANDIDATES, {"usual": _usual_days(), **_days_around(now)})
        while rows := cursor.fetchmany(CHUNK):
            yield rows


def _rows(sql: str, **named: Any) -> list[tuple[int, date, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"usual": _usual_days(), **named})
        rows: list[tuple[int, date, int]] = cursor.fetchall()
    return rows


def _usual_days() -> int:
    days: int = LetterWishes._meta.get_field("quiet_days").default  # noqa: SLF001  # Django documents it
    return days


def _days_around(now: datetime) -> dict[str, date]:
    """UTC's yesterday and tomorrow: no calendar on earth shows a day before or after these."""
    return {"yesterday": now.date() - timedelta(days=1), "tomorrow": now.date() + timedelta(days=1)}


def _roads(people: set[int]) -> dict[int, Enrollment]:
    """The unfinished road of each person that she began last."""
    rows = (
        Enrollment.objects.unfinished()
        .filter(person__in=people)
        .select_related("roadmap", "standing_row__current_stage")
        .order_by("enrolled_at", "id")
    )
    return {row.person_id: row for row in rows}
