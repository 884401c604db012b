from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from mentoring import words
from mentoring.models.charges import WAITING, WaitingWork, promised_by, submissions_waiting
from mentoring.models.reach import mentored_submissions
from progress.models import Submission
from reminders.kinds.kind import Asked, Audience, Kind, Matter, chunks, moment
from reminders.kinds.mentors import learners_of, listed, review_url, review_words, task_title
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, readers
from reminders.windows import DAY
from reminders.words import LISTED, Content, hello, more

AGAIN = timedelta(days=7)

# Evidence that waits and whose promised day is near or was over not long ago, with the version it waits since: newer
# ones keep the place in the queue, and the promise.
_PROMISED = f"""
SELECT w.mentor_id, w.submission_id, w.answer_by,
       (SELECT min(v.number) FROM progress_submissionversion v
         WHERE v.submission_id = w.submission_id AND v.handed_in_at >= w.state_since) AS since_version
  FROM ({WAITING.format(which="s.answer_by > %(after)s AND s.answer_by < %(before)s AND {whose}")}) w
  LEFT JOIN reminders_letterwishes wishes ON wishes.person_id = w.mentor_id
 WHERE (wishes.stopped_kinds ?| %(stops)s) IS NOT TRUE
 ORDER BY w.mentor_id, w.submission_id
"""  # noqa: S608  # constants
# Letters of before were named by her own day: one that is in the ledger under another name is known by when it ends.
_NAMED = """
SELECT new.id
  FROM unnest(%(ids)s::uuid[], %(mentors)s::bigint[], %(names)s::text[], %(ends)s::timestamptz[])
       AS new (id, mentor, name, ends)
  JOIN reminders_letter l ON l.recipient_id = new.mentor AND l.kind = 'promise' AND l.occurrence = new.name
                         AND l.expires_at = new.ends
"""
Found = tuple[
    int, int, datetime, int
]  # a mentor, a submission, by when an answer is promised, since which version


@dataclass(frozen=True, slots=True)
class PromiseMatter(Matter):
    """The evidence that this letter is about, then what else was promised by then, the earliest first, as at `now`."""

    work: WaitingWork
    now: datetime

    @property
    def named(self) -> Iterable[int]:
        return learners_of(self.work)


class Promise(Kind):
    """An answer to evidence was promised by a day that is near, or over: then once, and once more a week later."""

    key = "promise"
    name = _("Promised answers")
    hint = _("A day before an answer to evidence was promised, and when that day is over.")
    audience = Audience.MENTOR
    priority = 2
    every = timedelta(minutes=10)

    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        whose = "own.mentor_id = %(person)s" if asked.person else "true"
        told: dict[str, Any] = {"person": asked.person, "stops": asked.stops(self.key)}
        times = {"after": asked.now - 2 * AGAIN, "before": asked.until + DAY}
        for found in chunks(_PROMISED.format(whose=whose), **told, **times):
            known = readers(row[0] for row in found)
            letters = [letter for row in found for letter in self._letters(known[row[0]], row, asked)]
            before = _written_before(letters)
            yield [letter for letter in letters if letter.pk not in before]

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        waiting = submissions_waiting(letter.facts["submission"] for letter in letters)
        found = ((x.pk, _refusal(x, waiting)) for x in letters)
        return {pk: reason for pk, reason in found if reason}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        latest = max(moment(letter, now) for letter in letters)
        mentors = {letter.recipient_id for letter in letters}
        promised = promised_by(mentors, latest + DAY, latest, most=LISTED + 1)
        own = mentored_submissions().waiting().listed().in_bulk({x.facts["submission"] for x in letters})
        found: dict[UUID, Matter] = {}
        for letter in letters:
            first, work = own.get(letter.facts["submission"]), promised.get(letter.recipient_id)
            if first and work:
                reader = readers[letter.recipient_id]
                found[letter.pk] = PromiseMatter(
                    reader, letter, work=_led_by(first, work), now=moment(letter, now)
                )
        return found

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, PromiseMatter)  # noqa: S101  # matters() makes no other
        work, first, mentor = matter.work, matter.work.first[0], matter.reader.person
        subject, preheader, lead, why = _sentences(first, mentor, is_over=first.is_late(matter.now))
        return Content(
            subject=subject,
            preheader=preheader,
            lead=lead,
            why=why,
            kicker=review_words(first, mentor, matter.now),
            step=task_title(first),
            link=review_url(first),
            also=listed(work.first[1:], matter.reader, matter.now),
            more=more(work.count - len(work.first)),
        )

    def _letters(self, reader: Reader, found: Found, asked: Asked) -> Iterator[Letter]:
        _mentor, submission, answer_by, version = found
        named = f"submission-{submission}/version-{version}"
        facts: dict[str, object] = {"submission": submission, "answer_by": answer_by.isoformat()}
        for what, at, useless_at in (
            ("near", answer_by - DAY, answer_by),
            ("broken", answer_by, answer_by + AGAIN),
            ("broken", answer_by + AGAIN, answer_by + 2 * AGAIN),
        ):
            letter = at < asked.until and self.letter(
                reader,
                occurrence=f"{named}/{what}-{_day(at if what == 'broken' else answer_by)}",
                facts=facts,
                not_before=at,
                expires_at=useless_at,
                now=asked.now,
            )
            if letter:
                yield letter


def _led_by(first: Submission, work: WaitingWork) -> WaitingWork:
    """The same work, with this piece of it before the others."""
    others = [x for x in work.first if x.pk != first.pk]
    return replace(work, first=(first, *others[:LISTED]))


def _day(at: datetime) -> date:
    """The day that names a letter: not one of her calendar, since she may move to another zone."""
    return at.astimezone(UTC).date()


def _written_before(letters: Sequence[Letter]) -> set[UUID]:
    """Those that stand in the ledger already, named by the day before or after, as it was in some zone."""
    others = [(x, name) for x in letters for name in _beside(x.occurrence)]
    told: dict[str, list[Any]] = {
        "ids": [x.pk for x, _name in others],
        "mentors": [x.recipient_id for x, _name in others],
        "names": [name for _x, name in others],
        "ends": [x.expires_at for x, _name in others],
    }
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, told)
        return {pk for (pk,) in cursor.fetchall()}


def _beside(occurrence: str) -> tuple[str, str]:
    """The same occurrence as it is named by the day before and by the day after."""
    what, day = occurrence[:-10], date.fromisoformat(occurrence[-10:])
    return f"{what}{day - DAY}", f"{what}{day + DAY}"


def _sentences(first: Submission, mentor: User, *, is_over: bool) -> tuple[str, str, str, str]:
    """Subject, preheader, lead and why."""
    said = {"task": task_title(first), "learner": str(first.person), "hello": hello(mentor)}
    if first.answer_by:
        said["day"] = words.short_day(mentor.today(first.answer_by))
    if is_over:
        return (
            gettext("%(task)s by %(learner)s: an answer was promised by %(day)s") % said,
            gettext("%(learner)s waits for your answer.") % said,
            gettext("%(hello)s %(learner)s waits for your answer, which was promised by %(day)s.") % said,
            gettext("You get this as a mentor after a promised day, and once more a week later."),
        )
    return (
        gettext("%(task)s by %(learner)s: answer by %(day)s") % said,
        gettext("The promised day is near."),
        gettext("%(hello)s an answer to %(learner)s was promised by %(day)s.") % said,
        gettext("You get this as a mentor a day before a promised day is over."),
    )


def _refusal(letter: Letter, waiting: Mapping[int, tuple[datetime, frozenset[int]]]) -> Reason | None:
    answer_by, mentors = waiting.get(letter.facts["submission"], (None, frozenset[int]()))
    if answer_by is None or answer_by.isoformat() != letter.facts["answer_by"]:
        return Reason.ANSWERED
    return None if letter.recipient_id in mentors else Reason.NOT_MENTOR
