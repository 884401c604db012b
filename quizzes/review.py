"""What a person may see of a finished attempt, and when: one matrix, one question.

No Django: a policy and two facts in, the items out. Everything that shows a result asks here first (rule Q11).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from accounts.sentences import Sentence
from accounts.sentences import sentence as _


class Item(StrEnum):
    """One thing that a result may show besides points and whether it is passed, which are never hidden."""

    CORRECTNESS = "correctness"
    FEEDBACK = "feedback"
    RIGHT_ANSWER = "right_answer"
    EXPLANATION = "explanation"


EVERYTHING = frozenset(Item)
ITEM_NAMES: dict[Item, Sentence] = {
    Item.CORRECTNESS: _("which answers are right"),
    Item.FEEDBACK: _("what the author says to an answer"),
    Item.RIGHT_ANSWER: _("the right answer"),
    Item.EXPLANATION: _("why it is right"),
}


class Window(StrEnum):
    """From when on: handed in; handed in and the quiz passed; no further attempt can begin."""

    HANDED_IN = "handed_in"
    PASSED = "passed"
    CLOSED = "closed"


WINDOW_NAMES: dict[Window, Sentence] = {
    Window.HANDED_IN: _("once handed in"),
    Window.PASSED: _("once passed"),
    Window.CLOSED: _("once no attempt is left"),
}
_ALL = tuple(Item)


class ReviewPolicy(BaseModel):
    """Which items are shown from which window on; what one window shows, the later ones show as well."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    handed_in: tuple[Item, ...] = Field(default=_ALL)
    passed: tuple[Item, ...] = Field(default=_ALL)
    closed: tuple[Item, ...] = Field(default=_ALL)

    @property
    def shows_all_at_once(self) -> bool:
        return frozenset(self.handed_in) == EVERYTHING


SHOWS_ALL = ReviewPolicy()


@dataclass(frozen=True, slots=True)
class Standing:
    """What the policy depends on: whether the person passed the quiz, and whether no further attempt can begin."""

    is_passed: bool
    is_closed: bool


def may_see(policy: ReviewPolicy, standing: Standing) -> frozenset[Item]:
    """What may be seen of a finished attempt; of an open one nothing may, which is not asked here."""
    seen = frozenset(policy.handed_in)
    if standing.is_passed:
        seen |= frozenset(policy.passed)
    if standing.is_closed:
        seen |= frozenset(policy.closed)
    return seen
