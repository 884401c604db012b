"""What a rubric asks of a review: a level for each criterion, and what it takes to be accepted.

The rule of acceptance: every criterion that must be met stands at *meets* or above, none at *not yet*, and at most
one of the others at *developing*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roadmap.document import Criterion

LEVELS = ("not_yet", "developing", "meets", "exceeds")
MEETS = LEVELS.index("meets")
DEVELOPING_ALLOWED = 1


def missing(rubric: Sequence[Criterion], levels: Mapping[str, str]) -> list[Criterion]:
    """Criteria without one of the four levels."""
    return [criterion for criterion in rubric if levels.get(criterion.key) not in LEVELS]


def unknown(rubric: Sequence[Criterion], levels: Mapping[str, str]) -> list[str]:
    """Keys in `levels` that the rubric does not have."""
    return sorted(levels.keys() - {criterion.key for criterion in rubric})


def unmet(rubric: Sequence[Criterion], levels: Mapping[str, str]) -> list[Criterion]:
    """Criteria that must be met and are not; those without a level count as not met."""
    return [c for c in rubric if c.must_meet and not is_met(levels.get(c.key, ""))]


def not_yet(rubric: Sequence[Criterion], levels: Mapping[str, str]) -> list[Criterion]:
    """Criteria that need not be met but stand at *not yet*; those without a level count as such."""
    return [c for c in rubric if not c.must_meet and levels.get(c.key) not in LEVELS[1:]]


def too_many_developing(rubric: Sequence[Criterion], levels: Mapping[str, str]) -> list[Criterion]:
    """Criteria that need not be met and stand at *developing*, when they are more than may."""
    found = [c for c in rubric if not c.must_meet and levels.get(c.key) == "developing"]
    return found if len(found) > DEVELOPING_ALLOWED else []


def in_the_way(rubric: Sequence[Criterion], levels: Mapping[str, str]) -> list[Criterion]:
    """Criteria that keep the evidence from being accepted, in the rubric's order; none when it may be."""
    kept = (*unmet(rubric, levels), *not_yet(rubric, levels), *too_many_developing(rubric, levels))
    keys = {criterion.key for criterion in kept}
    return [criterion for criterion in rubric if criterion.key in keys]


def is_met(level: str) -> bool:
    return level in LEVELS[MEETS:]
