from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from pydantic import StrictBool

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from quizzes.types.base import Asked, Body, whole
from quizzes.types.choosing import Line


class TrueFalse(Body):
    """A statement; the value of an answer is "true" or "false"."""

    type = "true_false"
    title = _("True or false")
    rank = 30
    answer: StrictBool

    def asked(self, order: Sequence[str] = ()) -> Asked:
        return Asked(self.type, self.stem, (("true", ""), ("false", "")))

    @classmethod
    def how(cls, asked: Asked) -> Sentence:
        return _("True or false?")

    def mark(self, value: object) -> Fraction:
        return whole(_meant(value) is self.answer)

    def key(self) -> bool:
        return self.answer

    def right_value(self) -> str:
        return "true" if self.answer else "false"

    def counted(self) -> dict[str, bool]:
        return {"true": self.answer, "false": not self.answer}

    def picked(self, value: object) -> list[str]:
        truth = _meant(value)
        return ["true" if truth else "false"] if isinstance(truth, bool) else []

    def right(self) -> bool:
        return self.answer

    def said(self, value: object) -> Sentence:
        return _("True") if _meant(value) is True else _("False")

    def shown(self, value: object, order: Sequence[str] = ()) -> list[Line]:
        return [
            Line(_("True") if truth else _("False"), _meant(value) is truth, truth is self.answer)
            for truth in (True, False)
        ]


def _meant(value: object) -> object:
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else value
