"""What a whole road must be like: every key leads somewhere, every stage can be reached and asks for something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from pydantic import ValidationError

from authoring import complaints
from authoring.circles import circles, stuck_behind
from authoring.complaints import did_you_mean
from authoring.faults import Fault, Loc, Place
from authoring.shapes import (
    GateShape,
    QuestionShape,
    QuizShape,
    RoadFolder,
    RoadShape,
    StageShape,
    TaskShape,
    TopicShape,
)
from quizzes import bodies

Known = dict[tuple[str, str], Place]

WEEKS_PER_MONTH = Fraction(52, 12)
MONTHS_APART = Fraction(1)


@dataclass
class Sound:
    """The parts of a road whose shape is right, also those whose stage is not; quizzes with the count of questions."""

    road: RoadShape | None = None
    stages: list[StageShape] = field(default_factory=list)
    topics: list[TopicShape] = field(default_factory=list)
    tasks: list[TaskShape] = field(default_factory=list)
    quizzes: list[tuple[QuizShape, int]] = field(default_factory=list)
    questions: list[QuestionShape] = field(default_factory=list)


def references(sound: Sound, known: Known) -> list[Fault]:
    """Faults of keys that lead nowhere, of gates, hours and quizzes; each looks at one part and the keys that exist."""
    return list(_References(sound, known).faults())


def whole(folder: RoadFolder, known: Known) -> list[Fault]:
    """Faults that only show when all parts are sound: circles, empty stages, months that don't fit the hours."""
    return [
        *_circles_of_gates(folder, known),
        *_circles_of_topics(folder, known),
        *_empty_stages(folder, known),
        *_months(folder, known),
        *_unused(folder, known),
    ]


class _References:
    def __init__(self, sound: Sound, known: Known) -> None:
        self.sound = sound
        self.known = known
        self.backgrounds = {entry.key for entry in sound.road.backgrounds} if sound.road else None

    def faults(self) -> Iterator[Fault]:
        sound = self.sound
        if sound.road:
            yield from self._road(sound.road)
        parts: list[Iterator[Fault]] = [
            *(self._gates(stage) for stage in sound.stages),
            *(self._topic(topic) for topic in sound.topics),
            *(self._task(task) for task in sound.tasks),
            *(self._quiz(quiz, count) for quiz, count in sound.quizzes),
            *(self._question(question) for question in sound.questions),
        ]
        for found in parts:
            yield from found

    def _road(self, road: RoadShape) -> Iterator[Fault]:
        place = self.known["road", ""]
        yield from self._lead_somewhere("resource", road.recommended, place, ("recommended",))
        yield from _twice([b.key for b in road.backgrounds], place, ("backgrounds",))
        yield from _twice([r.key for r in road.related], place, ("related",))
        for number, related in enumerate(road.related):
            if related.key == road.key:
                yield place.fault(("related", number, "key"), "The road points at itself.", "Take it out.")

    def _gates(self, stage: StageShape) -> Iterator[Fault]:
        place = self.known["stage", stage.key]
        for number, gate in enumerate(stage.gates):
            loc: Loc = ("gates", number)
            yield from _gate_shape(gate, place, loc)
            yield from self._lead_somewhere("stage", gate.stages, place, (*loc, "stages"))
            yield from self._lead_somewhere("task", gate.tasks, place, (*loc, "tasks"))

    def _topic(self, topic: TopicShape) -> Iterator[Fault]:
        place = self.known["topic", topic.key]
        resources = [placed.resource for placed in topic.resources]
        yield from self._lead_somewhere("topic", topic.prerequisites, place, ("prerequisites",))
        yield from self._lead_somewhere("resource", resources, place, ("resources",), last="resource")
        yield from self._hours(topic.hours, place)

    def _task(self, task: TaskShape) -> Iterator[Fault]:
        place = self.known["task", task.key]
        yield from _twice([criterion.key for criterion in task.rubric], place, ("rubric",))
        yield from self._hours(task.hours, place)
        if not task.rubric:
            yield place.fault(
                ("rubric",), "There is no rubric.", "Say by which criteria it is judged.", severity="warns"
            )

    def _hours(self, hours: dict[str, tuple[int, int]], place: Place) -> Iterator[Fault]:
        if self.backgrounds is None:
            return
        for key in hours:
            if key not in self.backgrounds:
                remedy = did_you_mean(key, self.backgrounds) or f"Use {_listed(self.backgrounds)}."
                yield place.fault(("hours", key), f"The road has no background “{key}”.", remedy)
        if missing := self.backgrounds - set(hours):
            yield place.fault(
                ("hours",),
                f"There are no hours for {_listed(missing)}.",
                "Without them the plan takes it for no work at all.",
                severity="warns",
            )

    def _quiz(self, quiz: QuizShape, count: int) -> Iterator[Fault]:
        place = self.known["quiz", quiz.key]
        if not count:
            yield place.fault(("questions",), "The quiz has no questions.", "Write some, or take it out.")
        elif quiz.draw and quiz.draw > count:
            what = f"The quiz draws {quiz.draw} questions out of {count}."
            yield place.fault(("draw",), what, f"Write more, or draw at most {count}.")

    def _question(self, question: QuestionShape) -> Iterator[Fault]:
        place = self.known["question", question.key]
        for kind, key in (("topic", question.topic), ("resource", question.resource)):
            if key is not None and (kind, key) not in self.known:
                yield self._nowhere(kind, key, place, (kind,))
        shape = bodies.TYPES.get(question.type)
        if shape is None:
            what = f"There is no question type “{question.type}”."
            yield place.fault(("type",), what, f"Use one of {', '.join(bodies.TYPES)}.")
            return
        try:
            shape.model_validate(question.question_body)
        except ValidationError as error:
            yield from complaints.faults(error, shape, place)

    def _lead_somewhere(
        self, kind: str, keys: Sequence[str], place: Place, loc: Loc, *, last: str = ""
    ) -> Iterator[Fault]:
        for number, key in enumerate(keys):
            here: Loc = (*loc, number, last) if last else (*loc, number)
            if (kind, key) not in self.known:
                yield self._nowhere(kind, key, place, here)
            if key in keys[:number]:
                yield place.fault(here, f"“{key}” stands here twice.", "Keep one of the two.")

    def _nowhere(self, kind: str, key: str, place: Place, loc: Loc) -> Fault:
        near = did_you_mean(key, [known for known_kind, known in self.known if known_kind == kind])
        return place.fault(loc, f"There is no {_KINDS[kind]} “{key}” on this road.", near or _ADD[kind])


_KINDS = {"stage": "stage", "topic": "topic", "task": "evidence task", "resource": "resource"}
_ADD = {
    "stage": "List it in road.yaml, or take it out here.",
    "topic": "List it in its stage, or take it out here.",
    "task": "List it in its stage, or take it out here.",
    "resource": "Add it to the resources, or take it out here.",
}


def _gate_shape(gate: GateShape, place: Place, loc: Loc) -> Iterator[Fault]:
    wanted, other = ("stages", "tasks") if gate.kind == "stage_passed" else ("tasks", "stages")
    count = len(getattr(gate, wanted))
    if not count:
        yield place.fault(loc, f"A gate of kind {gate.kind} names no {wanted}.", f"Name {wanted} in it.")
    if getattr(gate, other):
        yield place.fault(
            (*loc, other),
            f"A gate of kind {gate.kind} has {other}.",
            "Move them to a gate of the other kind.",
        )
    if gate.at_least is not None and wanted == "stages":
        yield place.fault((*loc, "at_least"), "“at_least” counts evidence only.", "Take it out here.")
    elif gate.at_least is not None and gate.at_least > count > 0:
        what = f"The gate asks for {gate.at_least} of {count} tasks."
        yield place.fault((*loc, "at_least"), what, f"Ask for at most {count}.")


def _twice(keys: Sequence[str], place: Place, loc: Loc) -> Iterator[Fault]:
    for number, key in enumerate(keys):
        if key in keys[:number]:
            yield place.fault(
                (*loc, number, "key"), f"The key “{key}” stands here twice.", "Change one of them."
            )


def _circles_of_gates(folder: RoadFolder, known: Known) -> Iterator[Fault]:
    """Evidence is handed in on an open stage, so a gate that asks for it waits for that stage to open."""
    home = {task.key: part.stage.key for part in folder.stages for task in part.tasks}
    waits = {
        part.stage.key: [
            key for gate in part.stage.gates for key in (*gate.stages, *(home[task] for task in gate.tasks))
        ]
        for part in folder.stages
    }
    found = circles(waits)
    for circle in found:
        what = f"The gates run in a circle: {' waits for '.join(circle)}. None of these stages ever opens."
        yield known["stage", circle[0]].fault(("gates",), what, "Take one of these gates out.")
    for key, other in stuck_behind(waits, {key for circle in found for key in circle}).items():
        what = f"The stage never opens: it waits for “{other}”, which never opens."
        yield known["stage", key].fault(("gates",), what, "Mend the circle first.")


def _circles_of_topics(folder: RoadFolder, known: Known) -> Iterator[Fault]:
    for circle in circles({topic.key: topic.prerequisites for topic in folder.topics()}):
        what = f"The prerequisites run in a circle: {' needs '.join(circle)}."
        yield known["topic", circle[0]].fault(("prerequisites",), what, "Take one of them out.")


def _empty_stages(folder: RoadFolder, known: Known) -> Iterator[Fault]:
    for part in folder.stages:
        place = known["stage", part.stage.key]
        has_core = any(placed.role == "core" for topic in part.topics for placed in topic.resources)
        if not has_core and not part.quiz:
            what = "The stage asks for nothing: it has no core resources and no quiz, so everybody has passed it."
            yield place.fault(("topics",), what, "Give a topic of it a resource with the role core.")
        elif not has_core:
            what = "The stage has no core resources; its quiz alone passes it."
            yield place.fault(("topics",), what, "Give a topic of it a core resource.", severity="warns")
        elif not part.quiz:
            what = "The stage has no quiz; ticks alone pass it."
            yield place.fault((), what, "Write one if knowledge should be checked.", severity="warns")


def _months(folder: RoadFolder, known: Known) -> Iterator[Fault]:
    """Hours over hours a week should come to about the months that the road promises."""
    parts: list[TopicShape | TaskShape] = [*folder.topics(), *folder.tasks()]
    a_month = folder.road.hours_per_week * WEEKS_PER_MONTH
    for number, background in enumerate(folder.road.backgrounds):
        spans = [part.hours.get(background.key, (0, 0)) for part in parts]
        for end, word in enumerate(("at least", "at most")):
            hours = sum(span[end] for span in spans)
            stated = background.months[end]
            if abs(hours / a_month - stated) > max(MONTHS_APART, Fraction(stated, 10)):
                come_to = f"the hours come to {float(hours / a_month):.1f}"
                what = f"“{background.title}” says {word} {stated} months, but {come_to}."
                remedy = f"Change the months, the hours ({hours} in all), or the hours a week."
                yield known["road", ""].fault(
                    ("backgrounds", number, "months"), what, remedy, severity="warns"
                )


def _unused(folder: RoadFolder, known: Known) -> Iterator[Fault]:
    used = folder.used_resources()
    for entry in folder.resources:
        if entry.key not in used:
            what = f"The resource “{entry.key}” is used nowhere on this road."
            yield known["resource", entry.key].fault(
                (), what, "Put it in a topic, or take it out.", severity="warns"
            )


def _listed(keys: set[str]) -> str:
    return ", ".join(f"“{key}”" for key in sorted(keys))
