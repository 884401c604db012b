"""What a finished attempt shows: each question with the answer given and what it earned, and the sums by topic.

No Django: a paper, bodies, answers and marks in, values out. Only `Attempt.result()` makes one, after finishing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from quizzes.bodies import Asked, Body
from quizzes.marking import is_given, mark
from quizzes.paper import Slot

_POINT = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class OnSheet:
    """One question of an open attempt: what is asked and the answer that counts so far."""

    slot: Slot
    asked: Asked
    value: object


@dataclass(frozen=True, slots=True)
class Mark:
    """What one slot earned: `points` of `possible`."""

    points: Decimal
    possible: int

    @property
    def is_full(self) -> bool:
        return self.points >= self.possible


@dataclass(frozen=True, slots=True)
class Answered:
    """One question of a finished attempt. `late` is an answer that came after closing: shown, not marked."""

    slot: Slot
    body: Body
    value: object
    mark: Mark
    late: object = None

    @property
    def is_right(self) -> bool:
        return self.mark.is_full

    @property
    def is_given(self) -> bool:
        return is_given(self.value)


@dataclass(frozen=True, slots=True)
class TopicResult:
    """The points of one topic's questions in one attempt; the topic is a key, or None for questions without one."""

    topic: str | None
    points: Decimal
    possible: int


@dataclass(frozen=True, slots=True)
class Result:
    """A finished attempt, question by question and by topic in the order the topics first appear on the paper."""

    answered: tuple[Answered, ...]

    @property
    def missed(self) -> tuple[Answered, ...]:
        return tuple(answer for answer in self.answered if not answer.is_right)

    @property
    def topics(self) -> tuple[TopicResult, ...]:
        return by_topic((answer.slot, answer.mark) for answer in self.answered)


def by_topic(marks: Iterable[tuple[Slot, Mark]]) -> tuple[TopicResult, ...]:
    """The sums by topic, without any body: for lists of attempts."""
    sums: dict[str | None, TopicResult] = {}
    for slot, earned in marks:
        before = sums.get(slot.topic, TopicResult(slot.topic, Decimal(0), 0))
        sums[slot.topic] = TopicResult(
            slot.topic, before.points + earned.points, before.possible + earned.possible
        )
    return tuple(sums.values())


def mark_paper(
    slots: Sequence[Slot], bodies: Mapping[int, Body], answers: Mapping[int, object]
) -> dict[int, Fraction]:
    """The fraction of its points that each slot earns; a slot without an answer earns nothing."""
    return {slot.slot: mark(bodies[slot.version], answers.get(slot.slot)) for slot in slots}


def rounded(points: Fraction) -> Decimal:
    """Points as they are kept: three decimals."""
    return (Decimal(points.numerator) / Decimal(points.denominator)).quantize(_POINT)
