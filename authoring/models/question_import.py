from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_noop

from accounts.models.history import FILES, keep, signed
from accounts.sentences import Sentence, sentence
from authoring.exchange import keys
from authoring.exchange.questions import Carried, Left, Reading
from authoring.models.question_origin import QuestionOrigin
from authoring.models.upsert import one_of
from quizzes import bodies
from quizzes.models import PaperItem, Question, Quiz
from roadmap.models import Resource, Roadmap, Topic

CHUNK = 500
MOST_POINTS = 32_767


class QuestionsCrossedError(Exception):
    """Somebody else wrote questions of the same keys or contents at this moment. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Placing:
    """Where imported questions go, and what they get where their file says nothing.

    A question whose category is the key or title of a topic of the road stands there, else in `topic`.
    """

    road: Roadmap | None = None
    topic: Topic | None = None
    quiz: Quiz | None = None
    points: int = 1
    difficulty: int = 3
    tags: tuple[str, ...] = ()

    def home(self) -> Roadmap | None:
        """The road whose topics the questions may stand in."""
        if self.road:
            return self.road
        if self.quiz:
            return self.quiz.roadmap
        return self.topic.roadmap if self.topic else None


@dataclass(frozen=True, slots=True)
class Planned:
    """One question as it would become a draft: `here` is the key under which its content is here already."""

    carried: Carried
    digest: str
    key: str
    topic: Topic | None
    here: str = ""
    faults: tuple[Sentence, ...] = ()


@dataclass(slots=True)
class Plan:
    """What an import does: new drafts and what is here already, in the order of the file; and what is left."""

    rows: list[Planned] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    @property
    def new(self) -> list[Planned]:
        return [row for row in self.rows if not row.here]

    @property
    def here(self) -> list[Planned]:
        return [row for row in self.rows if row.here]

    @property
    def unfinished(self) -> list[Planned]:
        """New drafts that something has to be written to before they can be published."""
        return [row for row in self.new if row.faults]

    def outcome(self) -> dict[str, Any]:
        """What stays of it when it is written."""
        return {
            "new": [row.key for row in self.new],
            "unfinished": [row.key for row in self.unfinished],
            "here": [row.here for row in self.here],
            "left": len(self.left),
        }


class QuestionImport:
    """The questions of a file on their way to being drafts; `file` is its name."""

    def __init__(self, reading: Reading, placing: Placing, file: str) -> None:
        self.reading = reading
        self.placing = placing
        self.file = file

    # Acts

    def save(self, now: datetime) -> Plan:
        """Write the drafts, all of them or none; what is here already stays as it is. Raises QuestionsCrossedError."""
        try:
            with transaction.atomic(), signed(why=FILES, at=now):
                return self._write(now)
        except IntegrityError as crossed:
            raise QuestionsCrossedError from crossed

    # Questions

    def plan(self) -> Plan:
        """What saving would write; a fixed number of queries."""
        plan = Plan(left=list(self.reading.left))
        sound = self._sound(plan)
        here = self._here(sound)
        new = [one for digest, one in sound.items() if digest not in here]
        taken = set(Question.objects.values_list("key", flat=True)) if new else set()
        names = keys.unique((one.key or one.name for one in new), taken.__contains__)
        key_of = dict(zip((id(one) for one in new), names, strict=True))
        topics = self._topics()
        for digest, one in sound.items():
            found = tuple(fault.sentence() for fault in bodies.faults(one.type, dict(one.body)))
            key = key_of.get(id(one), "")
            topic = _topic_of(one, topics, self.placing.topic)
            plan.rows.append(Planned(one, digest, key, topic, here.get(digest, ""), found))
        return plan

    # Helpers

    def _write(self, now: datetime) -> Plan:
        if self.placing.quiz:
            Quiz.objects.select_for_update(of=("self",)).get(pk=self.placing.quiz.pk)
        plan = self.plan()
        resources = self._resources(plan)
        new = plan.new
        questions = Question.objects.bulk_create(
            [self._question(row, resources) for row in new], batch_size=CHUNK
        )
        keep(Question, [question.pk for question in questions], "+")
        origins = [
            QuestionOrigin(question=question, digest=row.digest, file=self.file[-200:], imported_at=now)
            for question, row in zip(questions, new, strict=True)
        ]
        QuestionOrigin.objects.bulk_create(origins, batch_size=CHUNK)
        self._put_on_paper(questions, new)
        return plan

    def _question(self, row: Planned, resources: Mapping[str, Resource]) -> Question:
        carried = row.carried
        return Question(
            key=row.key,
            type=carried.type,
            topic=row.topic,
            resource=resources.get(carried.resource),
            difficulty=carried.difficulty or self.placing.difficulty,
            tags=tags_of([*carried.tags, *self.placing.tags]),
            draft=dict(carried.body),
        )

    def _put_on_paper(self, questions: Sequence[Question], new: Sequence[Planned]) -> None:
        quiz = self.placing.quiz
        if quiz is None or not questions:
            return
        last = PaperItem.objects.filter(quiz=quiz).aggregate(last=Max("position"))["last"] or 0
        items = PaperItem.objects.bulk_create(
            [
                PaperItem(
                    quiz=quiz, question=question, position=last + number, points=self._points(row.carried)
                )
                for number, (question, row) in enumerate(zip(questions, new, strict=True), 1)
            ],
            batch_size=CHUNK,
        )
        keep(PaperItem, [item.pk for item in items], "+")

    def _points(self, carried: Carried) -> int:
        if carried.points is None:
            return self.placing.points
        return max(1, min(MOST_POINTS, round(carried.points)))

    def _sound(self, plan: Plan) -> dict[str, Carried]:
        """The questions that can be drafts at all, by the digest of what they say; the rest is left."""
        found: dict[str, Carried] = {}
        for one in self.reading.questions:
            digest = digest_of(one.type, one.body)
            if one.type not in bodies.TYPES:
                plan.left.append(Left(one.place, one.name, _NO_TYPE.filled(type=one.type)))
            elif not digest:
                plan.left.append(Left(one.place, one.name, _NOT_STORED))
            elif digest in found:
                plan.left.append(Left(one.place, one.name, _TWICE.filled(place=found[digest].place)))
            else:
                found[digest] = one
                self._say_points(one, plan)
        return found

    def _say_points(self, one: Carried, plan: Plan) -> None:
        if self.placing.quiz and one.points is not None and self._points(one) != one.points:
            said = _POINTS.filled(points=f"{one.points:g}", whole=self._points(one))
            plan.left.append(Left(one.place, one.name, said, is_whole=False))

    def _here(self, sound: Mapping[str, Carried]) -> dict[str, str]:
        """The keys of those whose content is here already: it came with a file, or a question says the very same."""
        wanted = {one.key: digest for digest, one in sound.items() if one.key}
        same = {
            wanted[key]: key
            for key, type_, draft in Question.objects.filter(key__in=one_of(wanted)).values_list(
                "key", "type", "draft"
            )
            if digest_of(type_, draft) == wanted[key]
        }
        return same | QuestionOrigin.objects.keys_by_digest(sound)

    def _topics(self) -> dict[str, Topic]:
        """The topics of the road by key and by title."""
        road = self.placing.home()
        if road is None:
            return {}
        topics = list(Topic.objects.filter(roadmap=road).unarchived())
        return {topic.title.casefold(): topic for topic in topics} | {topic.key: topic for topic in topics}

    def _resources(self, plan: Plan) -> dict[str, Resource]:
        wanted = {row.carried.resource for row in plan.new if row.carried.resource}
        found = {row.key: row for row in Resource.objects.filter(key__in=one_of(wanted))}
        for row in plan.new:
            name = row.carried.resource
            if name and name not in found:
                said = _NO_RESOURCE.filled(key=name)
                plan.left.append(Left(row.carried.place, row.carried.name, said, is_whole=False))
        return found


_NO_TYPE = sentence(gettext_noop("This house has no questions of the type “%(type)s”."))
_NOT_STORED = sentence(gettext_noop("It holds a character or a number that can't be kept."))
_TWICE = sentence(gettext_noop("It says the very same as the question at %(place)s."))
_POINTS = sentence(gettext_noop("Its %(points)s points become %(whole)s: points are whole numbers here."))
_NO_RESOURCE = sentence(gettext_noop("There is no resource “%(key)s” here, so it leads back to none."))


def digest_of(type_: str, body: object) -> str:
    """What tells one content from another; empty for what can't be kept as JSON text."""
    try:
        text = json.dumps([type_, body], sort_keys=True, ensure_ascii=False, allow_nan=False, default=str)
        data = text.encode()
    except ValueError:  # half a letter, or a number without an end
        return ""
    return "" if "\\u0000" in text else hashlib.sha256(data).hexdigest()


def tags_of(words: Sequence[str]) -> list[str]:
    """Words as tags, each once."""
    return list(dict.fromkeys(tag for word in words if (tag := keys.slug(word, ""))))


def _topic_of(one: Carried, topics: Mapping[str, Topic], otherwise: Topic | None) -> Topic | None:
    """The topic whose key or title its category names, from the nearest up."""
    for name in reversed(one.category):
        if found := topics.get(name) or topics.get(name.casefold()):
            return found
    return otherwise
