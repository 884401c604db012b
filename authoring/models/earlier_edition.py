from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import transaction

from accounts.models import User
from authoring.checked import Checked
from authoring.faults import RowPlace, named
from authoring.models.draft import Draft, NothingToPublishError, Outlook
from authoring.models.road_import import RoadImport
from authoring.shapes import (
    ORIGIN,
    FaqShape,
    PoolShape,
    QuestionShape,
    QuizPart,
    QuizShape,
    ResourceShape,
    RoadFolder,
    RoadShape,
    StagePart,
    StageShape,
    TaskShape,
    TopicShape,
)
from quizzes.difference import Quizzes
from quizzes.models import Question, texts
from quizzes.paper import Pool
from roadmap.document import RoadDocument, StageEntry
from roadmap.models import Edition, Resource


class EarlierEdition:
    """An edition that was studied before, on its way to be studied again.

    Its document is published as it is, as the road's next edition, with the quizzes as they were taken then; the
    draft's rows go back to it as well. Resources of the library stay as they are: other roads show them too.
    """

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.draft = Draft(edition.roadmap)

    # Acts

    @transaction.atomic
    def publish_again(
        self, *, by: User | None, changelog: str, now: datetime, against: int, reason: str = ""
    ) -> Edition:
        """Publish the document once more, and put the draft back to it: both or neither.

        Raises as Draft.publish does, and RoadImportRefusedError when a question belongs to another road by now.
        """
        self.draft.lock(against)
        if not self.is_different():
            raise NothingToPublishError
        RoadImport(Checked(self.folder(), [], dict(self._places()))).save(now)
        return self.draft.freeze(self.document, by=by, changelog=changelog, now=now, reason=reason)

    # Questions

    @cached_property
    def document(self) -> RoadDocument:
        return Edition.objects.document(self.edition.pk)

    @cached_property
    def quizzes(self) -> Quizzes:
        """The quizzes as learners took them when this edition was published."""
        keys = self.document.quiz_keys()
        return texts.published(self.edition.roadmap, keys, self.edition.published_at)

    def outlook(self, now: datetime) -> Outlook:
        """What publishing it again would change for learners, and whom it would touch."""
        return self.draft.outlook(self.document, self.quizzes, now)

    def is_different(self) -> bool:
        """False when learners study just this already."""
        current = Edition.objects.document(self.draft.roadmap.studied_edition_id)
        return current.digest() != self.document.digest() or self.draft.studied_quizzes() != self.quizzes

    def folder(self) -> RoadFolder:
        """The edition as its files would say it, with the library's resources as they are now."""
        road = self.edition.roadmap
        front = self.document.model_dump(exclude={"stages", "resources", "faq", "placement"})
        origin = {name: getattr(road, name) for name in ORIGIN}
        stages = [stage.key for stage in self.document.stages]
        return RoadFolder(
            RoadShape.model_validate(
                {**front, **origin, "position": road.position, "public": road.is_public, "stages": stages}
            ),
            tuple(FaqShape.model_validate(entry.model_dump()) for entry in self.document.faq),
            tuple(self._resources()),
            tuple(self._stage(stage) for stage in self.document.stages),
            tuple(self._bank()),
            self._placement(),
        )

    # Helpers

    def _resources(self) -> Iterator[ResourceShape]:
        asked = {q.resource for quiz in self.quizzes.values() for q in quiz.questions.values() if q.resource}
        for row in Resource.objects.filter(key__in=asked | self.document.resources.keys()):
            low, high = row.minutes_low, row.minutes_high
            minutes = None if low is None or high is None else (low, high)
            values = {name: getattr(row, name) for name in ResourceShape.model_fields if name != "minutes"}
            # Not checked: what the library says now is not this road's to refuse.
            yield ResourceShape.model_construct(**values, minutes=minutes)

    def _stage(self, stage: StageEntry) -> StagePart:
        shape = StageShape.model_validate(
            {
                **stage.model_dump(exclude={"topics", "evidence", "quiz"}),
                "topics": [topic.key for topic in stage.topics],
                "evidence": [task.key for task in stage.evidence],
            }
        )
        return StagePart(
            shape,
            tuple(TopicShape.model_validate(topic.model_dump()) for topic in stage.topics),
            tuple(TaskShape.model_validate(_task(task.model_dump())) for task in stage.evidence),
            self._quiz(stage.quiz) if stage.quiz and stage.quiz in self.quizzes else None,
        )

    def _quiz(self, key: str) -> QuizPart:
        quiz = self.quizzes[key]
        other = {"key", "attempts", "pools"}
        policies = {name: getattr(quiz, name) for name in QuizShape.model_fields if name not in other}
        pools = tuple(_pool(pool) for pool in quiz.pools)
        shape = QuizShape(key=key, attempts=quiz.attempts_limit, pools=pools, **policies)
        asked = [name for name, question in quiz.questions.items() if not question.is_pooled]
        return QuizPart(shape, tuple(self._question(key, name) for name in asked))

    def _placement(self) -> QuizPart | None:
        key = self.document.placement
        return self._quiz(key) if key and key in self.quizzes else None

    def _bank(self) -> Iterator[QuestionShape]:
        """What pools might draw and no paper named."""
        on_paper = {
            key for quiz in self.quizzes.values() for key, one in quiz.questions.items() if not one.is_pooled
        }
        drawn = {key: name for name, quiz in self.quizzes.items() for key in quiz.questions}
        return (self._question(name, key) for key, name in sorted(drawn.items()) if key not in on_paper)

    def _question(self, quiz: str, key: str) -> QuestionShape:
        row, text = self._rows[key], self.quizzes[quiz].questions[key]
        known = {"key": key, "type": row.type, "topic": text.topic, "resource": text.resource}
        return QuestionShape.model_validate(
            {**text.body, **known, "points": text.points, "difficulty": row.difficulty, "tags": row.tags}
        )

    @cached_property
    def _rows(self) -> dict[str, Question]:
        keys = [key for quiz in self.quizzes.values() for key in quiz.questions]
        return {row.key: row for row in Question.objects.filter(key__in=keys)}

    def _places(self) -> Iterator[tuple[tuple[str, str], Any]]:
        """Where to mend what an import would refuse: only questions can be."""
        for key, row in self._rows.items():
            yield ("question", key), RowPlace(named("question", key), "quizzes.question", row.pk)


def _pool(pool: Pool) -> PoolShape:
    told = pool.model_dump(exclude={"name", "tag"})
    return PoolShape(key=pool.name, tag=pool.tag or None, **told)


def _task(task: dict[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in task.items() if name != "brief"}, "body": task["brief"]}
