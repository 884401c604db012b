"""What the result page of a quiz shows of appeals: those there are, and a form for a further one."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from progress.forms import AppealForm
from progress.models.enrollment import Position
from progress.views import quiz_pages
from quizzes.models import Appeal, Attempt
from quizzes.models.appeal import may_appeal
from quizzes.result import Result


def slots(result: Result) -> list[tuple[int, str]]:
    """The answers that may be appealed, with what was asked."""
    return [
        (answer.slot.slot, f"{answer.slot.slot}. {quiz_pages.short_stem(answer.body.stem)}")
        for answer in result.answered
        if may_appeal(answer)
    ]


def panel(
    position: Position, attempt: Attempt, result: Result, typed: AppealForm | None
) -> dict[str, Any] | None:
    """Rows and form; None where there is neither. One query."""
    appeals = list(attempt.appeals.select_related("answered_by").order_by("slot"))
    known = {appeal.slot for appeal in appeals}
    left = [(slot, title) for slot, title in slots(result) if slot not in known]
    if attempt.points is None or attempt.is_abandoned or attempt.set_aside_at is not None:
        left = []
    if not appeals and not left:
        return None
    road = position.document.key
    return {
        "rows": [_row(position, appeal) for appeal in appeals],
        "form": typed or (AppealForm(slots=left) if left else None),
        "is_typed": typed is not None,
        "url": reverse("progress:quiz_appeal", args=[road, attempt.quiz.key, attempt.number]),
    }


def _row(position: Position, appeal: Appeal) -> dict[str, Any]:
    person = position.enrollment.person
    answered_at = appeal.answered_at
    return {
        "slot": appeal.slot,
        "state": appeal.state,
        "word": appeal.get_state_display(),
        "text": appeal.text,
        "raised": quiz_pages.moment_words(appeal.raised_at, person),
        "answer": appeal.answer,
        "who": str(appeal.answered_by) if appeal.answered_by else "",
        "answered": quiz_pages.moment_words(answered_at, person) if answered_at else "",
        "is_new": answered_at is not None and appeal.seen_at is None,
    }
