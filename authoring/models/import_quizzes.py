from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime

from django.db.models import Q

from authoring.models.import_stages import StageImport
from authoring.models.upsert import Changes, Upsert, key_of, one_of
from authoring.shapes import QuestionShape, QuizShape, RoadFolder
from quizzes.models import PaperItem, PaperPool, Question, Quiz
from quizzes.paper import Purpose
from quizzes.review import SHOWS_ALL
from roadmap.models import Resource, Roadmap, Stage


class QuizImport:
    """The quizzes of a folder with their questions, on their way into rows."""

    def __init__(
        self,
        folder: RoadFolder,
        road: Roadmap,
        resources: Mapping[str, Resource],
        stages: StageImport,
        changes: Changes,
    ) -> None:
        self.folder = folder
        self.road = road
        self.resources = resources
        self.stages = stages
        self.changes = changes

    def save(self, now: datetime) -> None:
        quizzes = self._save_quizzes(now)
        questions = self._save_questions(now)
        self._save_items(quizzes, questions)
        self._save_pools(quizzes)

    def _save_quizzes(self, now: datetime) -> dict[str, Quiz]:
        wanted = [
            self._quiz(part.quiz.quiz, self.stages.stages[part.stage.key])
            for part in self.folder.stages
            if part.quiz
        ]
        if self.folder.placement:
            wanted.append(self._quiz(self.folder.placement.quiz, None))
        upsert = Upsert(
            Quiz.objects.filter(roadmap=self.road),
            by=["roadmap", "key"],
            name=key_of,
            fields=_QUIZ_FIELDS,
            changes=self.changes,
        )
        upsert.archive_others((row.key for row in wanted), now)
        self._free_stages(upsert, wanted)
        return {str(key): row for key, row in upsert.put(wanted).items()}

    def _quiz(self, shape: QuizShape, stage: Stage | None) -> Quiz:
        return Quiz(
            roadmap=self.road,
            stage=stage,
            purpose=Purpose.STAGE if stage else Purpose.PLACEMENT,
            attempts_limit=shape.attempts,
            review={} if shape.review == SHOWS_ALL else shape.review.model_dump(mode="json"),
            **shape.model_dump(exclude={"attempts", "review", "pools"}),
        )

    def _free_stages(self, upsert: Upsert[Quiz], wanted: list[Quiz]) -> None:
        """A stage has one living quiz: quizzes that change places leave theirs before they take the new one."""
        new = {row.key: row.stage_id for row in wanted}
        moving = [
            row.pk
            for row in upsert.rows.values()
            if row.archived_at is None
            and row.stage_id is not None
            and new.get(row.key, row.stage_id) != row.stage_id
        ]
        if moving:
            Quiz.objects.filter(pk__in=moving).update(stage=None)

    def _save_questions(self, now: datetime) -> dict[str, Question]:
        wanted = [self._question(shape) for shape in self.folder.questions()]
        keys = [row.key for row in wanted]
        ours = PaperItem.objects.filter(quiz__roadmap=self.road).values("question")
        upsert = Upsert(
            Question.objects.filter(Q(key__in=one_of(keys)) | Q(pk__in=ours)),
            by=["key"],
            name=key_of,
            fields=["topic", "resource", "difficulty", "tags", "draft", "archived_at"],
            changes=self.changes,
        )
        upsert.archive_others(keys, now)
        return {str(key): row for key, row in upsert.put(wanted).items()}

    def _question(self, shape: QuestionShape) -> Question:
        return Question(
            key=shape.key,
            type=shape.type,
            topic=self.stages.topics[shape.topic] if shape.topic else None,
            resource=self.resources[shape.resource] if shape.resource else None,
            difficulty=shape.difficulty,
            tags=list(shape.tags),
            draft=shape.question_body,
        )

    def _save_items(self, quizzes: Mapping[str, Quiz], questions: Mapping[str, Question]) -> None:
        wanted = [
            PaperItem(
                quiz=quizzes[part.quiz.key],
                question=questions[question.key],
                points=question.points,
                position=position,
            )
            for part in self.folder.quizzes()
            for position, question in enumerate(part.questions, 1)
        ]
        living = [quizzes[part.quiz.key] for part in self.folder.quizzes()]
        upsert = Upsert(
            PaperItem.objects.filter(quiz__in=living).select_related("question"),
            by=["quiz", "question"],
            name=_item,
            fields=["points", "position"],
            changes=self.changes,
        )
        upsert.delete_others(map(_item, wanted))
        upsert.put(wanted)

    def _save_pools(self, quizzes: Mapping[str, Quiz]) -> None:
        wanted = [
            PaperPool(
                quiz=quizzes[part.quiz.key],
                position=position,
                topic=self.stages.topics[pool.topic] if pool.topic else None,
                tag=pool.tag or "",
                **pool.model_dump(exclude={"topic", "tag"}),
            )
            for part in self.folder.quizzes()
            for position, pool in enumerate(part.quiz.pools, 1)
        ]
        living = [quizzes[part.quiz.key] for part in self.folder.quizzes()]
        upsert = Upsert(
            PaperPool.objects.filter(quiz__in=living),
            by=["quiz", "key"],
            name=_pool,
            fields=["position", "topic", "tag", "difficulty_from", "difficulty_to", "count", "points"],
            changes=self.changes,
        )
        upsert.delete_others(map(_pool, wanted))
        upsert.put(wanted)


_QUIZ_FIELDS = (
    "stage", "title", "pass_percent", "attempts_limit", "cooldown_hours", "time_limit_minutes", "grace_seconds",
    "draw", "shuffle", "purpose", "available_until", "overtime", "overtime_minutes", "score", "per_page",
    "asks_confidence", "review", "archived_at",
)  # fmt: skip


def _pool(row: PaperPool) -> Hashable:
    return row.quiz_id, row.key


def _item(row: PaperItem) -> Hashable:
    return row.quiz_id, row.question_id
