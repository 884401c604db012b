"""What the answers of many people say about a question and about a quiz: classical test theory over running sums.

One `QuizTally` is shown one sitting after the other, each a person's first attempt, and keeps sums only: its size
depends on the paper, never on how many people there are. No Django: marks and moments in, numbers out.

Sources: facility and standard deviation as anywhere; discrimination is the item-rest correlation (the point-biserial
of a question with the result in all others: Henrysson, Psychometrika 28, 1963), so that a question is not compared
with itself; the top and bottom 27 % are Kelley's (J. Educ. Psych. 30, 1939); internal consistency is Cronbach's alpha
(Psychometrika 16, 1951). Where a quiz draws, people had different questions: the sum of the questions' variances is
then taken as their mean, weighed by how often each was drawn, times the questions a person had; without a draw this
is the sum itself. Running sums are updated as Welford (Technometrics 4, 1962) does, which loses no digits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, sqrt
from typing import Literal, NamedTuple

ENOUGH = 10  # people; below that nothing is said
TAIL = 0.27
LONGEST_GAP_SECONDS = 600  # whoever saves nothing for longer was away
_NO_VARIANCE = 1e-12

Group = Literal["top", "bottom", ""]


class Taken(NamedTuple):
    """One question in one sitting. `question` tells questions apart, `picked` is the options chosen, `confidence` is 1
    guessed, 2 unsure, 3 sure; what is not known is None."""

    question: int
    fraction: float
    possible: int
    is_given: bool
    picked: Sequence[str] = ()
    seconds: float | None = None
    confidence: int | None = None


@dataclass(slots=True)
class Choice:
    """How often an option was chosen: by all, and by the best and the weakest 27 %."""

    all: int = 0
    top: int = 0
    bottom: int = 0


@dataclass(slots=True)
class Sureness:
    """How many said that they were so sure, and how many of them were right."""

    all: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True)
class ItemNumbers:
    """What is known of one question. Shares are 0 to 1; what can't be said, or not yet, is None.

    `weight` is the share of the spread of results that comes from this question, `intended_weight` the share of the
    points that it has; the first is only known where everybody had the question.
    """

    people: int
    blanks: int
    facility: float | None
    deviation: float | None
    discrimination: float | None
    weight: float | None
    intended_weight: float | None
    median_seconds: int | None
    top: int
    bottom: int
    choices: Mapping[str, Choice]
    confidence: Mapping[int, Sureness]

    @property
    def is_enough(self) -> bool:
        return self.people >= ENOUGH


@dataclass(frozen=True, slots=True)
class WholeNumbers:
    """What is known of a quiz. Mean and deviation are shares of the possible points; None below ten people."""

    people: int
    mean: float | None
    deviation: float | None
    consistency: float | None

    @property
    def is_enough(self) -> bool:
        return self.people >= ENOUGH


@dataclass(slots=True)
class Pairs:
    """Running sums over pairs of numbers."""

    count: int = 0
    mean_x: float = 0.0
    mean_y: float = 0.0
    squares_x: float = 0.0
    squares_y: float = 0.0
    products: float = 0.0

    def add(self, x: float, y: float) -> None:
        self.count += 1
        off_x, off_y = x - self.mean_x, y - self.mean_y
        self.mean_x += off_x / self.count
        self.mean_y += off_y / self.count
        self.squares_x += off_x * (x - self.mean_x)
        self.squares_y += off_y * (y - self.mean_y)
        self.products += off_x * (y - self.mean_y)

    @property
    def deviation(self) -> float | None:
        """The sample's standard deviation of x; None below two."""
        return sqrt(self.squares_x / (self.count - 1)) if self.count > 1 else None

    @property
    def correlation(self) -> float | None:
        """Pearson's; None where one side never differs."""
        if min(self.squares_x, self.squares_y) <= _NO_VARIANCE * max(self.count, 1):
            return None
        return max(-1.0, min(1.0, self.products / sqrt(self.squares_x * self.squares_y)))


@dataclass(slots=True)
class _Item:
    """Running sums of one question."""

    scores: Pairs = field(default_factory=Pairs)  # its fraction, and that of all other questions
    shares: Pairs = field(default_factory=Pairs)  # what it gave to the result, and the result
    intended: float = 0.0
    blanks: int = 0
    top: int = 0
    bottom: int = 0
    choices: dict[str, Choice] = field(default_factory=dict)
    seconds: Counter[int] = field(default_factory=Counter)
    confidence: dict[int, Sureness] = field(default_factory=dict)

    def add(self, taken: Taken, earned: float, possible: float, group: Group) -> None:
        own, others = taken.fraction * taken.possible, possible - taken.possible
        self.scores.add(taken.fraction, (earned - own) / others if others else 0.0)
        self.shares.add(own / possible, earned / possible)
        self.intended += taken.possible / possible
        self.blanks += not taken.is_given
        self.top += group == "top"
        self.bottom += group == "bottom"
        for key in taken.picked:
            self._choose(key, group)
        if taken.seconds is not None:
            self.seconds[round(taken.seconds)] += 1
        if taken.confidence is not None:
            sureness = self.confidence.setdefault(taken.confidence, Sureness())
            sureness.all += 1
            sureness.right += taken.fraction >= 1

    def numbers(self, people: int) -> ItemNumbers:
        """`people` is how many took the quiz."""
        count = self.scores.count
        is_enough = count >= ENOUGH
        return ItemNumbers(
            people=count,
            blanks=self.blanks,
            facility=self.scores.mean_x if is_enough else None,
            deviation=self.scores.deviation if is_enough else None,
            discrimination=self.scores.correlation if is_enough else None,
            weight=self._weight() if is_enough and count == people else None,
            intended_weight=self.intended / count if is_enough else None,
            median_seconds=median(self.seconds) if self.seconds.total() >= ENOUGH else None,
            top=self.top,
            bottom=self.bottom,
            choices=self.choices,
            confidence=self.confidence,
        )

    def _choose(self, key: str, group: Group) -> None:
        choice = self.choices.setdefault(key, Choice())
        choice.all += 1
        choice.top += group == "top"
        choice.bottom += group == "bottom"

    def _weight(self) -> float | None:
        """Covariance with the result over the result's variance: over a fixed paper these add up to 1."""
        spread = self.shares.squares_y
        return self.shares.products / spread if spread > _NO_VARIANCE * self.shares.count else None


class QuizTally:
    """Running sums of a quiz: show it each sitting once, then ask for the numbers."""

    def __init__(self) -> None:
        self._items: dict[int, _Item] = {}
        self._totals = Pairs()

    def add(self, sitting: Sequence[Taken], group: Group = "") -> None:
        """One person's first attempt; `group` says whether her result is among the best or the weakest 27 %."""
        possible = float(sum(taken.possible for taken in sitting))
        if not possible:
            return
        earned = sum(taken.fraction * taken.possible for taken in sitting)
        self._totals.add(earned / possible, 0.0)
        for taken in sitting:
            self._items.setdefault(taken.question, _Item()).add(taken, earned, possible, group)

    def items(self) -> dict[int, ItemNumbers]:
        """Each question that was shown, by what tells it apart."""
        people = self._totals.count
        return {question: item.numbers(people) for question, item in self._items.items()}

    def whole(self) -> WholeNumbers:
        people = self._totals.count
        is_enough = people >= ENOUGH
        return WholeNumbers(
            people=people,
            mean=self._totals.mean_x if is_enough else None,
            deviation=self._totals.deviation if is_enough else None,
            consistency=self._consistency() if is_enough else None,
        )

    def _consistency(self) -> float | None:
        """Cronbach's alpha; None for a single question, or where all results are the same."""
        people = self._totals.count
        answers = sum(item.shares.count for item in self._items.values())
        each, spread = answers / people, self._totals.squares_x / people
        if each <= 1 or spread <= _NO_VARIANCE:
            return None
        mean = sum(item.shares.squares_x for item in self._items.values()) / answers
        return each / (each - 1) * (1 - each * mean / spread)


def nothing_yet() -> ItemNumbers:
    """The numbers of a question that nobody has had."""
    return _Item().numbers(0)


def tail_size(people: int) -> int:
    """How many the best, or the weakest, 27 % are: at least one, and never more than half."""
    return min(people // 2, max(1, round(people * TAIL)))


def median(counts: Mapping[int, int]) -> int | None:
    """The middle of whole numbers that are counted; of two middles the upper one, None of nothing."""
    left = ceil((sum(counts.values()) + 1) / 2)
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return None


def seconds_by_slot(started_at: datetime, saves: Iterable[tuple[datetime, int]]) -> dict[int, float]:
    """How long somebody was at each slot, from her saves as (moment, slot) in order of time.

    The time since the save before belongs to the slot that is saved; where several are saved at once they share it. A
    gap of more than ten minutes is left out: she was away, or read somewhere else.
    """
    spent: dict[int, float] = {}
    before, at_once, moment = started_at, set[int](), started_at
    for saved_at, slot in saves:
        if saved_at != moment:
            _share(spent, at_once, (moment - before).total_seconds())
            before, at_once, moment = moment, set(), saved_at
        at_once.add(slot)
    _share(spent, at_once, (moment - before).total_seconds())
    return spent


def _share(spent: dict[int, float], slots: set[int], seconds: float) -> None:
    if 0 <= seconds <= LONGEST_GAP_SECONDS:
        for slot in slots:
            spent[slot] = spent.get(slot, 0.0) + seconds / len(slots)
