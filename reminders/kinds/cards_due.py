from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from quizzes.models.deck import due_pile
from reminders.kinds.kind import Asked, Kind, Matter, chunks, moment
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, readers
from reminders.windows import MIDNIGHT, instant
from reminders.words import Content, hello

MANY = 10  # so many due cards are a day like any other
LATE_DAYS = 3  # since when the oldest is due
EVERY_DAYS = 3
USEFUL_DAYS = 2
AWAY_DAYS = 7

# Who has cards that are due: the first days on which any are, as many as are needed to know whether there are many. Who
# is away is written to about that, not about cards; who has such a letter of which something may still come waits. It
# is materialized so that PostgreSQL looks for the shortest way to all rows, not to the first one as for a cursor.
_CANDIDATES = f"""
WITH found AS MATERIALIZED (
SELECT u.id, u.time_zone, pile.days
  FROM accounts_user u
  LEFT JOIN reminders_letterwishes w ON w.person_id = u.id
 CROSS JOIN LATERAL (
   SELECT array_agg(due_on ORDER BY due_on) AS days
     FROM (SELECT due_on FROM quizzes_card c
            WHERE c.person_id = u.id AND c.suspended_at IS NULL AND NOT c.is_veiled AND c.due_on <= %(latest)s
            ORDER BY due_on LIMIT {MANY + 1}) first) pile
 WHERE u.is_active AND {{whose}} AND (w.stopped_kinds ?| %(stops)s) IS NOT TRUE
   AND (pile.days[{MANY + 1}] IS NOT NULL OR pile.days[1] <= %(latest)s - {LATE_DAYS})
   AND EXISTS (SELECT FROM progress_enrollment e WHERE e.person_id = u.id AND e.left_at IS NULL)
   AND EXISTS (SELECT FROM accounts_activeday a WHERE a.person_id = u.id AND a."on" >= %(active)s)
) SELECT * FROM found
"""  # noqa: S608  # constants
_NO_LIVE_LETTER = """
 NOT EXISTS (SELECT FROM reminders_letter l
              WHERE l.recipient_id = u.id AND l.kind = 'cards_due' AND l.expires_at > %(now)s)
"""
# What the decks of people show on a day of each one's calendar, which may be less than is due: cards rest while their
# question stands in an open attempt, and the daily cap leaves the others for later.
_PILES = f"""
SELECT asked.person, asked.day, pile.shown, pile.oldest,
       EXISTS (SELECT FROM quizzes_cardreview r WHERE r.person_id = asked.person AND r."on" = asked.day
                  AND NOT EXISTS (SELECT FROM quizzes_cardundo undo WHERE undo.review_id = r.id)),
       EXISTS (SELECT FROM progress_enrollment e WHERE e.person_id = asked.person AND e.left_at IS NULL)
  FROM unnest(%(people)s::bigint[], %(days)s::date[]) AS asked (person, day)
 CROSS JOIN LATERAL ({due_pile("asked.person", "asked.day")}) pile
"""  # noqa: S608  # constants


class Pile(NamedTuple):
    """The cards that one person's deck shows on one day of her calendar, before she has reviewed any."""

    person: int
    day: date
    due: int
    oldest: date | None
    is_reviewed: bool
    is_on_road: bool

    @property
    def is_much(self) -> bool:
        return self.due > MANY or self.is_late

    @property
    def is_late(self) -> bool:
        return self.oldest is not None and self.oldest <= self.day - timedelta(days=LATE_DAYS)


@dataclass(frozen=True, slots=True)
class CardsMatter(Matter):
    """The cards that are due."""

    pile: Pile


class CardsDue(Kind):
    """Her deck shows more than ten review cards, or one that has been due for three days, and none was reviewed today.

    Every third day of her calendar may bring one, which of them follows from the person. Somebody who has been away for
    a week gets none: the letters about that know when to fall silent.
    """

    key = "cards_due"
    name = _("Review cards")
    hint = _("When many cards are due, or one has been for three days; every third day at most.")
    priority = 8
    every = timedelta(minutes=30)

    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        for found in _candidates(asked):
            known = readers(person for person, _days in found)
            yield [x for person, days in found for x in self._letters(known[person], days, asked)]

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        piles = _piles(letters, readers, now)
        found = ((letter.pk, _refusal(piles[letter.pk])) for letter in letters)
        return {pk: reason for pk, reason in found if reason}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        piles = _piles(letters, readers, now)
        return {
            letter.pk: CardsMatter(readers[letter.recipient_id], letter, piles[letter.pk])
            for letter in letters
            if piles[letter.pk].due
        }

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, CardsMatter)  # noqa: S101  # matters() makes no other
        pile = matter.pile
        day = date_format(pile.oldest, "j F") if pile.oldest else ""
        names = {"count": pile.due, "day": day, "most": MANY, "hello": hello(matter.reader.person)}
        return Content(
            subject=ngettext("%(count)d review card is due", "%(count)d review cards are due", pile.due)
            % names,
            preheader=gettext("A few minutes are enough for a start."),
            lead=gettext(
                "%(hello)s your review cards bring back what you missed once, just before it fades."
                " A few minutes are enough; what is left comes again another day."
            )
            % names,
            kicker=gettext("Look at your cards"),
            step=ngettext("%(count)d card is due", "%(count)d cards are due", pile.due) % names,
            link=reverse("progress:cards"),
            why=_why(pile) % names,
        )

    def _letters(self, reader: Reader, days: Sequence[date], asked: Asked) -> Iterator[Letter]:
        zone = reader.person.zone
        for day in days:
            letter = self.letter(
                reader,
                occurrence=f"cards-{day}",
                facts={"day": day.isoformat()},
                not_before=instant(day, MIDNIGHT, zone),
                expires_at=instant(day + timedelta(days=USEFUL_DAYS), MIDNIGHT, zone),
                now=asked.now,
            )
            if letter:
                yield letter


def _refusal(pile: Pile) -> Reason | None:
    if not pile.is_on_road:
        return Reason.NO_ROAD
    return Reason.DONE if pile.is_reviewed or not pile.is_much else None


def _why(pile: Pile) -> str:
    if pile.is_late:
        return gettext(
            "You get this because a card has been due since %(day)s and you have reviewed none today."
        )
    return gettext("You get this because more than %(most)d cards are due and you have reviewed none today.")


def days_for(person: int, due: Sequence[date], today: date, by: date) -> Iterator[date]:
    """The days from today to `by` on which this person's cards are to be written about; `due` are their first days."""
    for ahead in range((by - today).days + 1):
        day = today + timedelta(days=ahead)
        waiting = [on for on in due if on <= day]
        is_much = len(waiting) > MANY or (waiting and waiting[0] <= day - timedelta(days=LATE_DAYS))
        if is_much and (day.toordinal() + person) % EVERY_DAYS == 0:
            yield day


def _candidates(asked: Asked) -> Iterator[list[tuple[int, list[date]]]]:
    """Chunks of people with the days of their letters, from one statement whose result waits in the database."""
    whose = "u.id = %(person)s" if asked.person else _NO_LIVE_LETTER
    candidates = chunks(
        _CANDIDATES.format(whose=whose),
        person=asked.person,
        stops=asked.stops(CardsDue.key),
        now=asked.now,
        # no calendar on earth shows a day after this one, or one before the other
        latest=asked.until.date() + timedelta(days=1),
        active=asked.now.date() - timedelta(days=AWAY_DAYS + 1),
    )
    for rows in candidates:
        found = ((person, _days(person, zone, due, asked)) for person, zone, due in rows)
        yield [(person, days) for person, days in found if days]


def _days(person: int, zone: str, due: Sequence[date], asked: Asked) -> list[date]:
    today, by = (at.astimezone(ZoneInfo(zone)).date() for at in (asked.now, asked.until))
    return list(days_for(person, due, today, by))


def _piles(letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime) -> dict[UUID, Pile]:
    """What is due to the reader of each letter when it is due, or now: one query."""
    days = {x.pk: readers[x.recipient_id].today(moment(x, now)) for x in letters}
    people, asked = [x.recipient_id for x in letters], [days[x.pk] for x in letters]
    with connection.cursor() as cursor:
        cursor.execute(_PILES, {"people": people, "days": asked})
        piles = {(pile.person, pile.day): pile for pile in (Pile(*row) for row in cursor.fetchall())}
    return {x.pk: piles[x.recipient_id, days[x.pk]] for x in letters}
