from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from mentoring.models.charges import WAITING, WaitingWork, newest_waiting, still_mentors, waiting_for
from reminders.kinds.kind import Asked, Audience, Kind, Matter, chunks, moment
from reminders.kinds.mentors import late_words, listed, review_url, review_words, task_title
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, readers
from reminders.windows import DAY, MIDNIGHT, instant
from reminders.words import LISTED, Content, hello, more

SOON = timedelta(hours=1)  # what comes in together is said together
USEFUL = timedelta(days=4)

# Mentors to whom evidence came after their last letter of this kind. One that is still to be sent says it all.
_NEW = f"""
SELECT new.mentor_id, new.newest, last.due_at
  FROM (SELECT mentor_id, max(came_at) AS newest FROM ({WAITING.format(which="{whose}")}) w
         GROUP BY mentor_id) new
  LEFT JOIN reminders_letterwishes w ON w.person_id = new.mentor_id
  LEFT JOIN LATERAL (
    SELECT l.state, l.due_at, coalesce(l.sent_at, l.shown_at, (l.facts ->> 'until')::timestamptz) AS told_until
      FROM reminders_letter l WHERE l.recipient_id = new.mentor_id AND l.kind = 'evidence_waits'
     ORDER BY l.id DESC LIMIT 1) last ON true
 WHERE (last.state IS NULL OR last.state NOT IN ('planned', 'sending') AND new.newest > last.told_until)
   AND (w.stopped_kinds ?| %(stops)s) IS NOT TRUE
 ORDER BY new.mentor_id
"""  # noqa: S608  # constants
Found = tuple[
    int, datetime, datetime | None
]  # a mentor, when the newest came to her, when her last letter was due


@dataclass(frozen=True, slots=True)
class EvidenceWaitsMatter(Matter):
    """The evidence that waits for this mentor, the longest waiting first, as it is at `now`."""

    work: WaitingWork
    now: datetime


class EvidenceWaits(Kind):
    """Evidence of a mentor's learners waits for a review: one letter a day at most, when something new does."""

    key = "evidence_waits"
    name = _("Evidence to review")
    hint = _("Once a day at most, when new evidence of your learners has come to you.")
    audience = Audience.MENTOR
    priority = 4
    every = timedelta(minutes=10)

    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        whose = "own.mentor_id = %(person)s" if asked.person else "true"
        for found in chunks(_NEW.format(whose=whose), person=asked.person, stops=asked.stops(self.key)):
            known = readers(mentor for mentor, _newest, _last in found)
            letters = (self._letter(known[mentor], newest, last, asked.now) for mentor, newest, last in found)
            yield [letter for letter in letters if letter and letter.due_at < asked.until]

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        people = {letter.recipient_id for letter in letters}
        mentors, newest, told = still_mentors(people), newest_waiting(people), _told(people)
        found = ((x.pk, _refusal(x, mentors, newest, told)) for x in letters)
        return {pk: reason for pk, reason in found if reason}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        waiting = waiting_for({letter.recipient_id for letter in letters}, now, most=LISTED + 1)
        return {
            letter.pk: EvidenceWaitsMatter(
                readers[letter.recipient_id], letter, work=work, now=moment(letter, now)
            )
            for letter in letters
            if (work := waiting.get(letter.recipient_id))
        }

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, EvidenceWaitsMatter)  # noqa: S101  # matters() makes no other
        work, oldest = matter.work, matter.work.first[0]
        return Content(
            subject=ngettext(
                "%(count)d piece of evidence waits for your review",
                "%(count)d pieces of evidence wait for your review",
                work.count,
            )
            % {"count": work.count},
            preheader=gettext("The longest waiting: %(task)s by %(learner)s.")
            % {"task": task_title(oldest), "learner": oldest.person},
            lead=" ".join(filter(None, [_lead(matter), late_words(work)])),
            kicker=review_words(oldest, matter.reader.person, matter.now),
            step=task_title(oldest),
            link=review_url(oldest),
            why=gettext(
                "You get this as a mentor, because evidence of your learners came to you since the last such letter."
            ),
            also=listed(work.first[1:], matter.reader, matter.now),
            more=more(work.count - len(work.first)),
        )

    def _letter(
        self, reader: Reader, newest: datetime, last: datetime | None, now: datetime
    ) -> Letter | None:
        from_on = max(newest + SOON, now, _after(last, reader))
        due_at = reader.next_open(from_on)
        if due_at is None:
            return None
        return self.letter(
            reader,
            occurrence=f"evidence-waits-{reader.today(due_at).isoformat()}",
            facts={"until": newest.isoformat()},
            not_before=from_on,
            expires_at=from_on + USEFUL,
            now=now,
        )


def _lead(matter: EvidenceWaitsMatter) -> str:
    return gettext("%(hello)s evidence of your learners has come to you.") % {
        "hello": hello(matter.reader.person)
    }


def _after(last: datetime | None, reader: Reader) -> datetime:
    """The first moment of the local day after that of the last letter."""
    day = reader.today(last) + DAY if last else date(1970, 1, 1)
    return instant(day, MIDNIGHT, reader.person.zone)


def _told(people: set[int]) -> dict[int, datetime]:
    """When each of these people was last told, by mail or here, what waits for her."""
    told = Letter.objects.of_kinds([EvidenceWaits.key]).decided().filter(recipient__in=people)
    last = Max(Coalesce("sent_at", "shown_at"))
    found = told.order_by().values("recipient").annotate(last=last)
    return {person: at for person, at in found.values_list("recipient", "last") if at}


def _refusal(
    letter: Letter, mentors: set[int], newest: Mapping[int, datetime], told: Mapping[int, datetime]
) -> Reason | None:
    if letter.recipient_id not in mentors:
        return Reason.NOT_MENTOR
    came_at, told_at = newest.get(letter.recipient_id), told.get(letter.recipient_id)
    is_new = came_at and (told_at is None or came_at > told_at)
    return None if is_new else Reason.ANSWERED
