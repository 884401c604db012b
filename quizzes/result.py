"""What a finished attempt shows: each question with the answer given and what it earned, and the sums by topic.

No Django: a paper, bodies, answers and marks in, values out. Only `Attempt.result()` makes one, after finishing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from quizzes.bodies import Asked, Body
from quizzes.marking import is_given, mark, waits_for_hand
from quizzes.paper import Slot
from quizzes.review import EVERYTHING, Item

HAND_STEP = Decimal("0.5")  # points that a person gives are whole or half
_POINT = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class OnSheet:
    """One question of an open attempt: what is asked and the answer that counts so far."""

    slot: Slot
    asked: Asked
    value: object

    @classmethod
    def of(cls, slot: Slot, body: Body, value: object) -> OnSheet:
        """The slot as its page shows it."""
        return cls(slot, body.asked(slot.order), body.understood(value))


class Saved(Protocol):
    """An answer as it was kept."""

    value: Any
    confidence: int | None


class Kept(Saved, Protocol):
    """An answer as it was kept, and whether it counts."""

    slot: int
    is_late: bool
    is_overtaken: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """What one slot earned: `points` of `possible`; it `waits` while a mentor is to mark it; `comment` is hers."""

    points: Decimal
    possible: int
    waits: bool = False
    comment: str = ""

    @property
    def is_full(self) -> bool:
        return self.points >= self.possible


@dataclass(frozen=True, slots=True)
class HandMark:
    """What a person gives an answer: points in steps of HAND_STEP, and words to the learner."""

    points: Decimal
    comment: str = ""


Marks = Mapping[int, Mapping[str, Any]]


def mark_row(
    slot: Slot, fraction: Fraction, *, waits: bool = False, comment: str = "", by_hand: bool = False
) -> dict[str, Any]:
    """What a slot earned, as a grading keeps it; what was marked `by_hand` no regrade changes."""
    row: dict[str, Any] = {
        "points": str(rounded(slot.points * fraction)),
        "possible": slot.points,
        "fraction": round(float(fraction), 6),
    }
    said = {"waits": waits, "by_hand": by_hand, "comment": comment}
    return row | {name: value for name, value in said.items() if value}


def total(rows: Iterable[Mapping[str, Any]]) -> Fraction:
    """The points of a grading's rows: thirds add up to a whole, though each is kept with six decimals."""
    return sum((row["possible"] * fraction_of(row) for row in rows), Fraction(0))


def fraction_of(row: Mapping[str, Any]) -> Fraction:
    """The exact fraction that a row of a grading keeps with six decimals."""
    return Fraction(str(row["fraction"])).limit_denominator(1000)


@dataclass(frozen=True, slots=True)
class Answered:
    """One question of a finished attempt as far as it may be seen: what may not be is None or empty.

    `late` is an answer that came after closing, `overtaken` one that an overtaken page sent: shown, not marked.
    """

    slot: Slot
    body: Body
    value: object
    mark: Mark
    late: object = None
    overtaken: object = None
    confidence: int | None = None
    seen: frozenset[Item] = EVERYTHING
    was_saved: bool = True

    @property
    def is_right(self) -> bool:
        return self.mark.is_full

    @property
    def is_given(self) -> bool:
        return is_given(self.value)

    def shows(self, item: str) -> bool:
        """Whether this may be seen: correctness, feedback, right_answer, explanation."""
        return item in self.seen

    @property
    def explanation(self) -> str:
        return self.body.explanation if Item.EXPLANATION in self.seen else ""

    @property
    def feedback(self) -> Mapping[str, str]:
        return self.body.feedback(self.value) if Item.FEEDBACK in self.seen else {}

    @property
    def right(self) -> Any:
        """What is right as the API says it; None while it may not be seen."""
        return self.body.right() if Item.RIGHT_ANSWER in self.seen else None

    @property
    def shown(self) -> Any:
        """What review.html of the type shows, right answers among it; None while they may not be seen."""
        is_shown = {Item.RIGHT_ANSWER, Item.CORRECTNESS} <= self.seen
        return self.body.shown(self.value, self.slot.order) if is_shown else None


def answered(  # one keyword for each thing that came with a slot
    slot: Slot,
    body: Body,
    saved: Saved | None,
    *,
    mark: Mark,
    late: object,
    overtaken: object,
    seen: frozenset[Item],
) -> Answered:
    """A slot with what was saved for it; what came late or from elsewhere only where it says something else."""
    value = saved.value if saved else None
    return Answered(
        slot,
        body,
        value,
        mark,
        late=None if late == value else late,
        overtaken=None if overtaken == value else overtaken,
        confidence=saved.confidence if saved else None,
        seen=seen,
        was_saved=saved is not None,
    )


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
    gradings: int = 1  # the number of the newest one: above 1 something was corrected

    @property
    def values(self) -> dict[int, object]:
        """The answers that count, by slot; slots that nobody answered are left out."""
        return {one.slot.slot: one.value for one in self.answered if one.was_saved}

    @property
    def missed(self) -> tuple[Answered, ...]:
        return tuple(answer for answer in self.answered if not answer.is_right)

    @property
    def waiting(self) -> int:
        """How many answers a mentor is still to mark."""
        return sum(answer.mark.waits for answer in self.answered)

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


def result_of(
    slots: Sequence[Slot],
    bodies: Mapping[int, Body],
    answers: Iterable[Kept],
    marks: Mapping[int, Mark],
    *,
    gradings: int,
    seen: frozenset[Item],
) -> Result:
    """The result of a paper with all answers that came, the oldest first, and what each slot earned so far."""
    kept = list(answers)
    counting = {answer.slot: answer for answer in kept if not answer.is_late and not answer.is_overtaken}
    late = {answer.slot: answer.value for answer in kept if answer.is_late}
    overtaken = {answer.slot: answer.value for answer in kept if answer.is_overtaken}
    return Result(
        tuple(
            answered(
                slot,
                bodies[slot.version],
                counting.get(slot.slot),
                mark=marks.get(slot.slot) or Mark(Decimal(0), slot.points, waits=True),
                late=late.get(slot.slot),
                overtaken=overtaken.get(slot.slot),
                seen=seen,
            )
            for slot in slots
        ),
        gradings=gradings,
    )


def mark_rows(
    slots: Iterable[Slot], bodies: Mapping[int, Body], answers: Mapping[int, object]
) -> dict[int, dict[str, Any]]:
    """What each slot earns, as a grading keeps it; one without an answer earns nothing."""
    found = {}
    for slot in slots:
        body, value = bodies[slot.version], answers.get(slot.slot)
        found[slot.slot] = mark_row(slot, mark(body, value), waits=waits_for_hand(body, value))
    return found


def rounded(points: Fraction) -> Decimal:
    """Points as they are kept: three decimals."""
    return (Decimal(points.numerator) / Decimal(points.denominator)).quantize(_POINT)
