"""What the numeric questions of the built-in road come to, and the numbers that common mistakes lead to.

Most questions carry a `formula`. Those whose answer is better found by doing what it speaks of (walking down a slope,
counting places) are worked out here instead. tests/test_content_questions.py compares both with the keys.
"""

from collections.abc import Callable
from fractions import Fraction
from math import exp, hypot

SMALL = 1e-6  # step of a derivative, and how near a search comes


def slope(curve: Callable[[float], float], at: float) -> float:
    return (curve(at + SMALL) - curve(at - SMALL)) / (2 * SMALL)


def two_steps_down() -> float:
    w = 0.0
    for _step in range(2):
        w -= 0.1 * slope(lambda w: (w - 4) ** 2, w)
    return w


def greatest_rate_that_converges() -> float:
    low, high = 0.25, 4.0
    while high - low > SMALL:
        rate = (low + high) / 2
        low, high = (rate, high) if _comes_nearer(rate) else (low, rate)
    return low


def _comes_nearer(rate: float) -> bool:
    """One step is enough to see it: each multiplies w by the same factor."""
    return abs(1.0 - rate * slope(lambda w: w * w, 1.0)) < 1.0


def ridge_by_search() -> float:
    """Halving the interval by the sign of the slope of the loss."""
    low, high = -10.0, 10.0
    while high - low > SMALL:
        w = (low + high) / 2
        rises = slope(lambda w: (2 - w) ** 2 + (4 - 2 * w) ** 2 + 5 * w**2, w) > 0
        low, high = (low, w) if rises else (w, high)
    return low


def places_of_the_kernel() -> float:
    """Where a kernel of 7 may begin, two apart, on 224 pixels with 3 of padding at either side."""
    first, last = 0 - 3, 224 - 1 + 3
    return sum(begin + 7 - 1 <= last for begin in range(first, last + 1, 2))


def pixels_seen() -> float:
    seen = {0}
    for _layer in range(3):
        seen = {place + shift for place in seen for shift in (-1, 0, 1)}
    return len(seen)


def nearest_rank() -> float:
    return next(rank for rank in range(1, 21) if Fraction(rank, 20) >= Fraction(95, 100))


def largest_gap() -> float:
    one, other = (1, 2, 3, 4), (3, 4, 5, 6)
    reached = [[sum(value <= at for value in sample) / 4 for at in range(8)] for sample in (one, other)]
    return max(abs(a - b) for a, b in zip(*reached, strict=True))


PROCEDURES: dict[str, Callable[[], float]] = {
    "q-math-11": lambda: slope(lambda x: x**3 - 2 * x, 2),
    "q-math-12": lambda: slope(lambda z: 1 / (1 + exp(-z)), 0),
    "q-math-13": lambda: hypot(slope(lambda x: x * x * 1 + 3 * 1, 2), slope(lambda y: 2 * 2 * y + 3 * y, 1)),
    "q-math-16": lambda: slope(lambda w: (w * 3 + 1 - 5) ** 2, 2),
    "q-math-20": two_steps_down,
    "q-math-21": greatest_rate_that_converges,
    "q-ml-08": ridge_by_search,
    "q-dl-20": places_of_the_kernel,
    "q-dl-22": pixels_seen,
    "q-ops-12": nearest_rank,
    "q-ops-28": largest_gap,
}

# What the blueprint of the question says comes out of its three commonest mistakes.
MISTAKES: dict[str, tuple[float, ...]] = {
    "q-math-01": (14, -48, 6),
    "q-math-02": (24, 0.283, 4.8),
    "q-math-06": (2, 1, 4),
    "q-math-07": (50, 76, 93.2),
    "q-math-09": (50, 99.5, 0.005),
    "q-math-11": (4, 12, 6),
    "q-math-12": (0.5, 1, 0),
    "q-math-13": (11, 7, 65),
    "q-math-15": (6.1, 12, 9),
    "q-math-16": (4, 6, -12),
    "q-math-18": (2500000, 25000, 250000),
    "q-math-20": (0.8, 1.6, -1.44),
    "q-math-21": (0.5, 2, 0.1),
    "q-math-26": (90, 85, 1),
    "q-math-28": (99, 97, 99.9999),
    "q-math-30": (3.5, 1.513, 1.1),
    "q-math-33": (2, 0.2, 7.84),
    "q-math-34": (2, 1.414, 8),
    "q-math-38": (1.585, 1.04, 1),
    "q-math-39": (0.2, 0.322, 1.609),
    "q-ml-04": (2, 0.667, 4.667),
    "q-ml-05": (0.667, 0.75, 0.333),
    "q-ml-08": (2, -3, 0.4),
    "q-ml-10": (0.6, 4.48, 0.182),
    "q-ml-12": (0.2, 0.722, 0.68),
    "q-ml-13": (0.722, 0.6, 0.556),
    "q-ml-16": (0.01, 0.3, 0.003),
    "q-ml-17": (14, 4.1, 9.6),
    "q-ml-24": (400, 100, 9),
    "q-ml-27": (0.8, 0.93, 0.533),
    "q-ml-28": (0.675, 0.45, 0.671),
    "q-ml-29": (0.5, 0.9, 0.111),
    "q-ml-30": (0.41, 0.3, 0.333),
    "q-ml-32": (99, 90, 47.6),
    "q-ml-37": (0.667, 1.5, 0.75),
    "q-dl-04": (101632, 100480, 922),
    "q-dl-09": (390, 128, 50000),
    "q-dl-13": (1, 0.75, 0.0625),
    "q-dl-15": (0.1, 1, 3.322),
    "q-dl-20": (109, 224, 111),
    "q-dl-21": (1728, 576, 27),
    "q-dl-22": (9, 27, 3),
    "q-dl-24": (0.881, 1, 0.622),
    "q-dl-25": (4, 8, 64),
    "q-dl-28": (2.36, 4.72, 0.59),
    "q-dl-31": (0.78, 0.0061, 3.125),
    "q-dl-34": (128, 26, 32),
    "q-dl-35": (7, 28, 112),
    "q-dl-36": (2, 4, 8),
    "q-ops-03": (4.32, 432, 72),
    "q-ops-11": (250, 50, 0.004),
    "q-ops-12": (20, 18, 95),
    "q-ops-27": (0.2, 0.0201, 0.1),
    "q-ops-28": (2, 0.25, 1),
    "q-ops-32": (200, 1920, 7680),
    "q-ops-36": (2, 0.5, 700),
    # AI Engineer
    "ae-bas-02": (0.12, 0.03, 0.885),
    "ae-bas-03": (2500, 2000, 10500),
    "ae-bas-05": (0.88, 0.27, 0.5),
    "ae-ret-01": (8, 2.67, 0.33),
    "ae-ret-02": (2.0, 4.1, 1.0),
    "ae-ret-04": (15, 16, 12),
    "ae-ret-07": (0.0161, 0.1667, 0.0159),
    "ae-ret-10": (0.69, 0.8, 1.6),
    "ae-eva-01": (3.0, 11.8, 0.6),
    "ae-eva-04": (0.8, 0.28, 0.52),
    "ae-eva-10": (0.97, 0.22, 0.76),
    "ae-pro-02": (0.13, 0.02, 2),
    "ae-pro-04": (5.5, 0.5, 8800.5),
    "ae-pro-05": (90, 25, 83),
    "ae-pro-07": (0.16, 0.97, 1.8),
    "ae-pro-10": (32768, 4194304, 1024),
    # Data Scientist
    "ds-que-02": (20, 0.05, 2),
    "ds-que-07": (45, 40, 47),
    "ds-que-11": (1.1, 10, 1.5),
    "ds-inf-01": (0.95, 0.02, 0.39),
    "ds-inf-04": (0.075, 30, 2.5),
    "ds-inf-05": (2.3, 9.1, 20),
    "ds-inf-09": (0.05, 0.46, 0.2),
    "ds-cau-01": (4, 6, 3),
    "ds-cau-02": (0.4, 0.5, 0.2),
    "ds-cau-05": (4, 2, 6),
    "ds-cau-06": (12, 7, 15),
    "ds-cau-07": (40000, 20000, 10000),
    "ds-cau-08": (0.36, 0.4, 0.8),
    "ds-cau-10": (2, 0.04, 200),
    "ds-ins-01": (0.4, 0.2, 2),
    "ds-ins-02": (2000, 8500, -500),
    "ds-ins-05": (2.75, 3000, 0.75),
    "ds-ins-08": (12, 24, 36),
}
