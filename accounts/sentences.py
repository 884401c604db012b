"""Sentences that a plain module makes and a page says later, in the reader's language.

Plain modules know no Django, so they can't translate. They import `sentence as _` and `ngettext` from here and write
`_("“%(name)s” is missing.", name=name)`: these are the names by which `makemessages` finds what is to be translated.
`accounts.words.said` says a sentence in the language of the page; `str()` says it as it is written, in English, for
command lines and tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

Value: TypeAlias = "str | int | float | Sentence | tuple[Sentence, ...]"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text with holes such as `%(name)s` and what belongs into them; false when it says nothing.

    A value may be a sentence, or several, which are then listed with commas: they are said in the same language.
    `plural` is the text for any number but one, where `count` decides.
    """

    text: str
    values: tuple[tuple[str, Value], ...] = ()
    plural: str = ""
    count: int = 0

    def filled(self, **values: Value) -> Sentence:
        """The same sentence with these values in its holes."""
        return replace(self, values=tuple(values.items()))

    def said(self, one: Callable[[str], str], counted: Callable[[str, str, int], str]) -> str:
        """The sentence in another language, given its gettext and ngettext."""
        if not self.text:
            return ""
        text = counted(self.text, self.plural, self.count) if self.plural else one(self.text)
        return (
            text % {name: _value(value, one, counted) for name, value in self.values} if self.values else text
        )

    def __str__(self) -> str:
        return self.said(str, lambda one, many, count: one if count == 1 else many)

    def __bool__(self) -> bool:
        return bool(self.text)


NOTHING = Sentence("")


def sentence(text: str, /, **values: Value) -> Sentence:
    """A sentence to be translated: import it as `_`."""
    return Sentence(text, tuple(values.items()))


def ngettext(one: str, many: str, count: int, /, **values: Value) -> Sentence:
    """A sentence about a number of things, which stands in the hole `%(count)s`."""
    return Sentence(one, (("count", count), *values.items()), many, count)


def _value(
    value: Value, one: Callable[[str], str], counted: Callable[[str, str, int], str]
) -> str | int | float:
    match value:
        case Sentence():
            return value.said(one, counted)
        case tuple():
            return ", ".join(part.said(one, counted) for part in value)
        case _:
            return value
