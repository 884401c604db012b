"""What a whole road must be like: every key leads somewhere, every stage can be reached and asks for something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from pydantic import ValidationError

from accounts.sentences import Sentence, ngettext
from accounts.sentences import sentence as _
from authoring import complaints
from authoring.circles import circles, stuck_behind
from authoring.complaints import did_you_mean
from authoring.faults import Fault, Loc, Place
from authoring.shapes import (
    GateShape,
    QuestionShape,
    QuizPart,
    QuizShape,
    RoadFolder,
    RoadShape,
    StageShape,
    TaskShape,
    TopicShape,
)
from progress.known import LEAST_QUESTIONS
from quizzes import bodies
from quizzes.review import Item

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
        *_placement(folder, known),
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
        if road.notice and road.public:
            what = _("The road has a notice, so it can't be public.")
            yield place.fault(
                ("public",), what, _("Make it private, or take the notice out if you may publish it.")
            )
        yield from _twice([b.key for b in road.backgrounds], place, ("backgrounds",))
        yield from _twice([r.key for r in road.related], place, ("related",))
        for number, related in enumerate(road.related):
            if related.key == road.key:
                yield place.fault(
                    ("related", number, "key"), _("The road points at itself."), _("Take it out.")
                )

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
                ("rubric",),
                _("There is no rubric."),
                _("Say by which criteria it is judged."),
                severity="warns",
            )

    def _hours(self, hours: dict[str, tuple[int, int]], place: Place) -> Iterator[Fault]:
        if self.backgrounds is None:
            return
        for key in hours:
            if key not in self.backgrounds:
                use = _("Use %(backgrounds)s.", backgrounds=_listed(self.backgrounds))
                what = _("The road has no background “%(key)s”.", key=key)
                yield place.fault(("hours", key), what, did_you_mean(key, self.backgrounds) or use)
        if missing := self.backgrounds - set(hours):
            yield place.fault(
                ("hours",),
                _("There are no hours for %(backgrounds)s.", backgrounds=_listed(missing)),
                _("Without them the plan takes it for no work at all."),
                severity="warns",
            )

    def _quiz(self, quiz: QuizShape, count: int) -> Iterator[Fault]:
        place = self.known["quiz", quiz.key]
        yield from self._pools(quiz, place)
        if not count and not quiz.pools:
            yield place.fault(
                ("questions",), _("The quiz has no questions."), _("Write some, or take it out.")
            )
        elif quiz.draw and quiz.draw > max(count, 1):
            what = _("The quiz draws %(draw)s questions out of %(count)s.", draw=quiz.draw, count=count)
            yield place.fault(("draw",), what, _("Write more, or draw at most %(count)s.", count=count))

    def _pools(self, quiz: QuizShape, place: Place) -> Iterator[Fault]:
        yield from _twice([pool.key for pool in quiz.pools], place, ("pools",))
        for number, pool in enumerate(quiz.pools):
            if pool.topic is not None and ("topic", pool.topic) not in self.known:
                yield self._nowhere("topic", pool.topic, place, ("pools", number, "topic"))
            elif (ready := sum(pool.takes(q) for q in self.sound.questions)) < pool.count:
                what = _("Pool “%(pool)s” draws %(count)s, but %(ready)s questions fit it.")
                yield place.fault(
                    ("pools", number, "count"),
                    what.filled(pool=pool.key, count=pool.count, ready=ready),
                    _("Draw fewer, or ask for less of them."),
                )

    def _question(self, question: QuestionShape) -> Iterator[Fault]:
        place = self.known["question", question.key]
        for kind, key in (("topic", question.topic), ("resource", question.resource)):
            if key is not None and (kind, key) not in self.known:
                yield self._nowhere(kind, key, place, (kind,))
        shape = bodies.TYPES.get(question.type)
        if shape is None:
            what = _("There is no question type “%(type)s”.", type=question.type)
            yield place.fault(("type",), what, _("Use one of %(types)s.", types=", ".join(bodies.TYPES)))
            return
        try:
            shape.model_validate(question.question_body)
        except ValidationError as error:
            yield from complaints.faults(error, shape, place)

    def _lead_somewhere(
        self, kind: str, keys: Sequence[str], place: Place, loc: Loc, *, last: str = ""
    ) -> Iterator[Fault]:
        first: dict[str, int] = {}
        for number, key in enumerate(keys):
            here: Loc = (*loc, number, last) if last else (*loc, number)
            if (kind, key) not in self.known:
                yield self._nowhere(kind, key, place, here)
            if first.setdefault(key, number) != number:
                what = _("“%(key)s” stands here twice.", key=key)
                yield place.fault(here, what, _("Keep one of the two."))

    def _nowhere(self, kind: str, key: str, place: Place, loc: Loc) -> Fault:
        near = did_you_mean(key, [known for known_kind, known in self.known if known_kind == kind])
        return place.fault(loc, _NOWHERE[kind].filled(key=key), near or _ADD[kind])


_NOWHERE = {
    "stage": _("There is no stage “%(key)s” on this road."),
    "topic": _("There is no topic “%(key)s” on this road."),
    "task": _("There is no evidence task “%(key)s” on this road."),
    "resource": _("There is no resource “%(key)s” on this road."),
}
_ADD = {
    "stage": _("List it in road.yaml, or take it out here."),
    "topic": _("List it in its stage, or take it out here."),
    "task": _("List it in its stage, or take it out here."),
    "resource": _("Add it to the resources, or take it out here."),
}


def _gate_shape(gate: GateShape, place: Place, loc: Loc) -> Iterator[Fault]:
    wanted, other = ("stages", "tasks") if gate.kind == "stage_passed" else ("tasks", "stages")
    count = len(getattr(gate, wanted))
    if not count:
        what = _("A gate of kind %(kind)s names no %(field)s.", kind=gate.kind, field=wanted)
        yield place.fault(loc, what, _("Name %(field)s in it.", field=wanted))
    if getattr(gate, other):
        yield place.fault(
            (*loc, other),
            _("A gate of kind %(kind)s has %(field)s.", kind=gate.kind, field=other),
            _("Move them to a gate of the other kind."),
        )
    if gate.at_least is not None and wanted == "stages":
        what = _("“at_least” counts evidence only.")
        yield place.fault((*loc, "at_least"), what, _("Take it out here."))
    elif gate.at_least is not None and gate.at_least > count > 0:
        what = ngettext(
            "The gate asks for %(least)s of %(count)s task.",
            "The gate asks for %(least)s of %(count)s tasks.",
            count,
            least=gate.at_least,
        )
        yield place.fault((*loc, "at_least"), what, _("Ask for at most %(count)s.", count=count))


def _twice(keys: Sequence[str], place: Place, loc: Loc) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for number, key in enumerate(keys):
        if first.setdefault(key, number) != number:
            what = _("The key “%(key)s” stands here twice.", key=key)
            yield place.fault((*loc, number, "key"), what, _("Change one of them."))


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
        steps = _steps(_("%(one)s waits for %(other)s"), circle)
        what = _("The gates run in a circle: %(steps)s. None of these stages ever opens.", steps=steps)
        yield known["stage", circle[0]].fault(("gates",), what, _("Take one of these gates out."))
    for key, other in stuck_behind(waits, {key for circle in found for key in circle}).items():
        what = _("The stage never opens: it waits for “%(other)s”, which never opens.", other=other)
        yield known["stage", key].fault(("gates",), what, _("Mend the circle first."))


def _circles_of_topics(folder: RoadFolder, known: Known) -> Iterator[Fault]:
    for circle in circles({topic.key: topic.prerequisites for topic in folder.topics()}):
        steps = _steps(_("%(one)s needs %(other)s"), circle)
        what = _("The prerequisites run in a circle: %(steps)s.", steps=steps)
        yield known["topic", circle[0]].fault(("prerequisites",), what, _("Take one of them out."))


def _steps(step: Sentence, circle: Sequence[str]) -> tuple[Sentence, ...]:
    """The circle step by step: each key and the one it waits for."""
    return tuple(step.filled(one=one, other=other) for one, other in pairwise(circle))


def _empty_stages(folder: RoadFolder, known: Known) -> Iterator[Fault]:
    for part in folder.stages:
        place = known["stage", part.stage.key]
        has_core = any(placed.role == "core" for topic in part.topics for placed in topic.resources)
        if not has_core and not part.quiz:
            what = _(
                "The stage asks for nothing: it has no core resources and no quiz, so everybody has passed it."
            )
            yield place.fault(("topics",), what, _("Give a topic of it a resource with the role core."))
        elif not has_core:
            what = _("The stage has no core resources; its quiz alone passes it.")
            yield place.fault(("topics",), what, _("Give a topic of it a core resource."), severity="warns")
        elif not part.quiz:
            what = _("The stage has no quiz; ticks alone pass it.")
            yield place.fault((), what, _("Write one if knowledge should be checked."), severity="warns")


_AT_LEAST = _("“%(background)s” says at least %(months)s months, but the hours come to %(real)s.")
_AT_MOST = _("“%(background)s” says at most %(months)s months, but the hours come to %(real)s.")


def _months(folder: RoadFolder, known: Known) -> Iterator[Fault]:
    """Hours over hours a week should come to about the months that the road promises."""
    parts: list[TopicShape | TaskShape] = [*folder.topics(), *folder.tasks()]
    a_month = folder.road.hours_per_week * WEEKS_PER_MONTH
    for number, background in enumerate(folder.road.backgrounds):
        spans = [part.hours.get(background.key, (0, 0)) for part in parts]
        for end, says in enumerate((_AT_LEAST, _AT_MOST)):
            hours = sum(span[end] for span in spans)
            stated = background.months[end]
            if abs(hours / a_month - stated) > max(MONTHS_APART, Fraction(stated, 10)):
                real = f"{float(hours / a_month):.1f}"
                what = says.filled(background=background.title, months=stated, real=real)
                remedy = _(
                    "Change the months, the hours (%(hours)s in all), or the hours a week.", hours=hours
                )
                yield known["road", ""].fault(
                    ("backgrounds", number, "months"), what, remedy, severity="warns"
                )


def _placement(folder: RoadFolder, known: Known) -> Iterator[Fault]:
    """A quiz for placement that gives stage quizzes away, or asks too little of a stage: both are only said."""
    if folder.placement is None:
        return
    quiz = folder.placement.quiz
    place, windows = known["quiz", quiz.key], (quiz.review.handed_in, quiz.review.passed, quiz.review.closed)
    if {Item.RIGHT_ANSWER, Item.EXPLANATION} & {item for window in windows for item in window}:
        what = _("Its results show right answers or reasons, and stage quizzes may ask the same questions.")
        remedy = _("Let them show correctness only, in every window.")
        yield place.fault(("review",), what, remedy, severity="warns")
    asked = _asked_for_placement(folder.placement)
    for part in folder.stages:
        count = sum(asked[topic.key] for topic in part.topics) + asked[None]
        if count < LEAST_QUESTIONS:
            what = ngettext(
                "It asks %(count)s question of the stage “%(stage)s”; with fewer than %(least)s nobody can know it.",
                "It asks %(count)s questions of the stage “%(stage)s”; with fewer than %(least)s nobody can know it.",
                count,
                stage=part.stage.key,
                least=LEAST_QUESTIONS,
            )
            remedy = _("Add questions or pools of its topics, or leave it so.")
            yield place.fault(("pools",), what, remedy, severity="warns")


def _asked_for_placement(part: QuizPart) -> Counter[str | None]:
    """How many questions it may ask by topic; those of pools without a topic under None."""
    asked = Counter(question.topic for question in part.questions if question.topic)
    counted: Counter[str | None] = Counter(dict(asked))
    for pool in part.quiz.pools:
        counted[pool.topic] += pool.count
    return counted


def _unused(folder: RoadFolder, known: Known) -> Iterator[Fault]:
    used = folder.used_resources()
    for entry in folder.resources:
        if entry.key not in used:
            what = _("The resource “%(key)s” is used nowhere on this road.", key=entry.key)
            yield known["resource", entry.key].fault(
                (), what, _("Put it in a topic, or take it out."), severity="warns"
            )


def _listed(keys: set[str]) -> str:
    return ", ".join(f"“{key}”" for key in sorted(keys))
