"""The typed shapes of a road's files, and the whole folder as one value. The fields are those of docs/authoring.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)

from accounts.sentences import sentence as _
from quizzes.paper import Overtime, Score
from quizzes.review import SHOWS_ALL, ReviewPolicy
from roadmap.document import CONTROL
from roadmap.keys import MAX_LENGTH, PATTERN

TYPES = (
    "video", "book", "docs", "course", "article", "paper", "interactive", "tool", "dataset", "repository", "podcast",
)  # fmt: skip
COSTS = ("free", "free-with-account", "paid", "mixed")


def tidy(text: str) -> str:
    """Line ends as \\n, nothing before or after: the same text whichever browser or editor it came from.

    Raises ValueError on control characters, which an edition's document refuses too.
    """
    if CONTROL.search(text):
        raise ValueError(_("A text holds a control character; remove it."))
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _tidied(value: object) -> object:
    return tidy(value) if isinstance(value, str) else value


def _in_order(span: tuple[int, int]) -> tuple[int, int]:
    if not 0 <= span[0] <= span[1]:
        raise ValueError(_("The low number comes first, neither is below zero."))
    return span


def _web_address(url: str) -> str:
    parts = urlsplit(tidy(url))
    if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in url):
        raise ValueError(_("An address begins with https:// or http:// and has no spaces."))
    return url


def _day(value: object) -> object:
    if value is None or isinstance(value, date | str):
        return value
    raise ValueError(_("A day is written as 2026-11-24."))


def _with_zone(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise ValueError(_("A moment says its zone, as 2026-11-24 18:00:00+00:00."))
    return moment.astimezone(UTC) if moment else None


Text = Annotated[str, BeforeValidator(_tidied)]
SomeText = Annotated[str, StringConstraints(min_length=1), BeforeValidator(_tidied)]
Line80 = Annotated[str, StringConstraints(min_length=1, max_length=80), BeforeValidator(_tidied)]
Line120 = Annotated[str, StringConstraints(min_length=1, max_length=120), BeforeValidator(_tidied)]
Line160 = Annotated[str, StringConstraints(min_length=1, max_length=160), BeforeValidator(_tidied)]
Line200 = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_tidied)]
Key = Annotated[str, StringConstraints(pattern=rf"^{PATTERN}$", max_length=MAX_LENGTH)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?$")]
Small = Annotated[StrictInt, Field(ge=0, le=32_767)]
Counted = Annotated[StrictInt, Field(ge=1, le=32_767)]
Whole = Annotated[StrictInt, Field(ge=0, le=2_000_000)]
Span = Annotated[tuple[Whole, Whole], AfterValidator(_in_order)]
Months = Annotated[tuple[Small, Small], AfterValidator(_in_order)]
Hours = dict[Key, Span]
Level = Literal["beginner", "intermediate", "advanced"]
Day = Annotated[date | None, BeforeValidator(_day)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BackgroundShape(Shape):
    key: Key
    title: Line80
    months: Months
    leads_to: Annotated[str, StringConstraints(max_length=80), BeforeValidator(_tidied)] = ""


class LearnShape(Shape):
    title: SomeText
    points: tuple[SomeText, ...]


class RelatedShape(Shape):
    key: Key
    title: Line120
    choose_when: SomeText
    difference: Text = ""


class RoadShape(Shape):
    """road.yaml"""

    format: Literal[1]
    key: Key
    title: Line120
    level: Level
    language: Language = "en"
    last_updated: Day = None
    summary: SomeText
    audience: Text = ""
    choose_when: Text = ""
    hours_per_week: Annotated[StrictInt, Field(ge=1, le=168)] = 10
    position: Annotated[StrictInt, Field(ge=0, le=2_000_000_000)] = 1
    public: StrictBool = True
    source: Annotated[str, StringConstraints(max_length=80), BeforeValidator(_tidied)] = ""
    source_ref: Annotated[str, StringConstraints(max_length=200), BeforeValidator(_tidied)] = ""
    licence: Annotated[str, StringConstraints(max_length=200), BeforeValidator(_tidied)] = ""
    notice: Text = ""
    backgrounds: Annotated[tuple[BackgroundShape, ...], Field(min_length=1)]
    learn: tuple[LearnShape, ...] = ()
    recommended: tuple[Key, ...] = ()
    related: tuple[RelatedShape, ...] = ()
    stages: Annotated[tuple[Key, ...], Field(min_length=1)]


ORIGIN = (
    "source",
    "source_ref",
    "licence",
    "notice",
)  # of a road that came from elsewhere; no part of its editions


class FaqShape(Shape):
    """One entry of faq.yaml"""

    key: Key
    question: Line200
    answer: SomeText


class ResourceShape(Shape):
    """One entry of resources.yaml"""

    key: Key
    title: Line200
    author: Annotated[str, StringConstraints(max_length=200), BeforeValidator(_tidied)] = ""
    url: Annotated[str, StringConstraints(max_length=1000), AfterValidator(_web_address)]
    type: Literal[TYPES]  # type: ignore[valid-type]  # the tuple above is the list, and tests hold it to the model's
    cost: Literal[COSTS] = "free"  # type: ignore[valid-type]  # the same
    minutes: Span | None = None
    language: Language = "en"
    level: Level = "beginner"
    year: Annotated[StrictInt, Field(ge=1000, le=9999)] | None = None
    why: Text = ""


class StepShape(Shape):
    title: Annotated[str, StringConstraints(max_length=160), BeforeValidator(_tidied)] = ""
    body: Text = ""
    tags: tuple[SomeText, ...] = ()


class GateShape(Shape):
    kind: Literal["stage_passed", "evidence_accepted"]
    stages: tuple[Key, ...] = ()
    tasks: tuple[Key, ...] = ()
    at_least: Counted | None = None
    because: Text = ""


class StageShape(Shape):
    """stage.yaml"""

    key: Key
    title: Line120
    summary: Text = ""
    why: Text = ""
    step: StepShape = StepShape()
    gates: tuple[GateShape, ...] = ()
    topics: tuple[Key, ...]
    evidence: tuple[Key, ...] = ()


class OutcomeShape(Shape):
    bloom: SomeText
    text: SomeText


class PlacedShape(Shape):
    resource: Key
    role: Literal["core", "practice", "reference", "deep_dive", "alternative"] = "core"


class TopicShape(Shape):
    """topics/<key>.md: the fields at its top, and the Markdown below as `body`"""

    key: Key
    title: Line160
    objective: Text = ""
    outcomes: tuple[OutcomeShape, ...] = ()
    prerequisites: tuple[Key, ...] = ()
    hours: Hours = {}
    resources: tuple[PlacedShape, ...] = ()
    body: Text = ""


class LevelsShape(Shape):
    not_yet: SomeText
    developing: SomeText
    meets: SomeText
    exceeds: SomeText


class CriterionShape(Shape):
    key: Key
    title: Line200
    must_meet: StrictBool = False
    levels: LevelsShape


class TaskShape(Shape):
    """evidence/<key>.md: the fields at its top, and the Markdown below as `body`, its brief"""

    key: Key
    title: Line160
    accepts: Annotated[tuple[Literal["link", "text", "file"], ...], Field(min_length=1)] = (
        "link",
        "text",
        "file",
    )
    required: StrictBool = True
    promise_days: Small = 3
    hours: Hours = {}
    rubric: tuple[CriterionShape, ...] = ()
    body: SomeText


Difficulty = Annotated[StrictInt, Field(ge=1, le=5)]


class QuestionShape(Shape):
    """One question of quiz.yaml; all fields but these are its body, whose shape depends on the type"""

    model_config = ConfigDict(extra="allow", frozen=True)

    key: Key
    type: Annotated[str, StringConstraints(min_length=1, max_length=24)]
    topic: Key | None = None
    resource: Key | None = None
    points: Counted = 1
    difficulty: Difficulty = 3
    tags: tuple[Key, ...] = ()

    @model_validator(mode="after")
    def _body_without_control_characters(self) -> Self:
        for text in _texts(self.model_extra or {}):
            tidy(text)
        return self

    @property
    def question_body(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


def _texts(value: object) -> Iterator[str]:
    """Every text in a question's body, names of fields included."""
    match value:
        case str():
            yield value
        case list() | tuple():
            for item in value:
                yield from _texts(item)
        case dict():
            for name, item in value.items():
                yield from _texts(name)
                yield from _texts(item)


class PoolShape(Shape):
    """A pool of a quiz: each attempt draws `count` of the road's questions that fit what it asks for"""

    key: Key
    topic: Key | None = None
    tag: Key | None = None
    difficulty_from: Difficulty = 1
    difficulty_to: Difficulty = 5
    count: Counted = 1
    points: Counted = 1

    def takes(self, question: QuestionShape) -> bool:
        """Whether this question fits all that the pool asks for; one without a topic fits none."""
        return (
            question.topic is not None
            and self.topic in (None, question.topic)
            and (self.tag is None or self.tag in question.tags)
            and self.difficulty_from <= question.difficulty <= self.difficulty_to
        )


class QuizShape(Shape):
    """quiz.yaml without its questions"""

    key: Key
    title: Line160
    pass_percent: Annotated[StrictInt, Field(ge=1, le=100)] = 80
    attempts: Counted | None = None
    cooldown_hours: Small = 24
    time_limit_minutes: Counted | None = None
    grace_seconds: Small = 60
    draw: Counted | None = None
    shuffle: StrictBool = True
    available_until: Annotated[datetime | None, AfterValidator(_with_zone)] = None
    overtime: Overtime = Overtime.HAND_IN
    overtime_minutes: Small = 0
    score: Score = Score.BEST
    per_page: Counted | None = None
    asks_confidence: StrictBool = False
    review: ReviewPolicy = SHOWS_ALL
    pools: tuple[PoolShape, ...] = ()


@dataclass(frozen=True, slots=True)
class QuizPart:
    quiz: QuizShape
    questions: tuple[QuestionShape, ...]


@dataclass(frozen=True, slots=True)
class StagePart:
    stage: StageShape
    topics: tuple[TopicShape, ...]
    tasks: tuple[TaskShape, ...]
    quiz: QuizPart | None


@dataclass(frozen=True, slots=True)
class RoadFolder:
    """A whole road as its folder says it; `resources` are those that the road uses or at least lists.

    `bank` holds questions that stand on no paper, for pools to draw from; `placement` is the quiz that finds out which
    stages somebody knows already.
    """

    road: RoadShape
    faq: tuple[FaqShape, ...]
    resources: tuple[ResourceShape, ...]
    stages: tuple[StagePart, ...]
    bank: tuple[QuestionShape, ...] = ()
    placement: QuizPart | None = None

    def topics(self) -> Iterator[TopicShape]:
        return (topic for part in self.stages for topic in part.topics)

    def tasks(self) -> Iterator[TaskShape]:
        return (task for part in self.stages for task in part.tasks)

    def quizzes(self) -> Iterator[QuizPart]:
        """Those of the stages, then the one for placement."""
        yield from (part.quiz for part in self.stages if part.quiz)
        if self.placement:
            yield self.placement

    def questions(self) -> Iterator[QuestionShape]:
        """Those on a paper, then those of the bank."""
        yield from (question for quiz in self.quizzes() for question in quiz.questions)
        yield from self.bank

    def used_resources(self) -> set[str]:
        """Keys of the resources that stand in a topic, are recommended, or that a question sends people to."""
        placed = {placed.resource for topic in self.topics() for placed in topic.resources}
        sent = {question.resource for question in self.questions() if question.resource}
        return placed | sent | set(self.road.recommended)
