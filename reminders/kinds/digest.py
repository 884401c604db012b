"""What the weekly letters share: one in each week of a person's calendar, on the weekday that she chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext

from reminders.kinds.kind import Asked, Kind, chunks, zones_of
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, readers
from reminders.windows import DAY, MIDNIGHT, instant

WEEK = timedelta(days=7)
MOST_AT_ONCE = (
    20_000  # a whole house may have one weekday: the others are planned next time, still hours ahead
)
USEFUL = timedelta(days=3)  # from its morning on: the end of that day and two days more

# Who has her weekday on which of these days, and no letter of that week yet. The days come with their zone and weekday,
# so that nobody else is looked at. OFFSET 0 keeps the order: first who is to get one at all, which most people of a big
# house are not, then whether she has it.
_CANDIDATES = """
SELECT asked.id, asked.on_day
  FROM (SELECT walker.id, day.on_day, day.week
          FROM unnest(%(zones)s::text[], %(weekdays)s::int[], %(days)s::date[], %(weeks)s::text[])
               AS day (zone, weekday, on_day, week)
          JOIN accounts_user walker ON walker.time_zone = day.zone AND walker.is_active
          LEFT JOIN reminders_letterwishes w ON w.person_id = walker.id
          {beside}
         WHERE coalesce(w.digest_weekday, 1) = day.weekday AND {whose}
           AND (w.stopped_kinds ?| %(stops)s) IS NOT TRUE AND {who} OFFSET 0) asked
 WHERE NOT EXISTS (SELECT FROM reminders_letter l
                    WHERE l.recipient_id = asked.id AND l.kind = %(kind)s AND l.occurrence = asked.week)
   AND {still}
 ORDER BY asked.on_day, asked.id
"""


class Digest(Kind):
    """A letter for each week of a person's calendar. Only the newest one is of use, and only for some days."""

    priority = 7
    every = timedelta(minutes=10)
    # SQL: whether somebody, `walker`, gets one on the day `day.on_day`, and what is joined for that, read once
    who: ClassVar[str]
    beside: ClassVar[str] = ""
    still: ClassVar[str] = "true"  # SQL: the same, asked only of those few, `asked`, who have no letter yet

    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        whose = "walker.id = %(person)s" if asked.person else "true"
        days = [
            (zone, day.isoweekday(), day, week_of(day))
            for zone in zones_of(asked)
            for day in _days(zone, asked)
        ]
        if not days:
            return
        zones, weekdays, dates, weeks = (list(column) for column in zip(*days, strict=True))
        sql = _CANDIDATES.format(whose=whose, who=self.who, beside=self.beside, still=self.still)
        found = chunks(
            sql,
            first=min(dates),
            last=max(dates),
            kind=self.key,
            person=asked.person,
            stops=asked.stops(self.key),
            zones=zones,
            weekdays=weekdays,
            days=dates,
            weeks=weeks,
        )
        planned = 0
        for some in found:
            known = readers(person for person, _day in some)
            made = (self._letter(known[person], day, asked.now) for person, day in some)
            letters = [letter for letter in made if letter]
            yield letters
            planned += len(letters)
            if planned >= MOST_AT_ONCE:
                return

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        """Those for a weekday that their reader no longer wants: LetterWishes.choose has forgotten most of them."""
        return {
            letter.pk: Reason.WISHES_CHANGED
            for letter in letters
            if day_of(letter).isoweekday() != readers[letter.recipient_id].wishes.digest_weekday
        }

    def _letter(self, reader: Reader, day: date, now: datetime) -> Letter | None:
        zone = reader.person.zone
        return self.letter(
            reader,
            occurrence=week_of(day),
            facts={"on": day.isoformat()},
            not_before=instant(day, MIDNIGHT, zone),
            expires_at=instant(day + USEFUL, MIDNIGHT, zone),
            now=now,
        )


def week_of(day: date) -> str:
    """The ISO week of a day, which names the letter."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"


def day_of(letter: Letter) -> date:
    """The day on which the letter begins a week."""
    return date.fromisoformat(letter.facts["on"])


def heading(on: date) -> str:
    """Seven days from this one on: 23 to 29 November, 30 November to 6 December."""
    last = on + WEEK - DAY
    first = date_format(on, "j" if on.month == last.month else "j F")
    return gettext("%(first)s to %(last)s") % {"first": first, "last": date_format(last, "j F")}


def weekday_name(on: date) -> str:
    return date_format(on, "l")


def _days(zone: str, asked: Asked) -> Iterator[date]:
    """Days of a zone's calendar whose letter is of use still, and that begin before planning ends."""
    day = asked.now.astimezone(ZoneInfo(zone)).date() - USEFUL + DAY
    while instant(day, MIDNIGHT, ZoneInfo(zone)) < asked.until:
        yield day
        day += DAY
