"""What is due to one person, read from her facts in a fixed number of statements; said by reminders.calendar_words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models

from accounts.models import Pause, User
from mentoring.models.reach import mentored_submissions
from progress import plan
from progress.models import Enrollment, PlanVersion, Submission
from progress.models.enrollment import Position
from progress.models.enrollments import active_since
from progress.models.facts import read_many
from quizzes.models import Attempt, Card, Quiz
from quizzes.models.deck import Deck
from reminders.calendar import AHEAD, BACK, MOST_ENTRIES
from roadmap.document import RoadDocument, StageEntry, TaskEntry
from roadmap.models import Edition


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """A stage of her plan that is not passed yet; pauses are added to its days."""

    enrollment: int
    road: RoadDocument
    stage: StageEntry
    starts_on: date
    due_on: date
    plan: int
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt under way whose time ends."""

    attempt: int
    road: RoadDocument
    quiz: str
    title: str
    deadline_at: datetime
    changed_at: datetime
    changes: int


@dataclass(frozen=True, slots=True)
class ClosingQuiz:
    """A quiz of a road of hers that she has not passed, and that can't be taken any more some day."""

    quiz: int
    road: RoadDocument
    key: str
    title: str
    closes_at: datetime
    version: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class PromisedReview:
    """Evidence of a learner of hers that waits, and the day by which an answer was promised."""

    submission: int
    road: RoadDocument
    task: TaskEntry
    promised_on: date
    handed_in_at: datetime
    versions: int


@dataclass(frozen=True, slots=True)
class Agenda:
    """All that is due to one person, as she stands at one moment; `cards` is None where none are asked today."""

    person: User
    now: datetime
    today: date
    stages: tuple[PlannedStage, ...] = ()
    attempts: tuple[OpenAttempt, ...] = ()
    quizzes: tuple[ClosingQuiz, ...] = ()
    reviews: tuple[PromisedReview, ...] = ()
    cards: Deck | None = None

    @classmethod
    def of(cls, person: User, now: datetime) -> Agenda:
        """Read it: nine statements at most, however much there is."""
        today = person.today(now)
        pauses = [plan.Span(row.starts_on, row.ends_on) for row in Pause.objects.of(person)]
        positions = _positions(person, now)
        is_here = not _covers(pauses, today)
        return cls(
            person,
            now,
            today,
            stages=tuple(_stages(positions)),
            attempts=tuple(_attempts(person, positions)),
            quizzes=tuple(_quizzes(positions, now)),
            reviews=tuple(r for r in _reviews(person, now) if not _covers(pauses, r.promised_on)),
            cards=Card.objects.deck(person, now) if positions and is_here else None,
        )


def _covers(pauses: Iterable[plan.Span], day: date) -> bool:
    return any(pause.starts_on <= day < pause.ends_on for pause in pauses)


def _positions(person: User, now: datetime) -> list[Position]:
    """Where she stands on each road that she is on."""
    enrollments = list(Enrollment.objects.of(person).current().order_by("pk"))
    if not enrollments:
        return []
    known = read_many([enrollment.pk for enrollment in enrollments], active_since=active_since(now))
    return [enrollment.position_from(known[enrollment.pk]) for enrollment in enrollments]


def _stages(positions: Sequence[Position]) -> Iterator[PlannedStage]:
    planned_at = _planned_at(positions)
    for position in positions:
        planned, standing = position.known.plan, position.standing.by_key
        for dates in planned.stages if planned else ():
            if planned and dates.key in standing and not standing[dates.key].is_passed:
                yield PlannedStage(
                    enrollment=position.enrollment.pk,
                    road=position.document,
                    stage=standing[dates.key].stage,
                    starts_on=plan.shift(dates.starts_on, position.known.pauses, since=planned.starts_on),
                    due_on=position.due[dates.key],
                    plan=planned.number,
                    planned_at=planned_at[position.enrollment.pk],
                )


def _planned_at(positions: Sequence[Position]) -> dict[int, datetime]:
    """When the plan that is followed now was made, by enrollment."""
    if not positions:
        return {}
    plans = PlanVersion.objects.filter(enrollment__in=[position.enrollment.pk for position in positions])
    newest = plans.order_by("enrollment", "-number").distinct("enrollment")
    return dict(newest.values_list("enrollment", "made_at"))


def _attempts(person: User, positions: Sequence[Position]) -> Iterator[OpenAttempt]:
    if not positions:
        return
    roads = {position.enrollment.roadmap_id: position.document for position in positions}
    running = Attempt.objects.of(person).open().filter(quiz__roadmap__in=roads).exclude(deadline_at=None)
    rows = running.order_by("pk").values_list(
        *("pk", "quiz__roadmap", "quiz__key", "quiz_version__paper__title", "started_at", "deadline_at"),
        models.Max("extensions__extended_at"),
        models.Count("extensions"),
    )
    for pk, road, key, title, started_at, deadline_at, extended_at, changes in rows:
        changed_at = extended_at or started_at
        yield OpenAttempt(pk, roads[road], key, title, deadline_at, changed_at, changes)


def _quizzes(positions: Sequence[Position], now: datetime) -> Iterator[ClosingQuiz]:
    """As the versions say that are studied now. A quiz is asked for as long as neither it nor its stage is passed."""
    asked = {
        (position.enrollment.roadmap_id, key): position.document
        for position in positions
        for key in position.document.quiz_keys()
        if not _is_done(position, key)
    }
    if not asked:
        return
    ending = Quiz.objects.unarchived().filter(
        roadmap__in={road for road, _ in asked},
        key__in={key for _, key in asked},
        current_version__paper__available_until__isnull=False,
    )
    rows = ending.order_by("pk").values_list(
        *("pk", "roadmap", "key", "current_version__paper__title"),
        *("current_version__paper__available_until", "current_version__number"),
        "current_version__published_at",
    )
    for pk, road, key, title, until, number, published_at in rows:
        if (road, key) in asked:
            closes_at = datetime.fromisoformat(until)
            yield ClosingQuiz(pk, asked[road, key], key, title, closes_at, number, published_at)


def _is_done(position: Position, quiz: str) -> bool:
    fact, stage = position.standing.facts.quizzes.get(quiz), position.document.stage_of_quiz(quiz)
    is_passed = fact is not None and fact.passed_at is not None
    return is_passed or (stage is not None and position.standing.by_key[stage.key].is_passed)


def _reviews(mentor: User, now: datetime) -> Iterator[PromisedReview]:
    """Of her own learners only: what an admin may look at besides was promised by somebody else."""
    if not mentor.is_mentor():
        return
    waiting = mentored_submissions().for_mentor(mentor).waiting()
    near = waiting.filter(answer_by__range=(now - 2 * BACK, now + 2 * AHEAD)).listed()
    for row in near.order_by("answer_by", "pk")[:MOST_ENTRIES]:
        yield _review(row, mentor)


def _review(row: Submission, mentor: User) -> PromisedReview:
    document = Edition.objects.document(row.newest_edition_id)  # type: ignore[attr-defined]  # listed()
    return PromisedReview(
        submission=row.pk,
        road=document,
        task=document.task_by_key[row.task.key],
        promised_on=mentor.today(row.answer_by),  # type: ignore[arg-type]  # asked for by its range
        handed_in_at=row.newest_handed_in_at,  # type: ignore[attr-defined]  # listed()
        versions=row.versions_count,  # type: ignore[attr-defined]  # listed()
    )
