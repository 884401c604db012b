from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max, Q
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ActiveDay, Pause, User
from mentoring import words
from mentoring.models.charges import PAIRS, roads_of_pairs
from reminders.kinds.kind import Asked, Audience, Kind, Matter, chunks, moment
from reminders.models.letter import Letter, LetterState, Reason
from reminders.models.reader import Reader, readers
from reminders.words import LISTED, Also, Content, hello, more

AFTER = timedelta(days=2)  # the last letter may still be read, and answered by a day of study
USEFUL = timedelta(days=14)

# Last letters about being away that reached somebody who has not been here since. An index of its own finds them:
# last_quiet_letters_by_due.
_GONE = """
 l.kind = 'quiet' AND l.facts @> '{{"is_last": true}}' AND l.due_at > %(after)s
 AND coalesce(l.sent_at, l.shown_at) <= %(before)s
 AND NOT EXISTS (SELECT FROM accounts_activeday a
                  WHERE a.person_id = l.recipient_id AND a."on" > (l.facts ->> 'since')::date)
"""
# The same with her mentors. How many pairs there are no planner knows, so the letter of each is looked up once more by
# its reader: an index does that well for few and for many.
_LAST = f"""
WITH gone AS MATERIALIZED (SELECT l.recipient_id FROM reminders_letter l WHERE {_GONE})
SELECT pair.mentor_id, l.recipient_id, (l.facts ->> 'since')::date, coalesce(l.sent_at, l.shown_at)
  FROM ({PAIRS.format(which="e.person_id IN (SELECT recipient_id FROM gone)")}) pair
  JOIN reminders_letter l ON l.recipient_id = pair.learner_id AND {_GONE}
  LEFT JOIN reminders_letterwishes w ON w.person_id = pair.mentor_id
 WHERE {{whose}} AND (w.stopped_kinds ?| %(stops)s) IS NOT TRUE
   AND NOT EXISTS (SELECT FROM reminders_letter told
                    WHERE told.recipient_id = pair.mentor_id AND told.kind = 'mentee_quiet'
                      AND told.occurrence = 'learner-' || l.recipient_id || '/quiet-since-' || (l.facts ->> 'since'))
 ORDER BY pair.mentor_id, l.id
"""  # noqa: S608  # constants
Found = tuple[
    int, int, date, datetime
]  # a mentor, a learner, since when she is quiet, when her last letter came


@dataclass(frozen=True, slots=True)
class Absent:
    """One learner who is quiet still, since which day, and the road she is on."""

    learner: User
    since: date
    road: str

    @property
    def page(self) -> str:
        return words.learner_url(self.learner.pk, self.road)


@dataclass(frozen=True, slots=True)
class MenteeQuietMatter(Matter):
    """The learners whose mentor has not been told yet, the longest quiet first."""

    absent: Sequence[Absent]

    @property
    def named(self) -> Iterable[int]:
        return [one.learner.pk for one in self.absent]


class MenteeQuiet(Kind):
    """A learner got the last letter about being away and is quiet still: her mentor is told once, and she is let be."""

    key = "mentee_quiet"
    name = _("A learner stays away")
    hint = _("Once, when somebody has not come back after the last of our letters.")
    audience = Audience.MENTOR
    priority = 5
    every = timedelta(minutes=30)

    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        whose = "pair.mentor_id = %(person)s" if asked.person else "true"
        found = chunks(
            _LAST.format(whose=whose),
            person=asked.person,
            stops=asked.stops(self.key),
            after=asked.now - 3 * USEFUL,
            before=asked.until - AFTER,
        )
        for some in found:
            known = readers(row[0] for row in some)
            letters = (self._letter(known[row[0]], row, asked.now) for row in some)
            yield [letter for letter in letters if letter]

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        refused = _refused(letters, now)
        return {letter.pk: reason for letter in letters if (reason := refused[letter.pk])}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        untold = _untold(letters, now)
        everybody = [letter for some in untold.values() for letter in some]
        refused = _refused(everybody, now)
        roads = roads_of_pairs(_pair(letter) for letter in everybody)
        people = User.objects.get_queryset().in_bulk({letter.facts["learner"] for letter in everybody})
        found = {}
        for letter in letters:
            absent = {
                x.facts["learner"]: Absent(people[x.facts["learner"]], _since(x), roads[_pair(x)])
                for x in untold[letter.pk]
                if not refused[x.pk] and x.facts["learner"] in people
            }
            if absent:
                rows = sorted(absent.values(), key=lambda row: row.since)
                found[letter.pk] = MenteeQuietMatter(readers[letter.recipient_id], letter, rows)
        return found

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, MenteeQuietMatter)  # noqa: S101  # matters() makes no other
        first, rest, count = matter.absent[0], matter.absent[1:], len(matter.absent)
        said = {
            "hello": hello(matter.reader.person),
            "learner": first.learner,
            "day": date_format(first.since, "j F"),
            "n": count,
        }
        return Content(
            subject=ngettext(
                "%(learner)s has been quiet since %(day)s", "%(n)d of your learners stay away", count
            )
            % said,
            preheader=gettext("No further letter of ours follows; a word from you may help."),
            lead=gettext(
                "%(hello)s %(learner)s has had no day of study since %(day)s and did not come back after the last of"
                " our letters. No further one follows; a word from you may help."
            )
            % said,
            kicker=gettext("See how far %(learner)s came") % said,
            step=str(first.learner),
            link=first.page,
            why=gettext(
                "You get this as a mentor, once for each time that somebody stays away after our last letter."
            ),
            also=tuple(_line(row) for row in rest[:LISTED]),
            more=more(len(rest) - LISTED),
            note=gettext("A signal is a reason to write, not a grade."),
        )

    def _letter(self, reader: Reader, found: Found, now: datetime) -> Letter | None:
        _mentor, learner, since, told_at = found
        return self.letter(
            reader,
            occurrence=f"learner-{learner}/quiet-since-{since.isoformat()}",
            facts={"learner": learner, "since": since.isoformat()},
            not_before=told_at + AFTER,
            expires_at=told_at + AFTER + USEFUL,
            now=now,
        )


def _line(row: Absent) -> Also:
    said = gettext("Quiet since %(day)s.") % {"day": date_format(row.since, "j F")}
    return Also(str(row.learner), row.page, said)


def _pair(letter: Letter) -> tuple[int, int]:
    return letter.recipient_id, letter.facts["learner"]


def _since(letter: Letter) -> date:
    return date.fromisoformat(letter.facts["since"])


def _untold(letters: Sequence[Letter], now: datetime) -> dict[UUID, list[Letter]]:
    """What each of these letters has to say: itself, and what is due to the same mentor and was not sent yet."""
    mentors = {letter.recipient_id for letter in letters}
    mine = Letter.objects.of_kinds([MenteeQuiet.key]).filter(recipient__in=mentors)
    sent = mine.filter(state=LetterState.SENT).order_by("recipient", "-id").distinct("recipient")
    told = dict(sent.values_list("recipient", "id"))
    waits = Q(state__in=[LetterState.PLANNED, LetterState.SENDING]) | Q(reason=Reason.SUPERSEDED)
    rows = [
        row
        for row in mine.filter(waits)  # what was sent has said what it superseded, not what came up later
        if row.reason != Reason.SUPERSEDED or row.recipient_id not in told or row.pk > told[row.recipient_id]
    ]
    return {
        letter.pk: [
            letter,
            *(
                row
                for row in rows
                if row.recipient_id == letter.recipient_id
                and row.pk != letter.pk
                and (row.not_before or row.due_at) <= moment(letter, now)
            ),
        ]
        for letter in letters
    }


def _refused(letters: Sequence[Letter], now: datetime) -> dict[UUID, Reason | None]:
    """Why each of these is no longer true: three queries."""
    learners = {letter.facts["learner"] for letter in letters}
    roads = roads_of_pairs(_pair(letter) for letter in letters)
    last = dict(_last_days(learners))
    pauses: dict[int, list[Pause]] = {}
    for pause in Pause.objects.filter(person__in=learners):
        pauses.setdefault(pause.person_id, []).append(pause)
    return {
        x.pk: _refusal(x, roads, last, pauses.get(x.facts["learner"], []), moment(x, now).date())
        for x in letters
    }


def _last_days(people: Iterable[int]) -> Iterable[tuple[int, date]]:
    rows = ActiveDay.objects.filter(person__in=people).order_by().values_list("person")
    return rows.annotate(last=Max("on"))


def _refusal(
    letter: Letter,
    roads: Mapping[tuple[int, int], str],
    last: Mapping[int, date],
    pauses: Sequence[Pause],
    today: date,
) -> Reason | None:
    if last.get(letter.facts["learner"], date.min) > _since(letter):
        return Reason.CAME_BACK
    if _pair(letter) not in roads:
        return Reason.NOT_MENTOR
    return Reason.ON_PAUSE if any(p.starts_on <= today < p.ends_on for p in pauses) else None
