"""Shapes of attempts. What is right stands only in AttemptResult, which only a finished attempt has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from api.serializers.shape import Page, Shape
from quizzes.models import Attempt
from quizzes.result import Answered, OnSheet
from quizzes.review import Item


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
    confidence: int | None = Field(
        description="How sure she says she is: 1 guessed, 2 not sure, 3 sure; null where nothing was said."
    )
    is_flagged: bool = Field(description="Marked by its learner to look at again.")


class AnswersKept(Shape):
    """What became of a save. A client's clock goes by the difference of the two moments, never by its own."""

    saved: dict[int, int] = Field(description="By slot the highest sequence that is kept.")
    server_now: datetime
    deadline_at: datetime | None = Field(description="It may have been extended meanwhile.")


class TopicPoints(Shape):
    topic: str | None
    points: float
    possible: int


class AnswerJudged(Shape):
    """What one answer earned, what would have been right, and where to read it again."""

    slot: int
    is_right: bool | None = Field(description="Null while it may not be seen, or a mentor is to mark it.")
    points: float | None = Field(description="Null while it may not be seen.")
    possible: int
    waits: bool = Field(description="A mentor is to mark it.")
    comment: str = Field(description="What the mentor said to it.")
    right: Any = Field(description="What is right, in the shape of the type; null while it may not be seen.")
    explanation: str = Field(description="Markdown; empty while it may not be seen.")
    feedback: dict[str, str] = Field(description="By option key, Markdown, for the options that were chosen.")
    resource: str | None
    late: Any = Field(description="An answer that came after closing: kept, not marked.")
    overtaken: Any = Field(description="An answer of a page that another one replaced: kept, not marked.")


class AttemptResult(Shape):
    """A finished attempt, question by question and by topic."""

    points: float | None = Field(
        description="Those so far, while an answer waits; null while none is marked."
    )
    points_possible: float
    is_final: bool = Field(description="False while an answer waits for a mark.")
    is_abandoned: bool
    is_set_aside: bool = Field(description="It is kept, but counts for nothing.")
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


def attempt_sheet(attempt: Attempt, now: datetime) -> AttemptSheet:
    """Needs the attempt's quiz and road; reads its questions, and its result once it is finished."""
    return AttemptSheet(
        **attempt_line(attempt).model_dump(),
        road=attempt.quiz.roadmap.key,
        quiz=attempt.quiz.key,
        title=attempt.quiz_version.sheet.title,
        pass_percent=attempt.pass_percent,
        closes_at=attempt.closes_at,
        epoch=attempt.epoch,
        questions=_questions(attempt),
        result=_result(attempt, attempt.seen(now)) if attempt.is_finished else None,
    )


def _questions(attempt: Attempt) -> list[QuestionAsked]:
    sure = attempt.confidences() if attempt.quiz_version.sheet.asks_confidence else {}
    return [
        _asked(question, sure.get(question.slot.slot), question.slot.slot in attempt.flagged)
        for question in attempt.questions()
    ]


def _asked(question: OnSheet, confidence: int | None, is_flagged: bool) -> QuestionAsked:
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
        confidence=confidence,
        is_flagged=is_flagged,
    )


def _result(attempt: Attempt, seen: frozenset[Item]) -> AttemptResult:
    result = attempt.result(seen)
    return AttemptResult(
        points=None if attempt.points is None else float(attempt.points),
        points_possible=float(attempt.points_possible),
        is_final=attempt.is_marked,
        is_abandoned=attempt.is_abandoned,
        is_set_aside=attempt.set_aside_at is not None,
        receipt=attempt.receipt,
        topics=[
            TopicPoints(topic=t.topic, points=float(t.points), possible=t.possible) for t in result.topics
        ]
        if Item.CORRECTNESS in seen
        else [],
        answers=[_judged(answer) for answer in result.answered],
    )


def _judged(answer: Answered) -> AnswerJudged:
    is_said = answer.shows(Item.CORRECTNESS)
    return AnswerJudged(
        slot=answer.slot.slot,
        is_right=answer.is_right if is_said and not answer.mark.waits else None,
        points=float(answer.mark.points) if is_said else None,
        possible=answer.mark.possible,
        waits=answer.mark.waits,
        comment=answer.mark.comment,
        right=answer.right,
        explanation=answer.explanation,
        feedback=dict(answer.feedback),
        resource=answer.slot.resource,
        late=answer.late,
        overtaken=answer.overtaken,
    )
