"""Which stages the quiz for placement says somebody knows already: documents and what was earned in, stages out.

No Django. The questions of a placement quiz belong to topics, the topics to stages. A stage is known when the share of
the points of its questions reaches the pass mark and at least LEAST_QUESTIONS of them stood on the paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import floor

from roadmap.document import RoadDocument

LEAST_QUESTIONS = 3


@dataclass(frozen=True, slots=True)
class Share:
    """What was asked of a topic or stage, and what was earned."""

    questions: int = 0
    points: Fraction = Fraction(0)
    possible: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(
            self.questions + other.questions, self.points + other.points, self.possible + other.possible
        )

    @property
    def percent(self) -> int:
        """Whole percent, rounded down, so that nobody reads a mark that she did not reach."""
        return floor(100 * self.points / self.possible) if self.possible else 0


@dataclass(frozen=True, slots=True)
class PlacementFact:
    """One finished attempt at the quiz for placement: what its questions earned, by topic.

    It says nothing of stages that its person walks all the same (`walked`), nor of those asked again (`reopened`).
    """

    attempt: int
    finished_at: datetime
    pass_percent: int
    topics: Mapping[str, Share]
    walked: frozenset[str] = frozenset()
    reopened: frozenset[str] = frozenset()

    def known(self, document: RoadDocument) -> Iterator[str]:
        """Keys of the stages that it says are known."""
        for key in document.stage_by_key:
            if key not in self.walked | self.reopened and self.says(document, key):
                yield key

    def says(self, document: RoadDocument, stage: str) -> bool:
        """Whether enough was earned of a stage, whatever became of it since."""
        return is_known(self.by_stage(document).get(stage, Share()), self.pass_percent)

    def by_stage(self, document: RoadDocument) -> dict[str, Share]:
        """What was earned by the key of each stage of the road, in its order."""
        return {
            stage.key: sum((self.topics[t.key] for t in stage.topics if t.key in self.topics), Share())
            for stage in document.stages
        }


def is_known(share: Share, pass_percent: int) -> bool:
    """Whether so much was earned of a stage's questions, and enough were asked."""
    return share.questions >= LEAST_QUESTIONS and 100 * share.points >= pass_percent * share.possible > 0


def known_stages(document: RoadDocument, placements: Sequence[PlacementFact]) -> dict[str, int]:
    """The stages that some attempt says are known, each with the id of the newest such attempt."""
    newest_last = sorted(placements, key=lambda fact: (fact.finished_at, fact.attempt))
    return {stage: fact.attempt for fact in newest_last for stage in fact.known(document)}
