"""Reads quizzes as texts that can be compared: as they were published, and as their drafts say them now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, QuerySet

from quizzes.difference import QuestionText, QuizText, changes
from quizzes.models.paper_item import PaperItem
from quizzes.models.question import QuestionVersion
from quizzes.models.quiz import Quiz
from quizzes.models.quiz_version import QuizVersion
from quizzes.paper import Paper
from roadmap import difference
from roadmap.difference import Change
from roadmap.models import Edition, Roadmap


def edition_changes(old: Edition, new: Edition) -> list[Change]:
    """How two editions of a road differ in words, with the quizzes as learners took them when each was published."""
    before, after = (Edition.objects.document(edition.pk) for edition in (old, new))
    was, now = (
        published(new.roadmap, [stage.quiz for stage in document.stages if stage.quiz], edition.published_at)
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
            version.sheet,
            {
                question.question: QuestionText(
                    question.points,
                    bodies[question.version].model_dump(mode="json"),
                    question.topic,
                    question.resource,
                )
                for question in version.sheet.questions
            },
        )
        for version in newest
    }


def drafted(quizzes: QuerySet[Quiz]) -> dict[str, QuizText]:
    """The drafts of these quizzes, which have no faults; two queries."""
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
    return {quiz.key: _text(quiz, asked[quiz.pk]) for quiz in quizzes}


def _text(quiz: Quiz | Paper, questions: dict[str, QuestionText]) -> QuizText:
    return QuizText(
        title=quiz.title,
        pass_percent=quiz.pass_percent,
        attempts_limit=quiz.attempts_limit,
        cooldown_hours=quiz.cooldown_hours,
        time_limit_minutes=quiz.time_limit_minutes,
        grace_seconds=quiz.grace_seconds,
        draw=quiz.draw,
        shuffle=quiz.shuffle,
        questions=questions,
    )
