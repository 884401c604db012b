"""A road as its parts arrive, from files or from rows, and the check that makes one typed value of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from accounts.sentences import sentence as _
from authoring import complaints, rules
from authoring.faults import Fault, Place, stopping
from authoring.rules import Known
from authoring.shapes import (
    FaqShape,
    QuestionShape,
    QuizPart,
    QuizShape,
    ResourceShape,
    RoadFolder,
    RoadShape,
    Shape,
    StagePart,
    StageShape,
    TaskShape,
    TopicShape,
)

S = TypeVar("S", bound=Shape)

ENOUGH = 500  # faults of shape, each of which stops a road: nobody reads on, and the rest is not looked at


class Part(NamedTuple):
    """One thing not checked yet: its data, and the place to name when it is at fault.

    `listed_as` is the key by which others know it; `is_unread` says that its fault is noted already.
    """

    data: Any
    place: Place
    listed_as: str = ""
    is_unread: bool = False

    @property
    def key(self) -> str:
        key = self.data.get("key") if isinstance(self.data, dict) else None
        return key if isinstance(key, str) else self.listed_as


@dataclass
class RawQuiz:
    quiz: Part
    questions: list[Part]


@dataclass
class RawStage:
    stage: Part
    topics: list[Part] = field(default_factory=list)
    tasks: list[Part] = field(default_factory=list)
    quiz: RawQuiz | None = None


@dataclass
class RawRoad:
    """All parts of a road, in the order in which they are studied."""

    road: Part
    faq: list[Part] = field(default_factory=list)
    resources: list[Part] = field(default_factory=list)
    stages: list[RawStage] = field(default_factory=list)
    bank: list[Part] = field(default_factory=list)
    placement: RawQuiz | None = None


@dataclass(frozen=True)
class Checked:
    """What came of a check: all faults, the typed road unless one of them stops it, and where its parts came from."""

    road: RoadFolder | None
    faults: list[Fault]
    places: Known = field(default_factory=dict)

    @property
    def stops(self) -> list[Fault]:
        return stopping(self.faults)


def check(raw: RawRoad, faults: Sequence[Fault] = (), *, as_whole: bool = True) -> Checked:
    """Check shapes, references and the road as a whole; `faults` were found on the way here.

    A draft that is not to be published yet need not be whole: its stages may ask for nothing.
    """
    checker = _Checker(raw)
    folder = checker.folder()
    known = checker.known()
    found = [*faults, *checker.faults, *rules.references(checker.sound, known)]
    if as_whole and folder is not None and not stopping(found):
        found += rules.whole(folder, known)
    return Checked(None if stopping(found) else folder, found, known)


class _Checker:
    def __init__(self, raw: RawRoad) -> None:
        self.raw = raw
        self.faults: list[Fault] = []
        self.sound = rules.Sound()

    def folder(self) -> RoadFolder | None:
        """The road of the parts whose shape is right; None when not even its own fields are."""
        stages = [self._stage(raw) for raw in self.raw.stages]
        faq = self._all(self.raw.faq, FaqShape)
        resources = self._all(self.raw.resources, ResourceShape)
        bank = self._all(self.raw.bank, QuestionShape)
        self.sound.questions += bank
        placement = self._quiz(self.raw.placement) if self.raw.placement else None
        road = self.sound.road = self._one(self.raw.road, RoadShape)
        self._refuse_twice()
        if road is None:
            return None
        sound = tuple(stage for stage in stages if stage is not None)
        return RoadFolder(road, faq, resources, sound, bank, placement)

    def known(self) -> Known:
        """Every key that is there, also of parts that are at fault otherwise, and where it is."""
        places: Known = {("road", ""): self.raw.road.place}
        for kind, part in self._parts():
            places.setdefault((kind, part.key), part.place)
        return places

    def _stage(self, raw: RawStage) -> StagePart | None:
        topics = self._all(raw.topics, TopicShape)
        tasks = self._all(raw.tasks, TaskShape)
        quiz = self._quiz(raw.quiz) if raw.quiz else None
        stage = self._one(raw.stage, StageShape)
        self.sound.topics += topics
        self.sound.tasks += tasks
        if stage is None:
            return None
        self.sound.stages.append(stage)
        return StagePart(stage, topics, tasks, quiz)

    def _quiz(self, raw: RawQuiz) -> QuizPart | None:
        questions = self._all(raw.questions, QuestionShape)
        quiz = self._one(raw.quiz, QuizShape)
        self.sound.questions += questions
        if quiz is None:
            return None
        self.sound.quizzes.append((quiz, len(raw.questions)))
        return QuizPart(quiz, questions)

    def _all(self, parts: Sequence[Part], shape: type[S]) -> tuple[S, ...]:
        shaped = [self._one(part, shape) for part in parts]
        return tuple(one for one in shaped if one is not None)

    def _one(self, part: Part, shape: type[S]) -> S | None:
        if part.is_unread or len(self.faults) >= ENOUGH:
            return None
        if not isinstance(part.data, dict):
            fault = part.place.fault(
                (), _("Names and values are missing here."), _("Write lines such as “key: …”.")
            )
            self.faults.append(fault)
            return None
        try:
            return shape.model_validate(part.data)
        except ValidationError as error:
            self.faults += complaints.faults(error, shape, part.place)
            return None

    def _refuse_twice(self) -> None:
        """A key names one thing of its kind on a road; resources and questions are checked house-wide on import."""
        seen: set[tuple[str, str]] = set()
        for kind, part in self._parts():
            if part.key and (kind, part.key) in seen:
                what = _("The key “%(key)s” names two things of this kind.", key=part.key)
                self.faults.append(part.place.fault(("key",), what, _("Give one of them another key.")))
            seen.add((kind, part.key))

    def _parts(self) -> Iterator[tuple[str, Part]]:
        yield from (("faq", part) for part in self.raw.faq)
        yield from (("resource", part) for part in self.raw.resources)
        yield from (("question", part) for part in self.raw.bank)
        if self.raw.placement:
            yield "quiz", self.raw.placement.quiz
            yield from (("question", part) for part in self.raw.placement.questions)
        for raw in self.raw.stages:
            yield "stage", raw.stage
            yield from (("topic", part) for part in raw.topics)
            yield from (("task", part) for part in raw.tasks)
            if raw.quiz:
                yield "quiz", raw.quiz.quiz
                yield from (("question", part) for part in raw.quiz.questions)
