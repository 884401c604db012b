from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from mentoring.models import Mentorship
from progress.models import Enrollment, StandingRow, Submission
from progress.models.enrollment import Position
from progress.standing import QuizFact
from progress.words import Sign, evidence_url, next_sign
from quizzes.models.deck import due_pile, minutes_for
from reminders.kinds.digest import WEEK, Digest, day_of, heading, weekday_name
from reminders.kinds.kind import Matter, moment
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader
from reminders.words import Also, Content, Table, hello, percent_of, standing_of
from roadmap.document import RoadDocument
from roadmap.models import Edition
from roadmap.templatetags.resources import duration

MOST_TASKS = 6
LONG_AWAY = 28  # days: to whom is away longer only the letters about being away are written, and they end


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """Evidence of hers that waits for a review, and with whom."""

    submission: Submission
    mentors: Sequence[User]


@dataclass(frozen=True, slots=True)
class WeekMatter(Matter):
    """The seven days from `on`: where she stands on each unfinished road, the newest first, and what waits."""

    on: date
    positions: Sequence[Position]
    waiting: Sequence[WaitingTask]
    cards: int

    @property
    def named(self) -> Iterable[int]:
        return [task.mentors[0].pk for task in self.waiting if len(task.mentors) == 1]


class Week(Digest):
    """What is planned in a week, where its learner stands, and what waits, on the weekday she chose."""

    key = "week"
    name = _("Your week")
    hint = _("Once a week: what comes next, where you are, and what waits.")
    beside = f"""
LEFT JOIN (SELECT person_id FROM progress_enrollment
            WHERE enrolled_at > %(first)s::date - {LONG_AWAY} AND left_at IS NULL AND finished_at IS NULL
              AND (%(person)s::bigint IS NULL OR person_id = %(person)s)
           UNION
           SELECT e.person_id FROM progress_planversion v JOIN progress_enrollment e ON e.id = v.enrollment_id
            WHERE v.starts_on BETWEEN %(first)s::date - {LONG_AWAY} AND %(last)s::date + 6
              AND e.left_at IS NULL AND e.finished_at IS NULL
              AND (%(person)s::bigint IS NULL OR e.person_id = %(person)s)) begun ON begun.person_id = walker.id
"""  # noqa: S608  # constants
    who = f"""
EXISTS (SELECT FROM accounts_activeday a WHERE a.person_id = walker.id AND a."on" > day.on_day - {LONG_AWAY}
        UNION ALL
        SELECT FROM progress_enrollment e
         WHERE e.person_id = begun.person_id AND e.left_at IS NULL AND e.finished_at IS NULL
           AND (e.enrolled_at > day.on_day - {LONG_AWAY}
                OR EXISTS (SELECT FROM progress_planversion v WHERE v.enrollment_id = e.id
                              AND v.starts_on BETWEEN day.on_day - {LONG_AWAY} AND day.on_day + 6)))
"""  # noqa: S608  # constants
    still = """
EXISTS (SELECT FROM progress_enrollment e
         WHERE e.person_id = asked.id AND e.left_at IS NULL AND e.finished_at IS NULL)
"""

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        people = {letter.recipient_id for letter in letters}
        walking = set(
            Enrollment.objects.unfinished().filter(person__in=people).values_list("person", flat=True)
        )
        without = {x.pk: Reason.NO_ROAD for x in letters if x.recipient_id not in walking}
        return {**super().refusals(letters, readers, now), **without}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        people = {letter.recipient_id for letter in letters}
        roads, waiting = _positions(people, now), _waiting(people)
        days = {x.recipient_id: readers[x.recipient_id].today(moment(x, now)) for x in letters}
        cards = _cards(days)
        found = {}
        for letter in letters:
            person, on = letter.recipient_id, day_of(letter)
            walked = [p for p in roads.get(person, ()) if not _begins_later(p, on) or p.known.active_days]
            walked.sort(key=lambda position: _begins_later(position, on))
            if walked:
                found[letter.pk] = WeekMatter(
                    readers[person], letter, on, walked, waiting.get(person, ()), cards.get(person, 0)
                )
        return found

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, WeekMatter)  # noqa: S101  # matters() makes no other
        position, person = matter.positions[0], matter.reader.person
        sign, row = next_sign(position), _row(position)
        planned = _planned(position, matter.on)
        return Content(
            subject=gettext("Your week, %(days)s") % {"days": heading(matter.on)},
            preheader=" ".join(filter(None, [planned, gettext("Next: %(step)s") % {"step": sign.title}])),
            lead=" ".join(
                filter(None, [hello(person), planned or gettext("this is your week."), _since(matter)])
            ),
            kicker=_kicker(position, sign),
            step=sign.title,
            link=sign.href,
            why=gettext("You get this every %(weekday)s because you are on the road %(road)s.")
            % {"weekday": weekday_name(matter.on), "road": position.document.title},
            tables=tuple(_tables(position)),
            standing=" ".join(filter(None, [standing_of(row), *_facts(matter)])),
            percent=percent_of(row),
            also=tuple(_also(matter)),
            note=_pause(matter),
        )


def _begins_later(position: Position, on: date) -> bool:
    """Her plan of this road begins after this week."""
    planned = position.known.plan
    return bool(planned and planned.starts_on >= on + WEEK)


def _row(position: Position) -> StandingRow:
    """Her standing at this moment, as lists keep it."""
    stands = position.standing
    return StandingRow(
        stages_passed=stands.passed_count,
        stages_total=len(stands.stages),
        core_ticked=stands.core_done,
        core_total=stands.core_total,
    )


def _planned(position: Position, on: date) -> str:
    planned = position.known.plan
    if planned is None or _begins_later(position, on):
        return ""
    hours = planned.hours_per_week
    return ngettext(
        "%(hours)s hour is planned this week.", "%(hours)s hours are planned this week.", ceil(hours)
    ) % {"hours": floatformat(hours, -1)}


def _since(matter: WeekMatter) -> str:
    position = matter.positions[0]
    number = position.week(matter.on, matter.reader.person)
    said = gettext("It is your week %(number)d on %(road)s.")
    return said % {"number": number, "road": position.document.title} if number else ""


def _kicker(position: Position, sign: Sign) -> str:
    step = position.next_step
    if step.kind == "resource":
        time = _length(position.document, step.key)
        return gettext("Start here, %(time)s") % {"time": time} if time else gettext("Start here")
    return gettext("Start here") if step.stage else sign.kicker


def _length(document: RoadDocument, resource: str) -> str:
    minutes = document.resources[resource].minutes
    return duration(round(sum(minutes) / 2)) if minutes else ""


def _tables(position: Position) -> Iterator[Table]:
    rows = list(_tasks(position))[:MOST_TASKS]
    if rows:
        head = (gettext("Task"), gettext("Time"))
        width = (
            2 if any(time for _title, time in rows) else 1
        )  # where no length is known there is no column for it
        yield Table(
            gettext("The week"), tuple(row[:width] for row in rows), head=head[:width] if width > 1 else ()
        )


def _tasks(position: Position) -> Iterator[tuple[str, str]]:
    """What is open in the stage to go on with, in its order: as much of it as fills the hours of a week."""
    step, document = position.next_step, position.document
    ahead = position.standing.by_key[step.stage.key] if step.stage else None
    current = ahead if ahead and not ahead.is_passed else position.standing.current
    if current is None:
        return
    planned, minutes = position.known.plan, 0.0
    left = dict.fromkeys(
        placed.resource
        for topic in current.stage.topics
        for placed in topic.resources
        if placed.role == "core" and placed.resource not in position.standing.facts.ticked
    )
    for key in left:
        if planned and minutes >= float(planned.hours_per_week) * 60:
            return
        entry = document.resources[key]
        minutes += sum(entry.minutes) / 2 if entry.minutes else 0
        yield entry.title, _length(document, key)
    fact = position.standing.facts.quizzes.get(current.stage.quiz or "", QuizFact())
    if current.stage.quiz and not (fact.passed_at or fact.is_with_mentor):
        yield gettext("The quiz of the stage %(stage)s") % {"stage": current.stage.title}, ""
    for task in current.stage.evidence:
        if task.key not in position.standing.facts.evidence:
            yield task.title, gettext("evidence")


def _facts(matter: WeekMatter) -> Iterator[str]:
    """How many days of study last week had, when there were any; when her plan ends, if that day is still ahead."""
    position = matter.positions[0]
    days = sum(matter.on - WEEK <= day < matter.on for day in position.known.active_days)
    if days:
        yield ngettext("%(n)d study day last week.", "%(n)d study days last week.", days) % {"n": days}
    end = max(position.due.values(), default=matter.on)
    if end > matter.on:
        yield gettext("By your plan you reach the end on %(day)s.") % {"day": date_format(end, "j F Y")}


def _pause(matter: WeekMatter) -> str:
    ahead = [p for p in matter.reader.pauses if matter.on < p.starts_on < matter.on + WEEK]
    said = gettext("Your pause begins on %(day)s; the plan waits with you.")
    return said % {"day": date_format(ahead[0].starts_on, "l j F")} if ahead else ""


def _also(matter: WeekMatter) -> Iterator[Also]:
    for task in matter.waiting:
        yield _with_whom(task, matter.reader)
    for position in matter.positions:
        for key, _state in position.known.unseen:
            if key in position.document.task_by_key:
                title = position.document.task_by_key[key].title
                link = evidence_url(position.document.key, key)
                yield Also(title, link, gettext("Your mentor has answered; it is not opened yet."))
    if matter.cards:
        yield _cards_due(matter.cards)
    for position in matter.positions[1:]:
        sign = next_sign(position)
        yield Also(position.document.title, sign.href, gettext("Next: %(step)s") % {"step": sign.title})


def _with_whom(task: WaitingTask, reader: Reader) -> Also:
    row = task.submission
    document = Edition.objects.document(row.task.roadmap.studied_edition_id)
    entry = document.task_by_key.get(row.task.key)
    if len(task.mentors) == 1:
        text = gettext("With %(mentor)s.") % {"mentor": task.mentors[0]}
    else:
        text = gettext("With your mentors.") if task.mentors else gettext("Waits for a review.")
    if row.answer_by:
        day = date_format(reader.today(row.answer_by), "l j F")
        text = f"{text} {gettext('An answer is promised by %(day)s.') % {'day': day}}"
    return Also(entry.title if entry else row.task.title, evidence_url(document.key, row.task.key), text)


def _cards_due(cards: int) -> Also:
    minutes = minutes_for(cards)
    title = ngettext("%(n)d review card", "%(n)d review cards", cards) % {"n": cards}
    text = ngettext("Due today, about %(n)d minute.", "Due today, about %(n)d minutes.", minutes) % {
        "n": minutes
    }
    return Also(title, reverse("progress:cards"), text)


def _positions(people: Iterable[int], now: datetime) -> dict[int, list[Position]]:
    """Where these people stand on their unfinished roads, the one begun last first: two queries."""
    found: dict[int, list[Position]] = {}
    rows = Enrollment.objects.unfinished().filter(person__in=people)
    for position in rows.order_by("-enrolled_at", "-id").positions(now):
        found.setdefault(position.enrollment.person_id, []).append(position)
    return found


def _waiting(people: Iterable[int]) -> dict[int, list[WaitingTask]]:
    """Their evidence that waits, with the mentors whose turn it is: three queries."""
    rows = list(Submission.objects.waiting().filter(person__in=people).select_related("task__roadmap"))
    on_roads = {
        (person, road): cohort
        for person, road, cohort in Enrollment.objects.current()
        .filter(person__in={row.person_id for row in rows})
        .values_list("person", "roadmap", "cohort")
    }
    mentors = _mentors({row.person_id for row in rows}, set(filter(None, on_roads.values())))
    found: dict[int, list[WaitingTask]] = {}
    for row in rows:
        cohort = on_roads.get((row.person_id, row.task.roadmap_id))
        who = {**mentors.get(("learner", row.person_id), {}), **mentors.get(("cohort", cohort), {})}
        who.pop(row.person_id, None)
        found.setdefault(row.person_id, []).append(WaitingTask(row, tuple(who.values())))
    return found


def _mentors(people: set[int], cohorts: set[int]) -> dict[tuple[str, int | None], dict[int, User]]:
    """Who mentors these people by name and these cohorts: by whom or what, mentors by id."""
    found: dict[tuple[str, int | None], dict[int, User]] = {}
    rows = Mentorship.objects.running().filter(Q(learner__in=people) | Q(cohort__in=cohorts))
    for row in rows.filter(mentor__is_active=True).select_related("mentor").order_by("began_at", "pk"):
        of = ("learner", row.learner_id) if row.learner_id else ("cohort", row.cohort_id)
        found.setdefault(of, {})[row.mentor_id] = row.mentor
    return found


_DUE_CARDS = f"""
SELECT asked.person, pile.shown FROM unnest(%(people)s::bigint[], %(days)s::date[]) AS asked (person, day)
 CROSS JOIN LATERAL ({due_pile("asked.person", "asked.day")}) pile
"""  # noqa: S608  # constants


def _cards(days: Mapping[int, date]) -> dict[int, int]:
    """How many review cards these people are shown on their days: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE_CARDS, {"people": list(days), "days": list(days.values())})
        return dict(cursor.fetchall())
