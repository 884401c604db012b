"""Reads quizzes as texts that can be compared: as they were published, and as their drafts say them now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from quizzes.difference import QuestionText, QuizText, changes
from quizzes.models.paper_item import PaperItem
from quizzes.models.paper_pool import PaperPool
from quizzes.models.question import QuestionVersion
from quizzes.models.quiz import Quiz
from quizzes.models.quiz_version import QuizVersion
from quizzes.paper import Policies, Pool
from roadmap import difference
from roadmap.difference import Change
from roadmap.models import Edition, Roadmap


def edition_changes(old: Edition, new: Edition) -> list[Change]:
    """How two editions of a road differ in words, with the quizzes as learners took them when each was published."""
    before, after = (Edition.objects.document(edition.pk) for edition in (old, new))
    was, now = (
        published(new.roadmap, document.quiz_keys(), edition.published_at)
        for document, edition in ((before, old), (after, new))
    )
    found = [*difference.changes(before, after), *changes(was, now)]
    return sorted(found, key=lambda change: change.is_small)


def published(road: Roadmap, keys: Iterable[str], at: datetime | None = None) -> dict[str, QuizText]:
    """The quizzes of these keys as learners took them at a moment, or now; those never published are left out.

    Two queries at most.
    """
    versions = QuizVersion.objects.filter(quiz__roadmap=road, quiz__key__in=set(keys)).select_related("quiz")
    studied = (
        versions.filter(quiz__current_version=F("pk"))
        if at is None
        else versions.filter(published_at__lte=at)
    )
    newest = list(studied.order_by("quiz_id", "-number").distinct("quiz_id"))
    asked = [question for version in newest for question in version.sheet.questions]
    bodies = QuestionVersion.objects.bodies(question.version for question in asked)
    return {
        version.quiz.key: _text(
            dict(version.sheet),
            version.sheet.pools,
            {
                question.question: QuestionText(
                    question.points,
                    bodies[question.version].model_dump(mode="json"),
                    question.topic,
                    question.resource,
                    is_pooled=bool(question.pool),
                )
                for question in version.sheet.questions
            },
        )
        for version in newest
    }


def drafted(quizzes: QuerySet[Quiz]) -> dict[str, QuizText]:
    """The drafts of these quizzes, which have no faults, without what pools may draw; three queries."""
    items = PaperItem.objects.filter(quiz__in=quizzes).select_related("question__topic", "question__resource")
    asked: dict[int, dict[str, QuestionText]] = defaultdict(dict)
    for item in items.order_by("position", "id"):
        question = item.question
        asked[item.quiz_id][question.key] = QuestionText(
            item.points,
            question.body().model_dump(mode="json"),
            question.topic.key if question.topic else None,
            question.resource.key if question.resource else None,
        )
    pools = defaultdict(list)
    for pool in PaperPool.objects.filter(quiz__in=quizzes).select_related("topic"):
        pools[pool.quiz_id].append(pool.on_paper())
    return {quiz.key: _text(quiz.policies(), pools[quiz.pk], asked[quiz.pk]) for quiz in quizzes}


def _text(told: Mapping[str, Any], pools: Iterable[Pool], questions: dict[str, QuestionText]) -> QuizText:
    return QuizText(
        **{name: told[name] for name in Policies.model_fields}, pools=tuple(pools), questions=questions
    )
