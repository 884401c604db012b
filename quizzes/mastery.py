"""How well somebody knows a topic, as far as her answers tell: an estimate that says how unsure it is.

The last answer to each question counts, by how much of it was right, and the less the older it is (half after 180
days, since what is not used is forgotten). The share that she would get right of all questions of the topic then has a
Beta distribution: Jeffreys' prior Beta(1/2, 1/2), which adds next to nothing, plus what was right and what was wrong
(Brown, Cai and DasGupta, Statistical Science 16, 2001, show that its intervals keep their promise even with few
answers). Words are chosen by that distribution, so that three right answers in a row do not make anybody an expert.
Guessing is not taken out: a topic asked by true or false only looks a little better than it is.

No Django: fractions and moments in, estimates out. The distribution's integral is the continued fraction of the
regularised incomplete beta function (NIST, DLMF 8.17.22), summed by Lentz's method.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import exp, lgamma, log
from typing import NamedTuple

from accounts.sentences import Sentence, ngettext
from accounts.sentences import sentence as _

PRIOR = 0.5
HALVES_AFTER_DAYS = 180
ENOUGH, ENOUGH_WEIGHT = 5, 4.2  # answers, and what is left of them with age; below either no figure is said
SOLID, SHAKY = 0.7, 0.6
CERTAINTY = 0.9  # of what is called solid or shaky, and of the interval
WIDE = 0.55
_TINY = 1e-300


class Level(StrEnum):
    UNSURE = "unsure"
    SHAKY = "shaky"
    BETWEEN = "between"
    SOLID = "solid"


class Shown(NamedTuple):
    """The last answer to one question: how much of it was right, 0 to 1, and when it was handed in."""

    fraction: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Estimate:
    """How well somebody knows a topic. `middle` and the 90 % interval `low` to `high` are shares, 0 to 1."""

    answers: int
    weight: float
    level: Level
    middle: float
    low: float
    high: float

    @property
    def is_enough(self) -> bool:
        """Whether figures may be said at all."""
        return _is_enough(self.answers, self.weight)

    def sentence(self) -> Sentence:
        """The estimate in words, as they stand beside the topic."""
        match self.level:
            case Level.SOLID:
                return _("likely solid")
            case Level.SHAKY:
                return _("likely shaky")
            case Level.BETWEEN:
                return _("getting there")
        return ngettext("not sure yet (%(count)s answer)", "not sure yet (%(count)s answers)", self.answers)


def estimate(shown: Iterable[Shown], now: datetime) -> Estimate:
    """What these answers, the last one to each question of a topic, tell at `now`."""
    right = wrong = 0.0
    answers = 0
    for fraction, at in shown:
        weight = 0.5 ** (max(0.0, (now - at).total_seconds()) / 86_400 / HALVES_AFTER_DAYS)
        right += weight * fraction
        wrong += weight * (1 - fraction)
        answers += 1
    a, b = PRIOR + right, PRIOR + wrong
    edge = (1 - CERTAINTY) / 2
    low, high = quantile(edge, a, b), quantile(1 - edge, a, b)
    return Estimate(
        answers,
        right + wrong,
        _level(a, b, _is_enough(answers, right + wrong), high - low),
        a / (a + b),
        low,
        high,
    )


def _level(a: float, b: float, is_enough: bool, width: float) -> Level:
    """Solid and shaky are said when it is nine times likelier than not; the rest is between, or not known yet."""
    if not is_enough:
        return Level.UNSURE
    if below(SOLID, a, b) <= 1 - CERTAINTY:
        return Level.SOLID
    if below(SHAKY, a, b) >= CERTAINTY:
        return Level.SHAKY
    return Level.UNSURE if width > WIDE else Level.BETWEEN


def _is_enough(answers: int, weight: float) -> bool:
    return answers >= ENOUGH and weight >= ENOUGH_WEIGHT


def quantile(share: float, a: float, b: float) -> float:
    """Where the Beta(a, b) distribution has `share` of its weight to the left: by halving, to a millionth."""
    low, high = 0.0, 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        if below(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def below(x: float, a: float, b: float) -> float:
    """The weight that the Beta(a, b) distribution has below x: the regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    if x < (a + 1) / (a + b + 2):  # there the fraction converges quickly; on the other side it is mirrored
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction, until a further term changes nothing."""
    c, d = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1))
    total = d
    for m in range(1, 500):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _off_zero(1 + term * d)
            c = _off_zero(1 + term / c)
            total *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return total


def _off_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
