"""Options of which some are right: what single, multiple and the choice gap of a cloze have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from pydantic import StrictBool, model_validator

from accounts.sentences import sentence as _
from quizzes.types.base import Asked, Body, Key, Part, Said, Text, doubled, in_order

MOST_OPTIONS = 20


class Option(Part):
    key: Key
    text: Text
    right: StrictBool
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a reviewed question: Markdown, or the word of a truth."""

    text: Said
    is_chosen: bool
    is_right: bool


def check_options(options: Sequence[Option]) -> None:
    """Raises ValueError when these can't be the options of a question."""
    if not 2 <= len(options) <= MOST_OPTIONS:
        raise ValueError(
            _("A question has 2 to %(most)s options, not %(count)s.", most=MOST_OPTIONS, count=len(options))
        )
    if keys := doubled(option.key for option in options):
        raise ValueError(_("Option keys are given once; %(keys)s stands there twice.", keys=keys))


def right_keys(options: Iterable[Option]) -> frozenset[str]:
    return frozenset(option.key for option in options if option.right)


def chosen(value: object) -> list[str]:
    """The keys that an answer names, whether one or a list."""
    return [key for key in (value if isinstance(value, list) else [value]) if isinstance(key, str)]


class Choice(Body):
    """A question with options, some of them right."""

    options: tuple[Option, ...]

    @model_validator(mode="after")
    def _options_make_sense(self) -> Self:
        check_options(self.options)
        return self

    def asked(self, order: Sequence[str] = ()) -> Asked:
        texts = {option.key: option.text for option in self.options}
        return Asked(self.type, self.stem, tuple((key, texts[key]) for key in in_order(texts, order)))

    def option_keys(self) -> tuple[str, ...]:
        return tuple(option.key for option in self.options)

    def right_keys(self) -> frozenset[str]:
        return right_keys(self.options)

    def key(self) -> Any:
        return {"right": sorted(self.right_keys()), "options": sorted(self.option_keys())}

    def counted(self) -> dict[str, bool]:
        return {option.key: option.right for option in self.options}

    def picked(self, value: object) -> list[str]:
        return [key for key in dict.fromkeys(chosen(value)) if key in self.option_keys()]

    def right(self) -> list[str]:
        return sorted(self.right_keys())

    def said(self, value: object) -> str:
        texts = {option.key: option.text for option in self.options}
        return ", ".join(texts[key] for key in chosen(value) if key in texts)

    def feedback(self, value: object) -> dict[str, str]:
        keys = chosen(value)
        return {
            option.key: option.feedback for option in self.options if option.key in keys and option.feedback
        }

    def shown(self, value: object, order: Sequence[str] = ()) -> list[Line]:
        keys, right = chosen(value), self.right_keys()
        return [Line(text, key in keys, key in right) for key, text in self.asked(order).options]
