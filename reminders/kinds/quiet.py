from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ActiveDay
from progress.models import Enrollment, StandingRow, Submission
from quizzes.models import Attempt
from reminders import quiet
from reminders.kinds.kind import Asked, Kind, Matter, chunks, moment, zones_of
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, readers
from reminders.models.wishes import MOST_QUIET_DAYS
from reminders.windows import MIDNIGHT, instant, is_on_pause
from reminders.words import Content, hello, percent_of, stage_of, standing_of
from roadmap.document import RoadDocument
from roadmap.models import Edition

# Since when people are quiet who are on an unfinished road: since the last of their active days, their enrolling and
# the first day of their plan.
_BEGAN = """
SELECT max(greatest((e.enrolled_at AT TIME ZONE 'UTC')::date, plan.starts_on)) AS "on"
  FROM progress_enrollment e
  LEFT JOIN LATERAL (SELECT v.starts_on FROM progress_planversion v WHERE v.enrollment_id = e.id
                      ORDER BY v.number DESC LIMIT 1) plan ON true
 WHERE e.person_id = who.id AND e.left_at IS NULL AND e.finished_at IS NULL HAVING count(*) > 0
"""
_LAST = 'SELECT max(a."on") AS "on" FROM accounts_activeday a WHERE a.person_id = who.id'
_SINCE = f"""
SELECT who.id, greatest(last."on", began."on"), w.quiet_days
  FROM accounts_user who
  LEFT JOIN reminders_letterwishes w ON w.person_id = who.id
 CROSS JOIN LATERAL ({_LAST}) last
 CROSS JOIN LATERAL ({_BEGAN}) began
 WHERE who.is_active AND who.id = ANY(%(people)s)
"""  # noqa: S608  # constants

# Those whose next letter may have to be in the ledger by now: the newest one there says after how many days the next
# comes. Pauses only put letters off, so leaving them out finds too many people, never too few; plain arithmetic then
# looks at each. `latest` is the last day that planning looks at in each zone: a day more would bring in everybody who
# was here yesterday.
#
# Most people of a big house are here, or were long ago: the last active day alone says so. Of the latter, whoever began
# something since then or has had a pause is looked at all the same. All goes on in the order of the people's ids, so
# that rows of one person, which lie together, are read together.
_CANDIDATES = f"""
WITH looked_at AS MATERIALIZED (
SELECT who.id, last."on", local.latest, w.quiet_days
  FROM accounts_user who
  JOIN unnest(%(zones)s::text[], %(latest)s::date[]) AS local (zone, latest) ON local.zone = who.time_zone
  LEFT JOIN reminders_letterwishes w ON w.person_id = who.id
 CROSS JOIN LATERAL ({_LAST}) last
  LEFT JOIN (SELECT person_id FROM progress_enrollment WHERE enrolled_at >= %(since)s
             UNION SELECT e.person_id FROM progress_planversion v JOIN progress_enrollment e ON e.id = v.enrollment_id
                    WHERE v.starts_on >= %(since)s
             UNION SELECT person_id FROM accounts_pause) began ON began.person_id = who.id
 WHERE who.is_active AND {{whose}} AND (w.stopped_kinds ?| %(stops)s) IS NOT TRUE
   AND (last."on" IS NULL OR last."on" + coalesce(w.quiet_days, %(earliest)s) <= local.latest)
   AND (last."on" >= %(since)s OR began.person_id IS NOT NULL)
 ORDER BY who.id)
SELECT who.id, since."on", who.quiet_days
  FROM looked_at who
 CROSS JOIN LATERAL ({_BEGAN}) began
 CROSS JOIN LATERAL (SELECT greatest(who."on", began."on") AS "on") since
 CROSS JOIN LATERAL (SELECT coalesce(sum(p.ends_on - p.starts_on), 0)::integer AS days FROM accounts_pause p
                      WHERE p.person_id = who.id AND p.ends_on > since."on") paused
  LEFT JOIN LATERAL (SELECT (l.facts ->> 'next')::integer AS next, (l.facts ->> 'chosen')::integer AS chosen,
                            l.facts ? 'next' AS knows_next
                       FROM reminders_letter l
                      WHERE l.recipient_id = who.id AND l.kind = 'quiet'
                        AND l.facts ->> 'since' = since."on"::text
                      ORDER BY l.id DESC LIMIT 1) newest ON true
 WHERE since."on" + coalesce(who.quiet_days, %(earliest)s) <= who.latest
   AND since."on" + coalesce(who.quiet_days, %(longest)s) + %(over)s + paused.days >= %(today)s
   AND (newest IS NULL OR NOT newest.knows_next OR newest.chosen IS DISTINCT FROM who.quiet_days
        OR since."on" + newest.next <= who.latest)
"""  # noqa: S608  # constants
Found = tuple[
    int, date, int | None
]  # a person, since when she is quiet, after how many days she wants to be written to


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
    hint = _("Four letters at most, further and further apart, then silence.")
    priority = 6
    every = timedelta(minutes=30)

    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        """Letters that fall due before the moment asked for; wishes and facts are asked again then."""
        for found in _candidates(asked):
            known = readers(person for person, _since, _days in found)
            firsts = _firsts(found)
            yield [x for row in found for x in self._letters(known[row[0]], row[1], firsts[row[0]], asked)]

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        found = _since({letter.recipient_id for letter in letters})
        since, firsts = {person: on for person, on, _days in found}, _firsts(found)
        idle = _only_waiting(set(since), now)
        refused = ((x.pk, _refusal(x, readers[x.recipient_id], since, firsts, now)) for x in letters)
        waits = {x.pk: Reason.NOTHING_TO_SAY for x in letters if x.recipient_id in idle}
        return waits | {pk: reason for pk, reason in refused if reason}

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

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, QuietMatter)  # noqa: S101  # matters() makes no other
        road, standing = matter.document, matter.standing
        stage = stage_of(road, standing)
        since = date_format(matter.since, "j F")
        last = gettext("This is the last letter of this kind until you are back.")
        return Content(
            subject=gettext("%(road)s: go on with %(stage)s") % {"road": road.title, "stage": stage[1]},
            preheader=gettext("Everything is where you left it on %(day)s.") % {"day": since},
            lead=gettext(
                "%(hello)s there has been no day of study since %(day)s. Everything is where you left it."
            )
            % {"hello": hello(matter.reader.person), "day": since},
            kicker=gettext("Go on here"),
            step=stage[1],
            link=stage[0],
            why=ngettext(
                "You get this after %(count)d day without study.",
                "You get this after %(count)d days without study.",
                matter.days,
            )
            % {"count": matter.days},
            standing=standing_of(standing),
            percent=percent_of(standing),
            note=last if matter.is_last else "",
        )

    def _letters(self, reader: Reader, since: date, first: int, asked: Asked) -> Iterator[Letter]:
        zone = reader.person.zone
        today, by = (at.astimezone(zone).date() for at in (asked.now, asked.until))
        for step in quiet.ahead(since, first, reader.pauses, today, by):
            letter = self.letter(
                reader,
                occurrence=quiet.occurrence(since, step.days),
                facts={
                    "since": since.isoformat(),
                    "days": step.days,
                    "is_last": step.is_last,
                    "next": quiet.after(step, first),
                    "chosen": reader.wishes.quiet_days,
                },
                not_before=instant(step.due_on, MIDNIGHT, zone),
                expires_at=instant(step.useless_on, MIDNIGHT, zone),
                now=asked.now,
            )
            if letter:
                yield letter


def _refusal(
    letter: Letter, reader: Reader, since: Mapping[int, date], firsts: Mapping[int, int], now: datetime
) -> Reason | None:
    """Why this letter is no longer true: she is on no road, came back, wants other days, or is on pause."""
    known, today = since.get(letter.recipient_id), reader.today(moment(letter, now))
    if known is None:
        return Reason.NO_ROAD
    if known.isoformat() != letter.facts["since"]:
        return Reason.CAME_BACK
    if is_on_pause(reader.wanted, today):
        return Reason.ON_PAUSE
    planned_days = {s.days: s for s in quiet.steps(known, firsts[letter.recipient_id], reader.pauses)}
    step = planned_days.get(letter.facts["days"])
    if step is None:
        return Reason.WISHES_CHANGED
    # a pause declared since then; somebody who moved west may get it some hours early
    return Reason.ON_PAUSE if today < step.due_on and reader.pauses else None


def _firsts(found: Sequence[Found]) -> dict[int, int]:
    """After how many days of quiet each of these people gets the first letter: one query for a chunk."""
    unsaid = {person: since for person, since, days in found if days is None}
    active: dict[int, list[date]] = {}
    if unsaid:
        earliest = min(unsaid.values()) - quiet.KNOWN_FROM
        rows = ActiveDay.objects.filter(person__in=unsaid, on__gt=earliest)
        for person, on in rows.values_list("person", "on"):
            active.setdefault(person, []).append(on)
    return {
        person: quiet.first_after(days, quiet.usual_gap(active.get(person, ()), since))
        for person, since, days in found
    }


def _since(people: set[int]) -> list[Found]:
    """Since which day each of these people is quiet; those on no unfinished road are missing."""
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, {"people": sorted(people)})
        rows: list[Found] = cursor.fetchall()
    return rows


def _candidates(asked: Asked) -> Iterator[list[Any]]:
    """Chunks of what is Found by the statement above."""
    whose = "who.id = %(person)s" if asked.person else "true"
    zones = zones_of(asked)
    today = asked.now.date() - timedelta(days=1)  # no calendar on earth shows a day before
    longest, over = quiet.PATIENCE_DAYS + quiet.KNOWN_FROM.days, quiet.DISTANCES[-1] + quiet.LAST_USEFUL_DAYS
    yield from chunks(
        _CANDIDATES.format(whose=whose),
        person=asked.person,
        stops=asked.stops(Quiet.key),
        earliest=quiet.PATIENCE_DAYS + 1,
        longest=longest,
        over=over,
        today=today,
        since=today - timedelta(days=max(longest, MOST_QUIET_DAYS) + over),
        zones=zones,
        latest=[asked.until.astimezone(ZoneInfo(zone)).date() for zone in zones],
    )


def _roads(people: set[int]) -> dict[int, Enrollment]:
    """The unfinished road of each person that she began last."""
    rows = (
        Enrollment.objects.unfinished()
        .filter(person__in=people)
        .select_related("roadmap", "standing_row__current_stage")
        .order_by("enrolled_at", "id")
    )
    return {row.person_id: row for row in rows}


def _only_waiting(people: set[int], now: datetime) -> set[int]:
    """Those who can go on nowhere before a mentor answers.

    Asked of the few who wait for marks, or for a review while no stage was under way when they last did something.
    """
    between = Enrollment.objects.unfinished().filter(person__in=people, standing_row__current_stage=None)
    reviewed = Submission.objects.waiting().filter(person__in=between.order_by().values("person"))
    marked = Attempt.objects.waiting().filter(person__in=people)
    some = set(
        reviewed.order_by()
        .values_list("person", flat=True)
        .union(marked.order_by().values_list("person", flat=True))
    )
    found = Enrollment.objects.unfinished().filter(person__in=some).positions(now) if some else ()
    return some - {x.enrollment.person_id for x in found if x.next_step.stage is not None}
