"""The document of an edition: everything learners read of a road, with keys instead of database ids."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Hours = dict[str, tuple[int, int]]
Key = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=80)]


# Pages are drawn with control characters as the marks of their holes (roadmap/sheet.py); content holds none. The last
# ones are line ends to YAML and would not be read back as they were written.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*")
    @classmethod
    def _refuse_control_characters(cls, value: object) -> object:
        lines = value if isinstance(value, tuple) else (value,)
        if any(isinstance(line, str) and CONTROL.search(line) for line in lines):
            raise ValueError("a text holds a control character; remove it")
        return value


class Background(_Part):
    key: Key
    title: str
    months: tuple[int, int]
    leads_to: str = ""


class LearnGroup(_Part):
    title: str
    points: tuple[str, ...]


class RelatedRoad(_Part):
    key: Key
    title: str
    choose_when: str
    difference: str = ""


class FaqEntry(_Part):
    key: Key
    question: str
    answer: str


class ResourceEntry(_Part):
    """A resource as it stood when the edition was published; `minutes` is (low, high) or None when unknown."""

    key: Key
    title: str
    author: str
    url: str
    type: str
    cost: str
    minutes: tuple[int, int] | None
    language: str
    level: str
    year: int | None
    why: str


class PlacedResource(_Part):
    resource: Key
    role: Literal["core", "practice", "reference", "deep_dive", "alternative"]


class Outcome(_Part):
    bloom: str
    text: str


class TopicEntry(_Part):
    key: Key
    title: str
    objective: str
    outcomes: tuple[Outcome, ...]
    prerequisites: tuple[Key, ...]
    hours: Hours
    resources: tuple[PlacedResource, ...]
    body: str


class Levels(_Part):
    not_yet: str
    developing: str
    meets: str
    exceeds: str


class Criterion(_Part):
    key: Key
    title: str
    must_meet: bool
    levels: Levels


class TaskEntry(_Part):
    key: Key
    title: str
    brief: str
    accepts: tuple[Literal["link", "text", "file"], ...]
    required: bool
    promise_days: int
    hours: Hours
    rubric: tuple[Criterion, ...]


class StagesPassed(_Part):
    kind: Literal["stage_passed"] = "stage_passed"
    stages: tuple[Key, ...]
    because: str = ""


class EvidenceAccepted(_Part):
    kind: Literal["evidence_accepted"] = "evidence_accepted"
    tasks: tuple[Key, ...]
    at_least: int
    because: str = ""


GateEntry = Annotated[StagesPassed | EvidenceAccepted, Field(discriminator="kind")]


class Step(_Part):
    title: str
    body: str
    tags: tuple[str, ...]


class StageEntry(_Part):
    key: Key
    title: str
    summary: str
    why: str
    step: Step
    gates: tuple[GateEntry, ...]
    topics: tuple[TopicEntry, ...]
    evidence: tuple[TaskEntry, ...]
    quiz: Key | None

    def core_keys(self) -> frozenset[str]:
        """Keys of the resources that must be ticked to pass this stage."""
        return self.core

    @cached_property
    def core(self) -> frozenset[str]:
        """The same; kept, because every standing asks for it."""
        return frozenset(
            placed.resource for topic in self.topics for placed in topic.resources if placed.role == "core"
        )

    def hours(self, background: str) -> tuple[int, int]:
        """Low and high hours of topics and evidence for a background; (0, 0) when it is not known."""
        parts: list[TopicEntry | TaskEntry] = [*self.topics, *self.evidence]
        spans = [part.hours.get(background, (0, 0)) for part in parts]
        return sum(low for low, _ in spans), sum(high for _, high in spans)


class RoadDocument(_Part):
    """One road, frozen. Equal content gives an equal digest, whatever edition it stands in."""

    format: Literal[1] = 1
    key: Key
    title: str
    level: str
    language: str
    last_updated: date | None
    summary: str
    audience: str
    choose_when: str
    hours_per_week: int
    backgrounds: tuple[Background, ...]
    learn: tuple[LearnGroup, ...]
    recommended: tuple[Key, ...]
    related: tuple[RelatedRoad, ...]
    faq: tuple[FaqEntry, ...]
    stages: tuple[StageEntry, ...]
    resources: dict[str, ResourceEntry]
    # the quiz that finds out what somebody knows already; unset it is left out, so that older digests stay
    placement: Annotated[Key | None, Field(exclude_if=lambda key: key is None)] = None

    def canonical(self) -> bytes:
        """The JSON that the digest is taken of: sorted keys, no spaces, UTF-8."""
        plain = self.model_dump(mode="json")
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hex."""
        return hashlib.sha256(self.canonical()).hexdigest()

    @cached_property
    def stage_by_key(self) -> dict[str, StageEntry]:
        return {stage.key: stage for stage in self.stages}

    @cached_property
    def task_by_key(self) -> dict[str, TaskEntry]:
        return {task.key: task for stage in self.stages for task in stage.evidence}

    @cached_property
    def topic_by_key(self) -> dict[str, TopicEntry]:
        return {topic.key: topic for topic in self.topics()}

    @cached_property
    def placed_keys(self) -> frozenset[str]:
        """Keys of the resources that stand in a topic, and so can be ticked."""
        return frozenset(placed.resource for topic in self.topics() for placed in topic.resources)

    def topics(self) -> Iterator[TopicEntry]:
        return (topic for stage in self.stages for topic in stage.topics)

    def stage_of_task(self, key: str) -> StageEntry | None:
        return next((stage for stage in self.stages if any(t.key == key for t in stage.evidence)), None)

    def quiz_keys(self) -> list[str]:
        """Keys of the quizzes of its stages, then of the one for placement."""
        return [*(stage.quiz for stage in self.stages if stage.quiz), *filter(None, [self.placement])]

    def stage_of_quiz(self, key: str) -> StageEntry | None:
        return next((stage for stage in self.stages if stage.quiz == key), None)

    def number_of(self, stage_key: str) -> int:
        """The stage's number on the road, counted from 1."""
        return next(n for n, stage in enumerate(self.stages, 1) if stage.key == stage_key)

    def hours(self, background: str) -> tuple[int, int]:
        spans = [stage.hours(background) for stage in self.stages]
        return sum(low for low, _ in spans), sum(high for _, high in spans)
