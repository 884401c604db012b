"""The kinds of gap in a text: each is marked by the rule of the type it is named after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, StrictInt, Tag, model_validator

from accounts.sentences import sentence as _
from quizzes.types.base import Key, Part, Said, in_order, whole
from quizzes.types.choosing import Option, check_options, right_keys
from quizzes.types.numeric.body import NumberRule
from quizzes.types.short_text.body import TextRule


def _is_one(points: int) -> bool:
    return points == 1


class _Gap(Part):
    key: Key
    type: str
    points: Annotated[StrictInt, Field(ge=1, le=20, exclude_if=_is_one)] = 1

    def asked(self, order: Sequence[str]) -> dict[str, Any]:
        """What may be shown of it."""
        return {}

    def mark(self, value: object) -> Fraction:
        raise NotImplementedError

    def rule_key(self) -> Any:
        raise NotImplementedError

    def right_value(self) -> str:
        raise NotImplementedError

    def right_words(self) -> Said:
        raise NotImplementedError

    def said(self, value: str) -> str:
        return value


class ChoiceGap(_Gap):
    type: Literal["choice"]
    options: tuple[Option, ...]

    @model_validator(mode="after")
    def _one_is_right(self) -> Self:
        check_options(self.options)
        if (count := len(right_keys(self.options))) != 1:
            raise ValueError(_("Exactly one option must be right; here %(count)s are.", count=count))
        return self

    def asked(self, order: Sequence[str]) -> dict[str, Any]:
        texts = {option.key: option.text for option in self.options}
        return {"options": [{"key": key, "text": texts[key]} for key in in_order(texts, order)]}

    def mark(self, value: object) -> Fraction:
        return whole(value == self.right_value())

    def rule_key(self) -> Any:
        return [self.right_value(), sorted(option.key for option in self.options)]

    def right_value(self) -> str:
        (key,) = right_keys(self.options)
        return key

    def right_words(self) -> str:
        return self.said(self.right_value())

    def said(self, value: str) -> str:
        return next((option.text for option in self.options if option.key == value), "")


class NumericGap(NumberRule, _Gap):
    type: Literal["numeric"]

    @model_validator(mode="after")
    def _has_one_field(self) -> Self:
        if self.units:
            raise ValueError(
                _("A gap has one field, so its unit can’t be chosen; ask for it in another gap.")
            )
        return self

    def asked(self, order: Sequence[str]) -> dict[str, Any]:
        return {"unit": self.shown_unit()}

    def mark(self, value: object) -> Fraction:
        return whole(self.takes(value))

    def right_value(self) -> str:
        return str(self.right_number())


class ShortTextGap(TextRule, _Gap):
    type: Literal["short_text"]

    def mark(self, value: object) -> Fraction:
        return whole(self.takes(value))

    def right_value(self) -> str:
        return self.answers[0]

    def right_words(self) -> str:
        return self.answers[0]


def _named_rightly(type_: str) -> str:
    if type_ not in _KINDS:
        raise ValueError(_("A gap is of type %(types)s.", types=", ".join(_KINDS)))
    return type_


class UnknownGap(_Gap):
    """What a gap of no known type is read as, so that the fault is said at its `type`."""

    type: Annotated[str, AfterValidator(_named_rightly)]


_KINDS = ("choice", "numeric", "short_text")


def _tag(gap: object) -> str:
    """In square brackets, so that it is told from the fields of a body in the place of a fault."""
    type_ = gap.get("type") if isinstance(gap, Mapping) else getattr(gap, "type", None)
    return f"[{type_}]" if type_ in _KINDS else "[unknown]"


Gap: TypeAlias = Annotated[
    Annotated[ChoiceGap, Tag("[choice]")]
    | Annotated[NumericGap, Tag("[numeric]")]
    | Annotated[ShortTextGap, Tag("[short_text]")]
    | Annotated[UnknownGap, Tag("[unknown]")],
    Discriminator(_tag),
]
