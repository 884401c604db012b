"""What a question of each type consists of: typed bodies, their rules, and what may be shown before it is answered.

A further type is one more subclass of Body in TYPES, with its rule in quizzes.marking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from accounts.sentences import Sentence
from accounts.sentences import sentence as _

MOST_OPTIONS = 20
OptionKey = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=24)]


def _not_blank(text: object) -> object:
    if isinstance(text, str) and not text.strip():
        raise ValueError(_("This text is empty."))
    return text


Text = Annotated[str, BeforeValidator(_not_blank), Field(max_length=20_000)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a learner may see of a question while she answers it: never which answer is right, nor why.

    `kind` is the field to answer in: radio, checkbox, number or text. `options` are (key, Markdown), in the order
    shown; a true-or-false question has the keys true and false and no text of its own.
    """

    type: str
    kind: str
    stem: str
    options: tuple[tuple[str, str], ...] = ()
    unit: str = ""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Body(_Part):
    """What all types have. `stem`, `explanation`, option texts and feedback are Markdown."""

    type: ClassVar[str]
    kind: ClassVar[str]
    stem: Text
    explanation: Text

    def asked(self, order: Sequence[str] = ()) -> Asked:
        """What may be shown before the attempt is finished, options in this order."""
        return Asked(self.type, self.kind, self.stem)

    def option_keys(self) -> tuple[str, ...]:
        """The keys that an attempt may shuffle; none where the order has a meaning."""
        return ()

    def key(self) -> Any:
        """What decides over right and wrong, as plain JSON; two bodies with equal keys mark alike."""
        raise NotImplementedError


class Option(_Part):
    key: OptionKey
    text: Text
    right: StrictBool
    feedback: str = ""


class Choice(Body):
    """What single and multiple have in common: options, some of them right."""

    options: tuple[Option, ...]

    @model_validator(mode="after")
    def _options_make_sense(self) -> Self:
        keys = [option.key for option in self.options]
        if not 2 <= len(keys) <= MOST_OPTIONS:
            raise ValueError(
                _("A question has 2 to %(most)s options, not %(count)s.", most=MOST_OPTIONS, count=len(keys))
            )
        if doubled := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(
                _("Option keys are given once; %(keys)s stands there twice.", keys=", ".join(doubled))
            )
        return self

    def asked(self, order: Sequence[str] = ()) -> Asked:
        texts = {option.key: option.text for option in self.options}
        shown = [key for key in order if key in texts] or list(texts)
        return Asked(self.type, self.kind, self.stem, tuple((key, texts[key]) for key in shown))

    def option_keys(self) -> tuple[str, ...]:
        return tuple(option.key for option in self.options)

    def right_keys(self) -> frozenset[str]:
        return frozenset(option.key for option in self.options if option.right)

    def key(self) -> Any:
        return {"right": sorted(self.right_keys()), "options": sorted(self.option_keys())}


class Single(Choice):
    """One option is right; the value of an answer is its key."""

    type = "single"
    kind = "radio"

    @model_validator(mode="after")
    def _one_is_right(self) -> Self:
        if (count := len(self.right_keys())) != 1:
            raise ValueError(_("Exactly one option must be right; here %(count)s are.", count=count))
        return self


class Multiple(Choice):
    """One or more options are right; the value of an answer is the list of ticked keys."""

    type = "multiple"
    kind = "checkbox"

    @model_validator(mode="after")
    def _one_is_right_at_least(self) -> Self:
        if not self.right_keys():
            raise ValueError(_("At least one option must be right."))
        return self


class TrueFalse(Body):
    """A statement; the value of an answer is "true" or "false"."""

    type = "true_false"
    kind = "radio"
    answer: StrictBool

    def asked(self, order: Sequence[str] = ()) -> Asked:
        return Asked(self.type, self.kind, self.stem, (("true", ""), ("false", "")))

    def key(self) -> Any:
        return self.answer


class Numeric(Body):
    """A number, right within an absolute tolerance; the value of an answer is the number as typed."""

    type = "numeric"
    kind = "number"
    answer: float
    tolerance: Annotated[float, Field(ge=0)] = 0
    unit: Annotated[str, Field(max_length=40)] | None = None

    def asked(self, order: Sequence[str] = ()) -> Asked:
        return Asked(self.type, self.kind, self.stem, unit=self.unit or "")

    def key(self) -> Any:
        return [self.answer, self.tolerance, self.unit]


class ShortText(Body):
    """A word or phrase; the author lists every spelling that counts. The value of an answer is the text as typed."""

    type = "short_text"
    kind = "text"
    answers: Annotated[tuple[Annotated[Text, Field(max_length=200)], ...], Field(min_length=1, max_length=50)]
    case_sensitive: StrictBool = False

    def key(self) -> Any:
        return [sorted(self.answers), self.case_sensitive]


TYPES: Mapping[str, type[Body]] = {
    kind.type: kind for kind in (Single, Multiple, TrueFalse, Numeric, ShortText)
}


class UnknownTypeError(ValueError):
    """No question type has this name."""


def body(type_: str, data: object) -> Body:
    """The body of this type from plain data.

    Raises UnknownTypeError, or pydantic's ValidationError with every fault.
    """
    if type_ not in TYPES:
        known = ", ".join(TYPES)
        raise UnknownTypeError(
            _("“%(type)s” is no type of question; there are %(known)s.", type=type_, known=known)
        )
    return TYPES[type_].model_validate(data)


class BodyFault(NamedTuple):
    """What is wrong with a body: `place` leads to it, as in options.1.text, and is empty for the whole."""

    place: str
    what: Sentence

    def sentence(self) -> Sentence:
        """Both in one."""
        if not self.place:
            return self.what
        return _("%(place)s: %(fault)s", place=self.place, fault=self.what)


def faults(type_: str, data: object) -> list[BodyFault]:
    """What is wrong with a body; empty when it is right."""
    try:
        body(type_, data)
    except ValidationError as invalid:
        return [_fault(error) for error in invalid.errors()]
    except UnknownTypeError as unknown:
        return [BodyFault("", unknown.args[0])]
    return []


def said_by_rule(error: ErrorDetails) -> Sentence:
    """The sentence that a rule of ours raised as a ValueError; else pydantic's own words, in English."""
    raised = error.get("ctx", {}).get("error")
    said = raised.args[0] if isinstance(raised, ValueError) and raised.args else error["msg"]
    return said if isinstance(said, Sentence) else Sentence("%(reason)s", (("reason", str(said)),))


_PLAIN = {
    "missing": _("It is missing."),
    "extra_forbidden": _("A question of this type has no such field."),
    "bool_type": _("Write true or false."),
    "string_type": _("Write a text."),
    "string_pattern_mismatch": _("Use lower-case letters, digits and single hyphens."),
    "string_too_long": _("It is too long."),
    "float_type": _("Write a number."),
    "float_parsing": _("Write a number."),
    "finite_number": _("Write a finite number."),
    "greater_than_equal": _("It must not be below 0."),
    "too_short": _("Give at least one."),
    "too_long": _("There are too many."),
    "tuple_type": _("Write a list."),
    "model_type": _("Write fields with their values."),
}


def _fault(error: ErrorDetails) -> BodyFault:
    place = ".".join(str(part + 1) if isinstance(part, int) else part for part in error["loc"])
    return BodyFault(place, _PLAIN.get(error["type"]) or said_by_rule(error))
