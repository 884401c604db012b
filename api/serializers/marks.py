"""Shapes of marks that mentors give, and of appeals against marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from api.serializers.evidence import Learner
from api.serializers.shape import Page, Shape
from mentoring.words import MARKS_PROMISED
from quizzes.models import Appeal, Attempt
from quizzes.result import Result


class MarkLine(Shape):
    """A finished attempt with answers that a mentor marks."""

    id: int
    road: str
    quiz: str
    title: str
    number: int
    learner: Learner
    finished_at: datetime
    answer_by: datetime = Field(description="Until when marks are promised.")


class MarkPage(Page[MarkLine]):
    """Attempts within my reach as a mentor with answers that wait for a mark, the longest waiting first."""


class AnswerToMark(Shape):
    """One answer that a mentor marks."""

    slot: int
    stem: str = Field(description="Markdown.")
    guide: str = Field(description="Markdown for whoever marks it; learners never see it.")
    explanation: str = Field(description="Markdown that the learner reads as the reason.")
    value: Any = Field(description="What the learner wrote; Markdown.")
    waits: bool = Field(description="It has no mark yet.")
    points: float
    possible: int
    comment: str


class MarkDesk(MarkLine):
    """An attempt as a mentor marks it."""

    seen: int = Field(description="Send it with marks: what somebody else marked since is not written over.")
    points: float
    points_possible: float
    is_passed: bool | None = Field(description="Null while an answer waits.")
    answers: list[AnswerToMark]


class AppealShape(Shape):
    """My word that an answer was marked wrongly, and what a mentor said to it."""

    slot: int
    text: str
    raised_at: datetime
    state: str = Field(description="open, upheld or declined.")
    answer: str
    answered_at: datetime | None
    answered_by: str | None = Field(description="Null while it is open, and for a former member.")


class AppealPage(Page[AppealShape]):
    """My appeals at one attempt, the oldest first."""


def mark_line(attempt: Attempt) -> MarkLine:
    """Needs the attempt's person, quiz and road."""
    finished: datetime = attempt.finished_at or attempt.started_at
    return MarkLine(
        id=attempt.pk,
        road=attempt.quiz.roadmap.key,
        quiz=attempt.quiz.key,
        title=attempt.quiz.title,
        number=attempt.number,
        learner=Learner(id=attempt.person_id, name=str(attempt.person)),
        finished_at=finished,
        answer_by=finished + MARKS_PROMISED,
    )


def mark_desk(attempt: Attempt, result: Result, seen: int, slots: Sequence[int]) -> MarkDesk:
    """`slots` are those that a person marks, `seen` is the number of the newest grading."""
    return MarkDesk(
        **dict(mark_line(attempt)),
        seen=seen,
        points=float(attempt.points or 0),
        points_possible=float(attempt.points_possible),
        is_passed=attempt.is_passed,
        answers=list(_answers(result, slots)),
    )


def _answers(result: Result, slots: Sequence[int]) -> Iterator[AnswerToMark]:
    for answer in result.answered:
        if answer.slot.slot in slots:
            yield AnswerToMark(
                slot=answer.slot.slot,
                stem=answer.body.stem,
                guide=getattr(answer.body, "guide", ""),
                explanation=answer.body.explanation,
                value=answer.value,
                waits=answer.mark.waits,
                points=float(answer.mark.points),
                possible=answer.mark.possible,
                comment=answer.mark.comment,
            )


def appeal_shape(appeal: Appeal) -> AppealShape:
    """Needs who answered it."""
    return AppealShape(
        slot=appeal.slot,
        text=appeal.text,
        raised_at=appeal.raised_at,
        state=appeal.state,
        answer=appeal.answer,
        answered_at=appeal.answered_at,
        answered_by=str(appeal.answered_by) if appeal.answered_by else None,
    )
