from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any

from pydantic import Field

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from quizzes.types.base import Asked, Body, Text, whole
from quizzes.types.code_output.marking import compared, is_right

Output = Annotated[Text, Field(max_length=4000)]
Package = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)]


class CodeOutput(Body):
    """What a piece of code prints: `answers` are what counts, the first is what it really prints.

    `packages` are what must be installed to run it. The value of an answer is the text as typed.
    """

    type = "code_output"
    title = _("What does this print?")
    rank = 90
    code: Annotated[Text, Field(max_length=4000)]
    language: Annotated[str, Field(pattern=r"^[a-z0-9+#]+(?:-[a-z0-9+#]+)*$", max_length=24)] = "python"
    answers: Annotated[tuple[Output, ...], Field(min_length=1, max_length=12)]
    packages: Annotated[tuple[Package, ...], Field(max_length=12)] = ()

    def asked(self, order: Sequence[str] = ()) -> Asked:
        return Asked(self.type, self.stem, more={"code": self.code, "language": self.language})

    @classmethod
    def fields(cls, asked: Asked, value: object) -> dict[str, Any]:
        return {**asked.more, "value": value if isinstance(value, str) else ""}

    @classmethod
    def how(cls, asked: Asked) -> Sentence:
        return _("Write what it prints, line by line. Blanks at the end of a line don’t count.")

    def mark(self, value: object) -> Fraction:
        return whole(is_right(value, self.answers))

    def key(self) -> Any:
        return sorted(self.answers)

    def right_value(self) -> str:
        return self.answers[0]

    def right(self) -> list[str]:
        return list(self.answers)

    def shown(self, value: object, order: Sequence[str] = ()) -> dict[str, Any]:
        return {
            "code": self.code,
            "language": self.language,
            "is_right": is_right(value, self.answers),
            "compared": compared(value, self.answers[0]),
        }
