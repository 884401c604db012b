"""What the letters about planned stages share: whose next stage of her plan has a day that comes or has gone by."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import ClassVar
from uuid import UUID

from django.urls import reverse

from progress.models import Enrollment
from progress.models.enrollment import Position
from progress.plan import shift
from progress.standing import RequirementKind, StageStanding, step_in
from progress.words import stage_url
from reminders.kinds.kind import CHUNK, Asked, Kind, Matter, chunks, moment
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, pauses_of, readers
from reminders.windows import DAY, MIDNIGHT, instant
from roadmap.document import RoadDocument
from roadmap.models import Edition

# A pass that counts, as progress/models/facts.py says it.
_PASSED = """EXISTS (
  SELECT FROM progress_stagepass p
   WHERE p.person_id = e.person_id AND p.stage_id = {stage} AND p.passed_at >= coalesce(e.counts_from, '-infinity')
     AND NOT EXISTS (SELECT FROM progress_reopening o WHERE o.stage_id = p.stage_id AND o.edition_id > p.edition_id)
     AND (p.source = 'walked' OR NOT coalesce((SELECT walks FROM progress_walkchoice c
           WHERE c.attempt_id = p.attempt_id AND c.stage_id = p.stage_id ORDER BY c.id DESC LIMIT 1), false)))"""

# Of each planned stage that is not passed: whose it is, its day without pauses, and which stages planned before it are
# not passed either.
_FOUND = f"""
SELECT e.person_id, e.id, road.current_edition_id, stage.id, stage.key, s.due_on, plan.starts_on, plan.made_at,
       step.name,
       ARRAY(SELECT earlier.key FROM progress_plannedstage b JOIN roadmap_stage earlier ON earlier.id = b.stage_id
              WHERE b.plan_id = s.plan_id AND (b.due_on, b.id) < (s.due_on, s.id)
                AND NOT {_PASSED.format(stage="b.stage_id")})
"""  # noqa: S608  # constants
_WHERE = f"""
  JOIN roadmap_stage stage ON stage.id = s.stage_id
  JOIN roadmap_roadmap road ON road.id = e.roadmap_id
 WHERE e.left_at IS NULL AND e.finished_at IS NULL AND {{whose}} AND NOT {_PASSED.format(stage="s.stage_id")}
"""
_STEP = "unnest(%(names)s::text[], %(earliest)s::date[], %(latest)s::date[]) AS step (name, earliest, latest)"
# The days between the first and the last of all steps are told besides: so PostgreSQL knows how few stages they are.
_DUE = "s.due_on BETWEEN step.earliest AND step.latest AND s.due_on BETWEEN %(first)s AND %(last)s"

# Pauses only put a day off. Without any the index of days finds the stages, and the ledger says which are planned; the
# people who ever had a pause are few. Of their stages those are looked at whose day may have come to lie where a letter
# is due: no earlier than the longest pause puts it into which it runs, no later than all into which it may run.
# It is materialized so that PostgreSQL looks for the shortest way to all rows; for a cursor it takes the one on which
# the first row is soonest there.
_CANDIDATES = f"""
WITH found AS MATERIALIZED (
{_FOUND}
  FROM {_STEP}
  JOIN progress_plannedstage s ON {_DUE}
  JOIN progress_planversion plan ON plan.id = s.plan_id
  JOIN progress_enrollment e ON e.id = plan.enrollment_id
{_WHERE}
   AND NOT EXISTS (SELECT FROM progress_planversion v WHERE v.enrollment_id = e.id AND v.number > plan.number)
   AND NOT EXISTS (SELECT FROM accounts_pause p WHERE p.person_id = e.person_id)
   AND NOT EXISTS (SELECT FROM reminders_letter l WHERE l.recipient_id = e.person_id AND l.kind = %(kind)s
                      AND l.occurrence = 'stage-' || s.stage_id || '/due-' || s.due_on || '/' || step.name)
UNION ALL
{_FOUND}
  FROM (SELECT person_id, sum(ends_on - starts_on)::integer AS days FROM accounts_pause GROUP BY person_id) paused
  JOIN progress_enrollment e ON e.person_id = paused.person_id
 CROSS JOIN LATERAL (SELECT id, starts_on, made_at FROM progress_planversion v WHERE v.enrollment_id = e.id
                      ORDER BY v.number DESC LIMIT 1) plan
  JOIN progress_plannedstage s ON s.plan_id = plan.id
  JOIN {_STEP} ON s.due_on BETWEEN step.earliest - paused.days AND step.latest
 CROSS JOIN LATERAL (SELECT coalesce(max(p.ends_on - greatest(p.starts_on, plan.starts_on))
                                     FILTER (WHERE p.starts_on <= s.due_on), 0) AS fewest,
                            coalesce(sum(p.ends_on - greatest(p.starts_on, plan.starts_on)), 0)::integer AS most
                       FROM accounts_pause p
                      WHERE p.person_id = e.person_id AND p.ends_on > plan.starts_on
                        AND p.starts_on <= s.due_on + paused.days) put_off
{_WHERE}
   AND s.due_on + put_off.fewest <= step.latest AND s.due_on + put_off.most >= step.earliest
) SELECT * FROM found
"""  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class Step:
    """One letter about a planned stage: how many days after its day it comes, and after how many more it is useless."""

    after: int
    useful: int


@dataclass(frozen=True, slots=True)
class Found:
    """A planned stage that may be to be written about, its day without pauses."""

    person: int
    enrollment: int
    edition: int
    stage: int
    key: str
    due_on: date
    starts_on: date
    made_at: datetime
    step: str
    before: Sequence[str]


@dataclass(frozen=True, slots=True)
class NextStage:
    """The stage that is next in a plan, the day by which it is planned, and the stage in which there is work for it."""

    document: RoadDocument
    place: StageStanding
    due_on: date
    work: StageStanding

    @property
    def number(self) -> int:
        return self.place.number

    @property
    def title(self) -> str:
        return self.place.stage.title

    @property
    def page(self) -> str:
        return stage_url(self.document.key, self.work.stage.key)

    @property
    def plan_page(self) -> str:
        return reverse("progress:plan", args=[self.document.key])

    @property
    def lacks_quiz_only(self) -> bool:
        return [one.kind for one in self.place.unmet] == [RequirementKind.QUIZ_PASSED]


@dataclass(frozen=True, slots=True)
class StageMatter(Matter):
    """The stages that are next in her plans and that this kind writes about, the earliest day first."""

    stages: Sequence[NextStage]


class StageKind(Kind):
    """A day of a plan that comes or has gone by, and the stage is not passed.

    Only the stage that is next in a plan is written about: while it is not passed, those after it wait like everything
    else. Where a plan was made so late that its maker knew, nothing is said; and nothing while there is only to wait
    for a mentor.
    """

    every = timedelta(minutes=30)
    steps: ClassVar[Mapping[str, Step]]

    @abstractmethod
    def concerns(self, due_on: date, today: date) -> bool:
        """Whether a stage of this day is something to be written about today."""

    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        candidates = _candidates(self.key, self.steps, asked)
        near = (one for found in candidates for one in self._near(_next(found), asked))
        while some := list(islice(near, CHUNK)):
            known = readers(one.person for one in some)
            letters = (self._letter(known[one.person], one, asked) for one in some)
            yield [letter for letter in letters if letter]

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        wanted = Enrollment.objects.current().filter(pk__in={x.facts["enrollment"] for x in letters})
        known = {position.enrollment.pk: position for position in wanted.positions(now)}
        found = ((x.pk, _refusal(x, known.get(x.facts["enrollment"]))) for x in letters)
        return {pk: reason for pk, reason in found if reason}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        ahead = _next_stages({letter.recipient_id for letter in letters}, now)
        found: dict[UUID, Matter] = {}
        for letter in letters:
            reader = readers[letter.recipient_id]
            today = reader.today(moment(letter, now))
            stages = [x for x in ahead.get(letter.recipient_id, ()) if self.concerns(x.due_on, today)]
            if stages:
                found[letter.pk] = StageMatter(reader, letter, stages)
        return found

    def _near(self, found: Sequence[Found], asked: Asked) -> list[Found]:
        """Those whose letter is of use now or soon, with pauses: most who ever had one are not, and need no reader."""
        pauses = pauses_of(one.person for one in found)
        first, last = _days_on_earth(asked)
        near = []
        for one in found:
            step, spans = self.steps[one.step], pauses.get(one.person, ())
            opens_on = shift(one.due_on, spans, since=one.starts_on) + timedelta(days=step.after)
            if opens_on <= last and opens_on + timedelta(days=step.useful) > first:
                near.append(one)
        return near

    def _letter(self, reader: Reader, found: Found, asked: Asked) -> Letter | None:
        if not reader.person.is_active or (asked.stops(self.key) and reader.wishes.is_stopped(self.key)):
            return None
        step, zone = self.steps[found.step], reader.person.zone
        due_on = shift(found.due_on, reader.pauses, since=found.starts_on)
        opens_on = due_on + timedelta(days=step.after)
        not_before = instant(opens_on, MIDNIGHT, zone)
        if not_before >= asked.until or reader.today(found.made_at) >= opens_on:
            return None
        return self.letter(
            reader,
            occurrence=f"stage-{found.stage}/due-{due_on}/{found.step}",
            facts={"enrollment": found.enrollment, "stage": found.key, "due": due_on.isoformat()},
            not_before=not_before,
            expires_at=instant(opens_on + timedelta(days=step.useful), MIDNIGHT, zone),
            now=asked.now,
        )


def _next(found: Sequence[Found]) -> list[Found]:
    """Those that are studied at all, and before which no other stage is that is studied: one thing after the other."""
    studied = {pk: Edition.objects.document(pk).stage_by_key.keys() for pk in {one.edition for one in found}}
    return [x for x in found if x.key in studied[x.edition] and studied[x.edition].isdisjoint(x.before)]


def _refusal(letter: Letter, position: Position | None) -> Reason | None:
    if position is None:
        return Reason.LEFT_ROAD
    key = letter.facts["stage"]
    place = position.standing.by_key.get(key)
    if position.enrollment.finished_at or (place and place.is_passed):
        return Reason.DONE
    due_on = position.due.get(key)
    if place is None or due_on is None or due_on.isoformat() != letter.facts["due"]:
        return Reason.DATE_CHANGED
    return None if _work(position, key) else Reason.NOTHING_TO_SAY


def _work(position: Position, key: str) -> StageStanding | None:
    """The open stage with work for this one, which is not passed; None while there is only to wait for a mentor."""
    place, step = position.standing.by_key[key], position.next_step
    if place.is_open:
        return place if step_in(place, position.standing.facts) else None
    return position.standing.by_key[step.stage.key] if step.stage else None


def _next_stages(people: set[int], now: datetime) -> dict[int, list[NextStage]]:
    """What is next in the plan of each road of these people, the earliest day first; nothing where she only waits."""
    found: dict[int, list[NextStage]] = {}
    for position in Enrollment.objects.unfinished().filter(person__in=people).positions(now):
        due = position.next_due
        work = _work(position, due.stage) if due else None
        if due and work:
            place = position.standing.by_key[due.stage]
            stage = NextStage(position.document, place, due.due_on, work)
            found.setdefault(position.enrollment.person_id, []).append(stage)
    return {person: sorted(stages, key=lambda x: x.due_on) for person, stages in found.items()}


def _days_on_earth(asked: Asked) -> tuple[date, date]:
    """No calendar shows a day before the first or after the last of these."""
    return asked.now.date() - DAY, asked.until.date() + DAY


def _candidates(kind: str, steps: Mapping[str, Step], asked: Asked) -> Iterator[list[Found]]:
    """Chunks of candidates from one statement whose result waits in the database."""
    whose = "e.person_id = %(person)s" if asked.person else "true"
    first, last = _days_on_earth(asked)
    earliest = [first - timedelta(days=step.after + step.useful - 1) for step in steps.values()]
    latest = [last - timedelta(days=step.after) for step in steps.values()]
    found = chunks(
        _CANDIDATES.format(whose=whose),
        kind=kind,
        person=asked.person,
        names=list(steps),
        earliest=earliest,
        latest=latest,
        first=min(earliest),
        last=max(latest),
    )
    for rows in found:
        yield [Found(*row) for row in rows]
