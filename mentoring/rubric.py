"""What a rubric asks of a review: a level for each criterion, and *meets* where a criterion must be met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roadmap.document import Criterion

LEVELS = ("not_yet", "developing", "meets", "exceeds")
MEETS = LEVELS.index("meets")


def missing(rubric: Sequence[Criterion], levels: Mapping[str, str]) -> list[Criterion]:
    """Criteria without one of the four levels."""
    return [criterion for criterion in rubric if levels.get(criterion.key) not in LEVELS]


def unknown(rubric: Sequence[Criterion], levels: Mapping[str, str]) -> list[str]:
    """Keys in `levels` that the rubric does not have."""
    return sorted(levels.keys() - {criterion.key for criterion in rubric})


def unmet(rubric: Sequence[Criterion], levels: Mapping[str, str]) -> list[Criterion]:
    """Criteria that must be met and are not; those without a level count as not met."""
    return [c for c in rubric if c.must_meet and not is_met(levels.get(c.key, ""))]


def is_met(level: str) -> bool:
    return level in LEVELS[MEETS:]
