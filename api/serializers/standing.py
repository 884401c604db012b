"""Shapes of a person on a road: enrollment, standing, plan, ticks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from pydantic import Field

from api.serializers.shape import Page, Shape
from progress import plan as plans
from progress.known import LEAST_QUESTIONS
from progress.models import Enrollment
from progress.models.enrollment import Position
from progress.standing import (
    EvidenceFact,
    QuizFact,
    Requirement,
    RequirementKind,
    StageStanding,
    Standing,
    State,
)
from roadmap.document import StageEntry


class EnrollmentLine(Shape):
    """One road this person is on."""

    road: str = Field(description="Key of the road.")
    title: str
    background: str
    enrolled_at: datetime
    finished_at: datetime | None
    counts_from: datetime | None = Field(description="Facts before this time don't count on this road.")


class EnrollmentPage(Page[EnrollmentLine]):
    """The roads this person is on, the newest first."""


class Fact(Shape):
    """One thing a requirement looks at, and how it stands."""

    key: str
    is_met: bool
    state: str = Field(
        description="Of a resource ticked, not_ticked; of a quiz passed, waiting, not_passed, not_tried; of evidence "
        "accepted, waiting, changes_requested, not_handed_in; of a stage passed, underway, open, locked."
    )
    at: datetime | None = Field(description="Since when, where that is known.")


class RequirementStanding(Shape):
    """One thing asked, met or not, and by which facts."""

    kind: RequirementKind
    is_met: bool
    done: int
    needed: int
    met_at: datetime | None
    best_percent: float | None = Field(description="Of a quiz: the best result so far.")
    because: str = Field(description="Why the authors ask for it.")
    facts: list[Fact]


class StageLine(Shape):
    """How one stage stands: gates open it, requirements pass it."""

    key: str
    number: int
    title: str
    state: State = Field(description="underway is the one open stage to work on now.")
    passed_at: datetime | None
    is_known: bool = Field(
        description="Known by placement, and not walked besides. Once it is open it counts as passed."
    )
    due_on: date | None = Field(description="By the plan, pauses added.")
    core_done: int
    core_total: int
    topics_done: int
    topics_total: int
    gates: list[RequirementStanding]
    requirements: list[RequirementStanding]


class StepAhead(Shape):
    """The one thing to go on with."""

    kind: str = Field(description="resource, quiz, evidence, waiting or finished.")
    stage: str | None
    topic: str | None
    key: str = Field(
        description="Of the resource, quiz or evidence task, also of a quiz whose marks are waited for; else empty."
    )


class Opens(Shape):
    """The first stage that is locked, and what it still asks for."""

    stage: str
    title: str
    missing: list[RequirementStanding]


class DueStage(Shape):
    stage: str
    due_on: date


class StageShare(Shape):
    """What a placement says of one stage."""

    stage: str
    questions: int
    percent: int = Field(description="Of the points of its questions, rounded down.")
    says_known: bool = Field(description="The share reaches the pass mark, and enough questions were asked.")
    walks: bool = Field(description="I walk it all the same, so it does not count.")


class PlacementStanding(Shape):
    """The road's quiz for placement, and what my newest attempt at it says."""

    quiz: str = Field(description="Key of the quiz; it is taken as any other.")
    least_questions: int = Field(description="So many questions of a stage must be asked.")
    attempts: int
    open_attempt: bool
    last_finished_at: datetime | None
    stages: list[StageShare] = Field(description="Empty before the first attempt is handed in.")


class RoadStanding(Shape):
    """Where a person stands on a road now, by the newest edition."""

    road: str
    title: str
    is_finished: bool
    stages_passed: int
    stages_total: int
    core_done: int
    core_total: int
    evidence_accepted: int
    evidence_total: int
    current_stage: str | None
    next_step: StepAhead
    next_due: DueStage | None
    opens_next: Opens | None
    placement: PlacementStanding | None = Field(description="Null where the road has no such quiz.")
    stages: list[StageLine]


class PlannedStageLine(Shape):
    """One stage of a plan with pauses added."""

    key: str
    title: str
    starts_on: date
    due_on: date
    passed_at: datetime | None


class PauseSpan(Shape):
    """Days from starts_on up to but without ends_on in which nothing is expected."""

    starts_on: date
    ends_on: date


class RoadPlan(Shape):
    """The plan that is followed now; earlier ones are kept."""

    number: int
    hours_per_week: float
    starts_on: date
    ends_on: date | None
    stages: list[PlannedStageLine]
    pauses: list[PauseSpan]


class TickLine(Shape):
    """A resource that is done."""

    resource: str
    ticked_at: datetime


class TickPage(Page[TickLine]):
    """Ticked resources of this road that count, the newest first."""


def enrollment_line(enrollment: Enrollment) -> EnrollmentLine:
    return EnrollmentLine(
        road=enrollment.roadmap.key,
        title=enrollment.roadmap.title,
        background=enrollment.background,
        enrolled_at=enrollment.enrolled_at,
        finished_at=enrollment.finished_at,
        counts_from=enrollment.counts_from,
    )


def road_standing(position: Position) -> RoadStanding:
    standing, step, due = position.standing, position.next_step, position.next_due
    return RoadStanding(
        road=position.document.key,
        title=position.document.title,
        is_finished=standing.is_finished,
        stages_passed=standing.passed_count,
        stages_total=len(standing.stages),
        core_done=standing.core_done,
        core_total=standing.core_total,
        evidence_accepted=standing.evidence_done,
        evidence_total=standing.evidence_total,
        current_stage=standing.current.stage.key if standing.current else None,
        next_step=StepAhead(
            kind=step.kind,
            stage=step.stage.key if step.stage else None,
            topic=step.topic.key if step.topic else None,
            key=step.key,
        ),
        next_due=DueStage(stage=due.stage, due_on=due.due_on) if due else None,
        opens_next=_opens(standing),
        placement=_placement(standing),
        stages=[_stage(position, place) for place in standing.stages],
    )


def _opens(standing: Standing) -> Opens | None:
    locked = next((place for place in standing.stages if not place.is_open), None)
    if locked is None:
        return None
    return Opens(
        stage=locked.stage.key,
        title=locked.stage.title,
        missing=[_requirement(standing, locked.stage, gate) for gate in locked.unmet],
    )


def _placement(standing: Standing) -> PlacementStanding | None:
    document, facts = standing.document, standing.facts
    if document.placement is None:
        return None
    taken = facts.quizzes.get(document.placement, QuizFact())
    newest = max(facts.placements, key=lambda fact: fact.finished_at, default=None)
    return PlacementStanding(
        quiz=document.placement,
        least_questions=LEAST_QUESTIONS,
        attempts=taken.attempts,
        open_attempt=taken.open_attempt is not None,
        last_finished_at=taken.last_finished_at,
        stages=[
            StageShare(
                stage=key,
                questions=share.questions,
                percent=share.percent,
                says_known=newest.says(document, key),
                walks=key in newest.walked,
            )
            for key, share in newest.by_stage(document).items()
        ]
        if newest
        else [],
    )


def _stage(position: Position, place: StageStanding) -> StageLine:
    standing, stage = position.standing, place.stage
    return StageLine(
        key=stage.key,
        number=place.number,
        title=stage.title,
        state=place.state,
        passed_at=place.passed_at,
        is_known=place.is_known,
        due_on=position.due.get(stage.key),
        core_done=place.core_done,
        core_total=place.core_total,
        topics_done=place.topics_done,
        topics_total=len(stage.topics),
        gates=[_requirement(standing, stage, gate) for gate in place.gates],
        requirements=[_requirement(standing, stage, asked) for asked in place.requirements],
    )


def _requirement(standing: Standing, stage: StageEntry, asked: Requirement) -> RequirementStanding:
    return RequirementStanding(
        kind=asked.kind,
        is_met=asked.is_met,
        done=asked.done,
        needed=asked.needed,
        met_at=asked.met_at,
        best_percent=asked.best_percent,
        because=asked.because,
        facts=list(_facts(standing, stage, asked)),
    )


def _facts(standing: Standing, stage: StageEntry, asked: Requirement) -> Iterator[Fact]:
    match asked.kind:
        case RequirementKind.CORE_TICKED:
            ticked = standing.facts.ticked
            for key in sorted(stage.core_keys()):
                yield Fact(
                    key=key, is_met=key in ticked, state="ticked" if key in ticked else "not_ticked", at=None
                )
        case RequirementKind.QUIZ_PASSED:
            yield from (_quiz(key, standing.facts.quizzes.get(key)) for key in asked.keys)
        case RequirementKind.EVIDENCE_ACCEPTED:
            yield from (_evidence(key, standing.facts.evidence.get(key)) for key in asked.keys)
        case RequirementKind.STAGE_PASSED:
            places = (standing.by_key[key] for key in asked.keys)
            yield from (
                Fact(key=p.stage.key, is_met=p.is_passed, state=p.state, at=p.passed_at) for p in places
            )


def _quiz(key: str, fact: QuizFact | None) -> Fact:
    if fact is None or not fact.attempts:
        return Fact(key=key, is_met=False, state="not_tried", at=None)
    is_met = fact.passed_at is not None
    missing = "waiting" if fact.is_with_mentor else "not_passed"
    return Fact(
        key=key,
        is_met=is_met,
        state="passed" if is_met else missing,
        at=fact.passed_at or fact.last_finished_at,
    )


def _evidence(key: str, fact: EvidenceFact | None) -> Fact:
    if fact is None:
        return Fact(key=key, is_met=False, state="not_handed_in", at=None)
    return Fact(key=key, is_met=fact.state == "accepted", state=fact.state, at=fact.since)


def road_plan(position: Position) -> RoadPlan | None:
    """The plan that is followed; stages that left the road since are left out."""
    followed, pauses = position.known.plan, position.known.pauses
    if followed is None:
        return None
    return RoadPlan(
        number=followed.number,
        hours_per_week=float(followed.hours_per_week),
        starts_on=followed.starts_on,
        ends_on=max(position.due.values(), default=None),
        stages=[
            PlannedStageLine(
                key=stage.key,
                title=place.stage.title,
                starts_on=plans.shift(stage.starts_on, pauses, since=followed.starts_on),
                due_on=position.due[stage.key],
                passed_at=place.passed_at,
            )
            for stage in followed.stages
            if (place := position.standing.by_key.get(stage.key))
        ],
        pauses=[PauseSpan.model_validate(pause) for pause in pauses],
    )
