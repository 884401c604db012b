"""How often a learner was right, topic by topic, over some attempts. No Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TopicTally:
    """Of `of` questions on a topic `right` were fully right."""

    topic: str
    right: int
    of: int

    @property
    def share(self) -> float:
        return self.right / self.of


def by_topic(
    attempts: Iterable[tuple[Sequence[Mapping[str, Any]], Mapping[str, Mapping[str, Any]]]],
) -> list[TopicTally]:
    """Tallies of attempts given as (paper, marks of the grading that counts), the weakest topic first.

    Paper and marks are shaped as quizzes.models.Attempt and Grading keep them; questions without a topic are left
    out, and a slot without a mark counts as not right.
    """
    right: dict[str, int] = {}
    of: dict[str, int] = {}
    for paper, marks in attempts:
        for slot in paper:
            topic = slot.get("topic")
            if topic:
                of[topic] = of.get(topic, 0) + 1
                right[topic] = right.get(topic, 0) + _is_right(marks.get(str(slot["slot"])))
    tallies = [TopicTally(topic, right[topic], of[topic]) for topic in of]
    return sorted(tallies, key=lambda tally: (tally.share, -tally.of, tally.topic))


def _is_right(mark: Mapping[str, Any] | None) -> bool:
    return mark is not None and float(mark.get("fraction", 0)) >= 1
