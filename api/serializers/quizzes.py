"""Shapes of attempts. What is right stands only in AttemptResult, which only a finished attempt has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from api.serializers.shape import Page, Shape
from quizzes.models import Attempt
from quizzes.result import Answered, OnSheet


class AttemptLine(Shape):
    """One try at a quiz."""

    number: int
    started_at: datetime
    deadline_at: datetime | None
    finished_at: datetime | None
    percent: float | None = Field(description="Null while it is open.")
    is_passed: bool | None


class AttemptPage(Page[AttemptLine]):
    """My tries at one quiz, the newest first."""


class OptionShown(Shape):
    key: str
    text: str = Field(description="Markdown.")


class QuestionAsked(Shape):
    """One question as it is asked, with the answer that counts so far."""

    slot: int = Field(description="Its place on this paper, counted from 1.")
    type: str
    stem: str = Field(description="Markdown.")
    options: list[OptionShown]
    unit: str
    more: dict[str, Any] = Field(
        description="What else the type shows: prompts (matching), text and gaps (cloze), code and language"
        " (code_output), units to choose from (numeric), credit (ordering)."
    )
    points: int
    topic: str | None
    value: Any = Field(
        description="A key, a list of keys (ticked, or in order), text as typed, or the texts of several fields by"
        " name; null without an answer."
    )


class TopicPoints(Shape):
    topic: str | None
    points: float
    possible: int


class AnswerJudged(Shape):
    """What one answer earned, what would have been right, and where to read it again."""

    slot: int
    is_right: bool
    points: float
    possible: int
    right: Any = Field(description="What is right, in the shape of the type.")
    explanation: str = Field(description="Markdown.")
    feedback: dict[str, str] = Field(description="By option key, Markdown, for the options that were chosen.")
    resource: str | None
    late: Any = Field(description="An answer that came after closing: kept, not marked.")


class AttemptResult(Shape):
    """A finished attempt, question by question and by topic."""

    points: float
    points_possible: float
    receipt: str = Field(description="SHA-256 over what was asked, answered and when.")
    topics: list[TopicPoints]
    answers: list[AnswerJudged]


class AttemptSheet(AttemptLine):
    """One attempt with its frozen paper; `result` is null until it is finished."""

    road: str
    quiz: str
    title: str
    pass_percent: int
    closes_at: datetime | None = Field(description="Deadline plus grace: answers after it are not marked.")
    epoch: int = Field(
        description="Send it with answers; starting again elsewhere raises it and shuts this one out."
    )
    questions: list[QuestionAsked]
    result: AttemptResult | None


def attempt_line(attempt: Attempt) -> AttemptLine:
    return AttemptLine.model_validate(attempt)


def attempt_sheet(attempt: Attempt) -> AttemptSheet:
    """Needs the attempt's quiz and road; reads its questions, and its result once it is finished."""
    return AttemptSheet(
        **attempt_line(attempt).model_dump(),
        road=attempt.quiz.roadmap.key,
        quiz=attempt.quiz.key,
        title=attempt.quiz_version.sheet.title,
        pass_percent=attempt.pass_percent,
        closes_at=attempt.closes_at,
        epoch=attempt.epoch,
        questions=[_asked(question) for question in attempt.questions()],
        result=_result(attempt) if attempt.is_finished else None,
    )


def _asked(question: OnSheet) -> QuestionAsked:
    slot, asked = question.slot, question.asked
    return QuestionAsked(
        slot=slot.slot,
        type=asked.type,
        stem=asked.stem,
        options=[OptionShown(key=key, text=text) for key, text in asked.options],
        unit=asked.unit,
        more=dict(asked.more),
        points=slot.points,
        topic=slot.topic,
        value=question.value,
    )


def _result(attempt: Attempt) -> AttemptResult:
    result = attempt.result()
    return AttemptResult(
        points=float(attempt.points or 0),
        points_possible=float(attempt.points_possible),
        receipt=attempt.receipt,
        topics=[
            TopicPoints(topic=t.topic, points=float(t.points), possible=t.possible) for t in result.topics
        ],
        answers=[_judged(answer) for answer in result.answered],
    )


def _judged(answer: Answered) -> AnswerJudged:
    return AnswerJudged(
        slot=answer.slot.slot,
        is_right=answer.is_right,
        points=float(answer.mark.points),
        possible=answer.mark.possible,
        right=answer.body.right(),
        explanation=answer.body.explanation,
        feedback=dict(answer.body.feedback(answer.value)),
        resource=answer.slot.resource,
        late=answer.late,
    )
