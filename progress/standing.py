"""Where a person stands on a road: one function of the edition's document and her facts.

Rules (ARCHITECTURE 4): a stage opens when all its gates are met; an open stage is passed when all its core
resources are ticked and its quiz is passed, or when the quiz for placement says it is known (progress/known.py); a
pass that was written down stays. The road is finished when all stages are passed and all required evidence is accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from progress.known import PlacementFact, known_stages
from roadmap.document import EvidenceAccepted, GateEntry, RoadDocument, StageEntry, StagesPassed, TopicEntry


class State(StrEnum):
    """How a stage stands; `UNDERWAY` is the one open stage to work on now."""

    LOCKED = "locked"
    OPEN = "open"
    UNDERWAY = "underway"
    PASSED = "passed"


class RequirementKind(StrEnum):
    CORE_TICKED = "core_ticked"
    QUIZ_PASSED = "quiz_passed"
    EVIDENCE_ACCEPTED = "evidence_accepted"
    STAGE_PASSED = "stage_passed"


@dataclass(frozen=True, slots=True)
class QuizFact:
    """What a person did at one quiz: finished attempts, the result that counts in percent, since when it is passed.

    `waiting` attempts have an answer that a mentor is still to mark.
    """

    attempts: int = 0
    best_percent: float | None = None
    passed_at: datetime | None = None
    last_finished_at: datetime | None = None
    open_attempt: int | None = None
    waiting: int = 0

    @property
    def is_with_mentor(self) -> bool:
        """It is handed in and not passed, and before a mentor has marked it nobody knows whether it will be."""
        return self.waiting > 0 and self.passed_at is None and self.open_attempt is None


@dataclass(frozen=True, slots=True)
class EvidenceFact:
    """How one submission stands: waiting, changes_requested or accepted, and since when."""

    state: str
    since: datetime
    versions: int = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts of one person that a road's standing depends on; keys are content keys.

    `passes` that were written down only because a placement said so are named by `placed` as well.
    """

    ticked: frozenset[str] = frozenset()
    quizzes: Mapping[str, QuizFact] = field(default_factory=dict)
    evidence: Mapping[str, EvidenceFact] = field(default_factory=dict)
    passes: Mapping[str, datetime] = field(default_factory=dict)
    placed: frozenset[str] = frozenset()
    placements: tuple[PlacementFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing asked, how much of it is done (`done` of `needed`) and by which fact (`met_at`)."""

    kind: RequirementKind
    keys: tuple[str, ...]
    done: int
    needed: int
    met_at: datetime | None = None
    best_percent: float | None = None
    because: str = ""

    @property
    def is_met(self) -> bool:
        return self.done >= self.needed


@dataclass(frozen=True, slots=True)
class StageStanding:
    """One stage for one person: its state, what opens it, what passes it.

    It is `is_known` when a placement says so and she did not walk it besides; `placement` is the attempt that says it.
    A known stage counts as passed once it is open.
    """

    stage: StageEntry
    number: int
    state: State
    gates: tuple[Requirement, ...]
    requirements: tuple[Requirement, ...]
    passed_at: datetime | None
    core_done: int
    core_total: int
    topics_done: int
    is_known: bool = False
    placement: int | None = None

    @property
    def is_known_passed(self) -> bool:
        """It counts as passed, and only because it is known by placement."""
        return self.is_known and self.is_passed

    @property
    def is_walked(self) -> bool:
        """It is open, and all that passes it is done."""
        return self.is_open and all(requirement.is_met for requirement in self.requirements)

    @property
    def is_open(self) -> bool:
        return self.state is not State.LOCKED

    @property
    def is_passed(self) -> bool:
        return self.state is State.PASSED

    @property
    def unmet(self) -> tuple[Requirement, ...]:
        """What is still missing: to open a locked stage its gates, else to pass it its requirements."""
        asked = self.requirements if self.is_open else self.gates
        return tuple(requirement for requirement in asked if not requirement.is_met)

    @property
    def met_count(self) -> int:
        return sum(requirement.is_met for requirement in self.requirements)


@dataclass(frozen=True)
class Standing:
    """A person on a road: every stage, the one to work on now (None when all are passed), whether it is finished."""

    document: RoadDocument
    facts: Facts
    stages: tuple[StageStanding, ...]
    evidence_done: int
    evidence_total: int

    @cached_property
    def by_key(self) -> dict[str, StageStanding]:
        return {standing.stage.key: standing for standing in self.stages}

    @cached_property
    def current(self) -> StageStanding | None:
        return next((standing for standing in self.stages if standing.state is State.UNDERWAY), None)

    def is_task_open(self, task: str) -> bool:
        """The evidence task stands on a stage that is open, so that it may be handed in."""
        stage = self.document.stage_of_task(task)
        return stage is not None and self.by_key[stage.key].is_open

    @property
    def passed_count(self) -> int:
        return sum(standing.is_passed for standing in self.stages)

    @property
    def core_done(self) -> int:
        """Core resources ticked; those of stages known by placement are no work, done or open."""
        return sum(standing.core_done for standing in self.stages if not standing.is_known_passed)

    @property
    def core_total(self) -> int:
        return sum(standing.core_total for standing in self.stages if not standing.is_known_passed)

    @property
    def is_finished(self) -> bool:
        return self.passed_count == len(self.stages) and self.evidence_done == self.evidence_total


def stand(document: RoadDocument, facts: Facts) -> Standing:
    """Where the person with these facts stands on the road of this document."""
    judge = _Judge(document, facts)
    required = [task.key for stage in document.stages for task in stage.evidence if task.required]
    accepted = sum(judge.is_accepted(key) for key in required)
    return Standing(document, facts, tuple(judge.stages()), accepted, len(required))


def doors(document: RoadDocument, facts: Facts) -> tuple[frozenset[str], frozenset[str]]:
    """Keys of the stages that are passed, and of those that are open, passed ones among them: `stand` in short."""
    judge = _Judge(document, facts)
    passed = frozenset(stage.key for stage in document.stages if judge.is_passed(stage.key))
    return passed, passed | {stage.key for stage in document.stages if judge.is_open(stage)}


def is_topic_done(topic: TopicEntry, ticked: frozenset[str]) -> bool:
    """A topic is done when each of its core resources is ticked."""
    return all(placed.resource in ticked for placed in topic.resources if placed.role == "core")


class _Judge:
    def __init__(self, document: RoadDocument, facts: Facts) -> None:
        self.document = document
        self.facts = facts
        self._known = known_stages(document, facts.placements) if facts.placements else {}
        self._open: dict[str, bool] = {}
        self._passed: dict[str, bool] = {}

    def stages(self) -> Iterator[StageStanding]:
        here_is_taken = False
        for number, stage in enumerate(self.document.stages, 1):
            state = self._state(stage, may_be_here=not here_is_taken)
            here_is_taken = here_is_taken or state is State.UNDERWAY
            yield self._standing(stage, number, state)

    def is_accepted(self, task: str) -> bool:
        fact = self.facts.evidence.get(task)
        return fact is not None and fact.state == "accepted"

    def _state(self, stage: StageEntry, *, may_be_here: bool) -> State:
        if self.is_passed(stage.key):
            return State.PASSED
        if not self.is_open(stage):
            return State.LOCKED
        return State.UNDERWAY if may_be_here else State.OPEN

    def _standing(self, stage: StageEntry, number: int, state: State) -> StageStanding:
        requirements = self._requirements(stage)
        core = requirements[0]
        return StageStanding(
            stage=stage,
            number=number,
            state=state,
            gates=tuple(self._gate(gate) for gate in stage.gates),
            requirements=requirements,
            passed_at=self.facts.passes.get(stage.key),
            core_done=core.done,
            core_total=core.needed,
            topics_done=sum(is_topic_done(topic, self.facts.ticked) for topic in stage.topics),
            is_known=self._is_known(stage, requirements),
            placement=self._known.get(stage.key),
        )

    def _is_known(self, stage: StageEntry, requirements: tuple[Requirement, ...]) -> bool:
        if all(requirement.is_met for requirement in requirements) and self.is_open(stage):
            return False
        return stage.key in (self.facts.placed if stage.key in self.facts.passes else self._known)

    def is_open(self, stage: StageEntry) -> bool:
        if stage.key not in self._open:
            self._open[stage.key] = False  # a circle of gates stays shut instead of never ending
            self._open[stage.key] = all(self._gate(gate).is_met for gate in stage.gates)
        return self._open[stage.key]

    def is_passed(self, key: str) -> bool:
        if key not in self._passed:
            stage = self.document.stage_by_key.get(key)
            self._passed[key] = key in self.facts.passes or (
                stage is not None
                and self.is_open(stage)
                and (
                    key in self._known or all(requirement.is_met for requirement in self._requirements(stage))
                )
            )
        return self._passed[key]

    def _requirements(self, stage: StageEntry) -> tuple[Requirement, ...]:
        core = stage.core_keys()
        ticked = Requirement(
            RequirementKind.CORE_TICKED, (stage.key,), len(core & self.facts.ticked), len(core)
        )
        return (ticked, self._quiz(stage.quiz)) if stage.quiz else (ticked,)

    def _quiz(self, key: str) -> Requirement:
        fact = self.facts.quizzes.get(key, QuizFact())
        return Requirement(
            RequirementKind.QUIZ_PASSED,
            (key,),
            done=int(fact.passed_at is not None),
            needed=1,
            met_at=fact.passed_at,
            best_percent=fact.best_percent,
        )

    def _gate(self, gate: GateEntry) -> Requirement:
        match gate:
            case StagesPassed():
                return self._stages_gate(gate)
            case EvidenceAccepted():
                return self._evidence_gate(gate)

    def _stages_gate(self, gate: StagesPassed) -> Requirement:
        passed = [key for key in gate.stages if self.is_passed(key)]
        dates = [self.facts.passes[key] for key in passed if key in self.facts.passes]
        return Requirement(
            RequirementKind.STAGE_PASSED,
            gate.stages,
            len(passed),
            len(gate.stages),
            met_at=max(dates, default=None) if len(passed) == len(gate.stages) else None,
            because=gate.because,
        )

    def _evidence_gate(self, gate: EvidenceAccepted) -> Requirement:
        dates = sorted(self.facts.evidence[key].since for key in gate.tasks if self.is_accepted(key))
        return Requirement(
            RequirementKind.EVIDENCE_ACCEPTED,
            gate.tasks,
            len(dates),
            gate.at_least,
            met_at=dates[gate.at_least - 1] if len(dates) >= gate.at_least else None,
            because=gate.because,
        )


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to go on with: a resource, the quiz, evidence, waiting for a mentor, or nothing (finished).

    Who waits has no stage; with the key of a quiz she waits for its marks, else for a review of her evidence.
    """

    kind: str  # resource, quiz, evidence, waiting, finished
    stage: StageEntry | None = None
    topic: TopicEntry | None = None
    key: str = ""


def next_step(standing: Standing) -> NextStep:
    """What to do next: study the stage under way, take its quiz, then hand in the evidence that is asked for.

    While only marks of that quiz are waited for, the next open stage comes first.
    """
    ahead = (place for place in standing.stages if place.is_open and not place.is_passed)
    steps = (step_in(place, standing.facts) for place in ahead)
    return next(filter(None, steps), None) or _evidence(standing) or _end(standing)


def step_in(place: StageStanding, facts: Facts) -> NextStep | None:
    """What to do in a stage that is open and not passed; None while there is only to wait for marks of its quiz."""
    quiz = place.stage.quiz or ""
    waits = facts.quizzes.get(quiz, QuizFact()).is_with_mentor
    return _study(place, facts) or (None if waits else NextStep("quiz", place.stage, key=quiz))


def _study(current: StageStanding, facts: Facts) -> NextStep | None:
    for topic in current.stage.topics:
        for placed in topic.resources:
            if placed.role == "core" and placed.resource not in facts.ticked:
                return NextStep("resource", current.stage, topic, placed.resource)
    return None


def _evidence(standing: Standing) -> NextStep | None:
    """The first task to hand in: one that was sent back, else one never handed in, on the stages that are open."""
    tasks = [
        (position.stage, task)
        for position in standing.stages
        if position.is_open
        for task in position.stage.evidence
        if task.required
    ]
    for state in ("changes_requested", None):
        for stage, task in tasks:
            fact = standing.facts.evidence.get(task.key)
            if (fact.state if fact else None) == state:
                return NextStep("evidence", stage, key=task.key)
    return None


def _end(standing: Standing) -> NextStep:
    if standing.is_finished:
        return NextStep("finished")
    current = standing.current
    return NextStep("waiting", key=(current.stage.quiz or "") if current else "")


@dataclass(frozen=True, slots=True)
class Due:
    """A stage with the day by which its learner means to pass it."""

    stage: str
    due_on: date


def next_due(standing: Standing, due: Mapping[str, date]) -> Due | None:
    """The earliest planned day among stages that are not passed yet."""
    ahead = [
        Due(s.stage.key, due[s.stage.key]) for s in standing.stages if not s.is_passed and s.stage.key in due
    ]
    return min(ahead, key=lambda planned: planned.due_on, default=None)
