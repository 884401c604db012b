"""Shapes of what one person is given beyond everybody; she reads her own."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.serializers.shape import Page, Shape
from quizzes.models import Accommodation


class AccommodationLine(Shape):
    """More time or attempts, at one quiz or at every quiz. Of several the most of each kind counts."""

    road: str | None = Field(description="Null with the quiz: at every quiz.")
    quiz: str | None
    time_factor: float = Field(
        description="Times the limit; of factor and minutes the one that gives more counts."
    )
    extra_minutes: int
    extra_attempts: int
    note: str
    given_at: datetime


class AccommodationPage(Page[AccommodationLine]):
    """What I am given, the newest first."""


def accommodation_line(row: Accommodation) -> AccommodationLine:
    """Needs the quiz and its road."""
    return AccommodationLine(
        road=row.quiz.roadmap.key if row.quiz else None,
        quiz=row.quiz.key if row.quiz else None,
        time_factor=float(row.time_factor),
        extra_minutes=row.extra_minutes,
        extra_attempts=row.extra_attempts,
        note=row.note,
        given_at=row.given_at,
    )
