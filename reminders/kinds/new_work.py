"""What letters to a mentor about new work share: one a day at most, when something came to her, of all that waits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db.models import Max
from django.db.models.functions import Coalesce

from mentoring.models.charges import rows_of, still_mentors
from reminders.kinds.kind import Asked, Audience, Kind, chunks
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, readers
from reminders.windows import DAY, MIDNIGHT, instant

SOON = timedelta(hours=1)  # what comes in together is said together
USEFUL = timedelta(days=4)

_NEWEST = "SELECT mentor_id, max(came_at) AS newest FROM ({waiting}) w GROUP BY mentor_id"
# Mentors to whom something came after their last letter of this kind. One that is still to be sent says it all.
_NEW = """
SELECT new.mentor_id, new.newest, last.due_at
  FROM ({newest}) new
  LEFT JOIN reminders_letterwishes w ON w.person_id = new.mentor_id
  LEFT JOIN LATERAL (
    SELECT l.state, l.due_at, coalesce(l.sent_at, l.shown_at, (l.facts ->> 'until')::timestamptz) AS told_until
      FROM reminders_letter l WHERE l.recipient_id = new.mentor_id AND l.kind = %(kind)s
     ORDER BY l.id DESC LIMIT 1) last ON true
 WHERE (last.state IS NULL OR last.state NOT IN ('planned', 'sending') AND new.newest > last.told_until)
   AND (w.stopped_kinds ?| %(stops)s) IS NOT TRUE
 ORDER BY new.mentor_id
"""


class NewWork(Kind):
    """Work of one sort that waits for a mentor: one letter a day at most, when something new does."""

    audience = Audience.MENTOR
    priority = 4
    every = timedelta(minutes=10)
    # SQL: the `mentor_id` whose turn it is and when it came to her, `came_at`, of all `{which}` mentorships `own` bring
    waiting: ClassVar[str]

    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        whose = "own.mentor_id = %(person)s" if asked.person else "true"
        sql = _NEW.format(newest=self._newest(whose))
        for found in chunks(sql, person=asked.person, kind=self.key, stops=asked.stops(self.key)):
            known = readers(mentor for mentor, _newest, _last in found)
            letters = (self._letter(known[mentor], newest, last, asked.now) for mentor, newest, last in found)
            yield [letter for letter in letters if letter and letter.due_at < asked.until]

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        people = [letter.recipient_id for letter in letters]
        mentors, newer = still_mentors(people), self._with_something_new(people)
        found = ((letter.pk, _refusal(letter, mentors, newer)) for letter in letters)
        return {pk: reason for pk, reason in found if reason}

    def _letter(
        self, reader: Reader, newest: datetime, last: datetime | None, now: datetime
    ) -> Letter | None:
        from_on = max(newest + SOON, now, _after(last, reader))
        due_at = reader.next_open(from_on)
        if due_at is None:
            return None
        return self.letter(
            reader,
            occurrence=f"{self.key.replace('_', '-')}-{reader.today(due_at).isoformat()}",
            facts={"until": newest.isoformat()},
            not_before=from_on,
            expires_at=from_on + USEFUL,
            now=now,
        )

    def _with_something_new(self, people: Collection[int]) -> set[int]:
        """Those of these people to whom something that waits came after they were last told, by mail or here."""
        newest = rows_of(self._newest("own.mentor_id = ANY(%(mentors)s)"), mentors=list(people))
        letters = Letter.objects.of_kinds([self.key]).decided().filter(recipient__in=people)
        last = letters.order_by().values("recipient").annotate(last=Max(Coalesce("sent_at", "shown_at")))
        told = {person: at for person, at in last.values_list("recipient", "last") if at}
        return {mentor for mentor, came_at in newest if mentor not in told or came_at > told[mentor]}

    def _newest(self, which: str) -> str:
        return _NEWEST.format(waiting=self.waiting.format(which=which))


def _after(last: datetime | None, reader: Reader) -> datetime:
    """The first moment of the local day after that of the last letter."""
    day = reader.today(last) + DAY if last else date(1970, 1, 1)
    return instant(day, MIDNIGHT, reader.person.zone)


def _refusal(letter: Letter, mentors: Collection[int], newer: Collection[int]) -> Reason | None:
    if letter.recipient_id not in mentors:
        return Reason.NOT_MENTOR
    return None if letter.recipient_id in newer else Reason.ANSWERED
