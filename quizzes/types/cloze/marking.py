from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction


def share(earned: Iterable[tuple[int, Fraction]]) -> Fraction:
    """What gaps earn together: (points, fraction of them) of each gap, weighed by its points."""
    gaps = list(earned)
    return sum((points * fraction for points, fraction in gaps), Fraction(0)) / sum(
        points for points, _ in gaps
    )
