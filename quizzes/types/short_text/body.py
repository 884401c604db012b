from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictBool

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from quizzes.types.base import Asked, Body, Part, Text, is_unset, whole
from quizzes.types.short_text.marking import fault_of_pattern, is_right


def _re2_reads_it(pattern: str | None) -> str | None:
    if pattern is not None and (fault := fault_of_pattern(pattern)):
        raise ValueError(_("RE2 can’t read this pattern: %(fault)s.", fault=fault))
    return pattern


class TextRule(Part):
    """Which typed texts are right: every spelling the author lists, and what fits the pattern as a whole."""

    answers: Annotated[tuple[Annotated[Text, Field(max_length=200)], ...], Field(min_length=1, max_length=50)]
    case_sensitive: StrictBool = False
    ignore_accents: Annotated[StrictBool, Field(exclude_if=is_unset)] = False
    pattern: Annotated[
        str | None, Field(min_length=1, max_length=300, exclude_if=is_unset), AfterValidator(_re2_reads_it)
    ] = None

    def takes(self, value: object) -> bool:
        """Whether this typed text is right."""
        return is_right(
            value,
            self.answers,
            case_sensitive=self.case_sensitive,
            ignore_accents=self.ignore_accents,
            pattern=self.pattern,
        )

    def rule_key(self) -> list[Any]:
        """What decides over right and wrong, as plain JSON."""
        return [sorted(self.answers), self.case_sensitive, self.ignore_accents, self.pattern]


class ShortText(TextRule, Body):
    """A word or phrase. The value of an answer is the text as typed."""

    type = "short_text"
    title = _("A word or phrase")
    rank = 50

    @classmethod
    def fields(cls, asked: Asked, value: object) -> str:
        return value if isinstance(value, str) else ""

    @classmethod
    def how(cls, asked: Asked) -> Sentence:
        return _("A word or a short phrase.")

    def mark(self, value: object) -> Fraction:
        return whole(self.takes(value))

    def key(self) -> Any:
        return self.rule_key()

    def right_value(self) -> str:
        return self.answers[0]

    def right(self) -> list[str]:
        return list(self.answers)

    def shown(self, value: object, order: Sequence[str] = ()) -> dict[str, Any]:
        return {
            "value": value if isinstance(value, str) else "",
            "is_right": self.takes(value),
            "answers": self.answers,
        }
