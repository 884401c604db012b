"""Shapes of what answers tell of somebody's topics."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from api.serializers.shape import Shape
from quizzes.mastery import Estimate, Level
from roadmap.document import RoadDocument


class TopicMastery(Shape):
    """What the last answer to each question of a topic tells, old ones counted for less."""

    topic: str = Field(description="Key of the topic.")
    title: str
    answers: int
    level: Level = Field(description="unsure until five answers or so tell more than chance would.")
    low: float | None = Field(
        description="The share of its questions she would get right lies between low and high, nine times of ten;"
        " null below five answers."
    )
    high: float | None


class RoadMastery(Shape):
    """The topics of a road that were asked about, in its order."""

    topics: list[TopicMastery]


def road_mastery(document: RoadDocument, known: Mapping[str, Estimate]) -> RoadMastery:
    return RoadMastery(
        topics=[
            TopicMastery(
                topic=key,
                title=document.topic_by_key[key].title,
                answers=estimate.answers,
                level=estimate.level,
                low=round(estimate.low, 3) if estimate.is_enough else None,
                high=round(estimate.high, 3) if estimate.is_enough else None,
            )
            for key, estimate in known.items()
        ]
    )
