"""Shapes of practice. What is right stands in PracticeJudged only, which answers an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from api.serializers.quizzes import OptionShown
from api.serializers.shape import Shape
from quizzes.models import PracticeAnswer, PracticeQuestion


class PracticeAsked(Shape):
    """One question to practise."""

    version: int = Field(description="Send it with the answer.")
    type: str
    stem: str = Field(description="Markdown.")
    options: list[OptionShown]
    unit: str
    more: dict[str, Any]


class PracticeNext(Shape):
    """What of a topic I may practise: questions whose answers I was shown, and such as no quiz asks."""

    topic: str
    questions: int
    not_practised: int
    next: PracticeAsked | None = Field(description="Null where there is nothing to practise.")


class PracticeJudged(Shape):
    """What one answer was worth, what is right and why. It counts for nothing."""

    client_id: UUID
    version: int
    at: datetime
    value: Any
    fraction: float
    is_right: bool
    right: Any = Field(description="What is right, in the shape of the type.")
    explanation: str = Field(description="Markdown.")
    feedback: dict[str, str] = Field(description="By option key, Markdown, for the options that were chosen.")
    resource: str | None = Field(description="Key of a resource to go back to.")


def practice_next(topic: str, questions: list[PracticeQuestion]) -> PracticeNext:
    return PracticeNext(
        topic=topic,
        questions=len(questions),
        not_practised=sum(question.practised.last_at is None for question in questions),
        next=_asked(questions[0]) if questions else None,
    )


def _asked(question: PracticeQuestion) -> PracticeAsked:
    asked = question.body().asked(question.order())
    return PracticeAsked(
        version=question.version,
        type=asked.type,
        stem=asked.stem,
        options=[OptionShown(key=key, text=text) for key, text in asked.options],
        unit=asked.unit,
        more=dict(asked.more),
    )


def practice_judged(question: PracticeQuestion, given: PracticeAnswer) -> PracticeJudged:
    body = question.body()
    return PracticeJudged(
        client_id=given.client_id,
        version=question.version,
        at=given.at,
        value=given.value,
        fraction=given.fraction,
        is_right=given.is_right,
        right=body.right(),
        explanation=body.explanation,
        feedback=dict(body.feedback(given.value)),
        resource=question.resource,
    )
