"""What a corrected key makes of an answer that was marked by an older one.

No Django: two wordings, an answer and a policy in, a fraction out. The four policies and the rule that nobody need lose
points are those that large quiz engines offer after a key was corrected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from quizzes.bodies import Body
from quizzes.marking import RIGHT, is_given, mark


class Policy(StrEnum):
    """Whose answers earn the points after a key was corrected."""

    CREDIT_ALL = "credit_all"
    BOTH = "both"
    NEW_ONLY = "new_only"
    NONE = "none"


def earned_after(
    policy: Policy, before: Body, after: Body, value: object, earned: Fraction, *, never_lower: bool
) -> Fraction | None:
    """The fraction that an answer given to `before` earns once `after` is the key; `earned` is what it earned so far.

    None where the answer names a part that the new wording no longer has, so that nobody can say what it means there.
    """
    match policy:
        case Policy.NONE:
            return earned
        case Policy.CREDIT_ALL:
            found = RIGHT
        case _ if is_given(value) and not _fits(before, after):
            return None
        case Policy.BOTH:
            found = max(mark(before, value), mark(after.worded_as(before), value))
        case Policy.NEW_ONLY:
            found = mark(after.worded_as(before), value)
    return max(found, earned) if never_lower else found


def _fits(before: Body, after: Body) -> bool:
    """Whether every part that an answer to the old wording may name exists in the new one."""
    return _names(before.model_dump(mode="json")) <= _names(after.model_dump(mode="json"))


def _names(body: Any) -> set[str]:
    """The keys of options, items, choices, gaps: whatever has a key."""
    if isinstance(body, list | tuple):
        return {name for part in body for name in _names(part)}
    if isinstance(body, Mapping):
        own = {str(body["key"])} if "key" in body else set()
        return own.union(*(_names(part) for part in body.values()))
    return set()


@dataclass(frozen=True, slots=True)
class Change:
    """What a regrade makes of one attempt: points before and after, and whether it is passed (None: not known yet)."""

    attempt: int
    person: int
    points: tuple[Fraction, Fraction]
    passed: tuple[bool | None, bool | None]


@dataclass(slots=True)
class Outlook:
    """What a regrade would change, or did: counts of attempts, and the first changes one by one."""

    looked_at: int = 0
    raised: int = 0
    lowered: int = 0
    newly_passed: int = 0
    no_longer_passed: int = 0
    incomparable: int = 0
    by_hand: int = 0
    changes: list[Change] = field(default_factory=list)

    @property
    def changed(self) -> int:
        return self.raised + self.lowered

    def note(self, change: Change, *, most: int = 100) -> None:
        """Count one attempt of which the points change."""
        before, after = change.points
        self.raised += after > before
        self.lowered += after < before
        self.newly_passed += change.passed == (False, True)
        self.no_longer_passed += change.passed == (True, False)
        if len(self.changes) < most:
            self.changes.append(change)
