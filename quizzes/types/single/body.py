from __future__ import annotations

from fractions import Fraction
from typing import Self

from pydantic import model_validator

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from quizzes.types.base import Asked, whole
from quizzes.types.choosing import Choice


class Single(Choice):
    """One option is right; the value of an answer is its key."""

    type = "single"
    title = _("One right option")
    rank = 10

    @model_validator(mode="after")
    def _one_is_right(self) -> Self:
        if (count := len(self.right_keys())) != 1:
            raise ValueError(_("Exactly one option must be right; here %(count)s are.", count=count))
        return self

    @classmethod
    def how(cls, asked: Asked) -> Sentence:
        return _("One answer is right.")

    def mark(self, value: object) -> Fraction:
        return whole(isinstance(value, str) and value in self.right_keys())

    def right_value(self) -> str:
        (key,) = self.right_keys()
        return key
