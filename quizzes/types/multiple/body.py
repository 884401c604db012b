from __future__ import annotations

from fractions import Fraction
from typing import Self

from pydantic import model_validator

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from quizzes.types.base import Asked
from quizzes.types.choosing import Choice
from quizzes.types.multiple.marking import share


class Multiple(Choice):
    """One or more options are right; the value of an answer is the list of ticked keys."""

    type = "multiple"
    title = _("Several right options")
    rank = 20

    @model_validator(mode="after")
    def _one_is_right_at_least(self) -> Self:
        if not self.right_keys():
            raise ValueError(_("At least one option must be right."))
        return self

    @classmethod
    def how(cls, asked: Asked) -> Sentence:
        return _("Tick all that are right. A wrong tick takes a right one back.")

    def mark(self, value: object) -> Fraction:
        return share(self.right_keys(), value)

    def right_value(self) -> list[str]:
        return sorted(self.right_keys())
