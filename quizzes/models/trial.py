from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from quizzes.bodies import Body
from quizzes.marking import is_given, mark, waits_for_hand
from quizzes.models.papers import Papers
from quizzes.models.question import QuestionVersion
from quizzes.paper import Paper, Slot, draw
from quizzes.result import Answered, Mark, OnSheet, Result, answered, rounded
from quizzes.review import Item

if TYPE_CHECKING:
    from quizzes.models.quiz import Quiz


@dataclass
class _Said:
    """An answer that is kept nowhere."""

    value: Any
    confidence: int | None = None


@dataclass(frozen=True)
class Trial:
    """A paper drawn from a quiz's draft as it is now, for its authors: answered and marked, and kept nowhere.

    `bodies` are by the numbers that its slots have instead of ids of versions; the same seed draws the same paper
    until `digest` is another, because the draft changed.
    """

    sheet: Paper
    slots: tuple[Slot, ...]
    bodies: Mapping[int, Body]
    digest: str

    @classmethod
    def of(cls, quiz: Quiz, seed: int) -> Trial:
        """The quiz's draft must have no faults. Four queries at most."""
        papers = Papers([quiz])
        asked = sorted(papers.questions.values(), key=lambda question: question.pk)
        bodies = {number: question.body() for number, question in enumerate(asked, 1)}
        papers.newest = {question.pk: QuestionVersion(pk=n) for n, question in enumerate(asked, 1)}
        sheet = papers.paper(quiz)
        plain = [sheet.digest(), *(body.model_dump(mode="json") for body in bodies.values())]
        digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]
        return cls(sheet, draw(sheet, (), Random(seed)), bodies, digest)  # noqa: S311  # no secret: it can't count

    def questions(self, values: Mapping[int, object]) -> list[OnSheet]:
        """What learners would be asked, with these answers by slot."""
        return [OnSheet.of(slot, self.bodies[slot.version], values.get(slot.slot)) for slot in self.slots]

    def result(self, values: Mapping[int, object], seen: frozenset[Item]) -> Result:
        """The answers marked, as far as they may be seen."""
        return Result(tuple(self._answered(slot, values.get(slot.slot), seen) for slot in self.slots))

    def _answered(self, slot: Slot, value: object, seen: frozenset[Item]) -> Answered:
        body, said = self.bodies[slot.version], _Said(value) if is_given(value) else None
        earned = Mark(
            rounded(slot.points * mark(body, value)), slot.points, waits=waits_for_hand(body, value)
        )
        return answered(slot, body, said, mark=earned, late=None, overtaken=None, seen=seen)
