from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import Model, Prefetch

from authoring.checked import Part, RawQuiz, RawRoad, RawStage
from authoring.faults import ROAD, RowPlace, named
from authoring.shapes import ORIGIN, QuizShape
from quizzes.models import PaperItem, PaperPool, Question, Quiz
from quizzes.models.papers import drawable
from quizzes.paper import Purpose
from quizzes.practice import TAG
from roadmap.models import EvidenceTask, Gate, Placement, Resource, Roadmap, RubricCriterion, Stage, Topic

R = TypeVar("R", bound=Model)


class DraftRows:
    """All living draft rows of one road, read in a fixed number of queries however large the road is."""

    def __init__(self, roadmap: Roadmap) -> None:
        self.roadmap = roadmap
        self.stages = list(Stage.objects.filter(roadmap=roadmap).unarchived().prefetch_related(_gates()))
        self.topics = _by_stage(
            Topic.objects.filter(roadmap=roadmap).unarchived().prefetch_related(*_topic_parts())
        )
        self.tasks = _by_stage(
            EvidenceTask.objects.filter(roadmap=roadmap).unarchived().prefetch_related(_rubric())
        )
        quizzes = Quiz.objects.filter(roadmap=roadmap).unarchived().prefetch_related(_items(), _pools())
        self.quizzes = _by_stage(quizzes)
        self.placement = next(
            (quiz for quiz in self.quizzes[None] if quiz.purpose == Purpose.PLACEMENT), None
        )
        self.bank = self._bank()
        self.resources = self._resources()

    def raw(self) -> RawRoad:
        """The road in the shape of its files, places naming the rows."""
        return RawRoad(
            road=Part(self._road(), RowPlace(ROAD, "roadmap.roadmap", self.roadmap.pk)),
            faq=[
                Part(
                    {"key": row.key, "question": row.question, "answer": row.answer},
                    RowPlace(named("question", row.question), "roadmap.faq", row.pk),
                )
                for row in self.roadmap.faqs.all()
            ],
            resources=[_part(_resource(row), row, "resource") for row in self.resources],
            stages=[self._stage(stage) for stage in self.stages],
            bank=[_question(row) for row in self.bank],
            placement=_quiz(self.placement) if self.placement else None,
        )

    def _resources(self) -> list[Resource]:
        """Every resource that the road shows or sends people to, by key."""
        found = {
            placement.resource.key: placement.resource
            for topics in self.topics.values()
            for topic in topics
            for placement in topic.placements.all()
        }
        for question in self.questions():
            if question.resource:
                found[question.resource.key] = question.resource
        recommended = self.roadmap.recommended if isinstance(self.roadmap.recommended, list) else []
        keys = [key for key in recommended if isinstance(key, str) and key not in found]
        found |= {row.key: row for row in Resource.objects.filter(key__in=keys)}
        return [found[key] for key in sorted(found)]

    def questions(self) -> list[Question]:
        """Those on a paper, whether or not it belongs to a stage, and those that pools may draw."""
        return [*self._on_papers(), *self.bank]

    def _on_papers(self) -> list[Question]:
        return [
            item.question
            for quizzes in self.quizzes.values()
            for quiz in quizzes
            for item in quiz.items.all()
        ]

    def _bank(self) -> list[Question]:
        """What pools may draw or is given for practice, and no paper names, by key.

        Drafts that are not ready yet are nobody's concern.
        """
        living = [*(self.quizzes[stage.pk][0] for stage in self.stages if self.quizzes[stage.pk])]
        pools = [pool for quiz in [*living, *filter(None, [self.placement])] for pool in quiz.pools.all()]
        papers = {question.pk for question in self._on_papers()}
        asked = drawable([self.roadmap.pk])
        if not pools:
            asked = asked.filter(tags__contains=[TAG])
        return [
            question
            for question in asked.order_by("key")
            if question.pk not in papers
            and (TAG in question.tags or any(pool.takes(question) for pool in pools))
            and not question.faults()
        ]

    def _road(self) -> dict[str, Any]:
        road = self.roadmap
        return {
            "format": 1,
            **_same(road, "key", "title", "level", "language", "summary", "audience", "choose_when"),
            **_same(road, "hours_per_week", "position", "learn", "recommended", *ORIGIN),
            "last_updated": road.last_updated_on,
            "public": road.is_public,
            "backgrounds": [
                {**_same(row, "key", "title", "leads_to"), "months": [row.months_low, row.months_high]}
                for row in road.backgrounds.all()
            ],
            "related": [
                _same(row, "key", "title", "choose_when", "difference") for row in road.related.all()
            ],
            "stages": [stage.key for stage in self.stages],
        }

    def _stage(self, stage: Stage) -> RawStage:
        topics, tasks = self.topics[stage.pk], self.tasks[stage.pk]
        data = {
            **_same(stage, "key", "title", "summary", "why"),
            "step": {"title": stage.step_title, "body": stage.step_body, "tags": stage.step_tags},
            "gates": [_gate(gate) for gate in stage.gates.all()],
            "topics": [topic.key for topic in topics],
            "evidence": [task.key for task in tasks],
        }
        quiz = next(iter(self.quizzes[stage.pk]), None)
        return RawStage(
            stage=_part(data, stage, "stage"),
            topics=[_part(_topic(topic), topic, "topic") for topic in topics],
            tasks=[_part(_task(task), task, "task") for task in tasks],
            quiz=_quiz(quiz) if quiz else None,
        )


def _gates() -> Prefetch[Any]:
    return Prefetch("gates", Gate.objects.prefetch_related("stages", "tasks"))


def _topic_parts() -> tuple[Any, ...]:
    return "prerequisites", Prefetch("placements", Placement.objects.select_related("resource"))


def _rubric() -> Prefetch[Any]:
    return Prefetch("criteria", RubricCriterion.objects.order_by("position", "id"))


def _items() -> Prefetch[Any]:
    return Prefetch("items", PaperItem.objects.select_related("question__topic", "question__resource"))


def _pools() -> Prefetch[Any]:
    return Prefetch("pools", PaperPool.objects.select_related("topic"))


def _by_stage(rows: Iterable[R]) -> Mapping[int | None, list[R]]:
    found: dict[int | None, list[R]] = defaultdict(list)
    for row in rows:
        found[row.stage_id].append(row)  # type: ignore[attr-defined]  # topics, tasks and quizzes all have a stage
    return found


def _same(row: Model, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _part(data: dict[str, Any], row: Any, name: str) -> Part:
    label = row._meta.label_lower  # noqa: SLF001  # Django documents it
    return Part(data, RowPlace(named(name, str(row)), label, row.pk), row.key)


def _resource(row: Resource) -> dict[str, Any]:
    minutes = None if row.minutes_low is None else [row.minutes_low, row.minutes_high]
    return {
        **_same(row, "key", "title", "author", "url", "type", "cost", "language", "level", "year", "why"),
        "minutes": minutes,
    }


def _gate(row: Gate) -> dict[str, Any]:
    """Stages and tasks come in the order of the road; in which order a gate names them says nothing."""
    return {
        **_same(row, "kind", "at_least", "because"),
        "stages": [stage.key for stage in row.stages.all()],
        "tasks": [task.key for task in row.tasks.all()],
    }


def _topic(row: Topic) -> dict[str, Any]:
    return {
        **_same(row, "key", "title", "objective", "outcomes", "hours", "body"),
        "prerequisites": [other.key for other in row.prerequisites.all()],
        "resources": [
            {"resource": placed.resource.key, "role": placed.role} for placed in row.placements.all()
        ],
    }


def _task(row: EvidenceTask) -> dict[str, Any]:
    return {
        **_same(row, "key", "title", "accepts", "promise_days", "hours"),
        "required": row.is_required,
        "rubric": [_criterion(criterion) for criterion in row.criteria.all()],
        "body": row.brief,
    }


def _criterion(row: RubricCriterion) -> dict[str, Any]:
    levels = _same(row, "not_yet", "developing", "meets", "exceeds")
    return {**_same(row, "key", "title", "must_meet"), "levels": levels}


def _quiz(row: Quiz) -> RawQuiz:
    data = {
        **_same(row, *(name for name in QuizShape.model_fields if name not in ("attempts", "pools"))),
        "review": row.review or {},
        "attempts": row.attempts_limit,
        "pools": [_pool(pool) for pool in row.pools.all()],
    }
    questions = [_question(item.question, item.points) for item in row.items.all()]
    return RawQuiz(_part(data, row, "quiz"), questions)


def _pool(row: PaperPool) -> dict[str, Any]:
    return {
        **_same(row, "key", "difficulty_from", "difficulty_to", "count", "points"),
        "topic": row.topic.key if row.topic else None,
        "tag": row.tag or None,
    }


def _question(row: Question, points: int = 1) -> Part:
    body = row.draft if isinstance(row.draft, dict) else {}
    data = {
        **body,
        **_same(row, "key", "type", "difficulty", "tags"),
        "topic": row.topic.key if row.topic else None,
        "resource": row.resource.key if row.resource else None,
        "points": points,
    }
    return _part(data, row, "question")
