"""What every type of question has: a stem, an explanation, and the questions that pages, API and marking ask of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Self, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from accounts.sentences import Sentence
from accounts.sentences import sentence as _

RIGHT, WRONG = Fraction(1), Fraction(0)

Key = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=24)]
Said: TypeAlias = Sentence | str


def _not_blank(text: object) -> object:
    if isinstance(text, str) and not text.strip():
        raise ValueError(_("This text is empty."))
    return text


Text = Annotated[str, BeforeValidator(_not_blank), Field(max_length=20_000)]


def is_unset(value: object) -> bool:
    """For `exclude_if` of a field that a type gained later: bodies frozen before it stay as they were, to the byte."""
    return value is None or value is False or value in ((), "")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a learner may see of a question while she answers it: never which answer is right, nor why.

    `options` are (value, Markdown), in the order shown; a true-or-false question has the values true and false and no
    text of its own. `more` holds what else the type shows, as plain JSON.
    """

    type: str
    stem: str
    options: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


class Part(BaseModel):
    """A part of a body: it takes no field that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Named(Part):
    """A part with a key and a text."""

    key: Key
    text: Text


NamedPart = TypeVar("NamedPart", bound=Named)


class Body(Part):
    """One question of some type. `stem`, `explanation` and the texts of options are Markdown.

    `type` is the name of its folder, `title` what the desk calls it, `rank` its place in the list of types.
    """

    type: ClassVar[str]
    title: ClassVar[Sentence]
    rank: ClassVar[int]
    is_marked_by_hand: ClassVar[bool] = False  # a mentor marks it; `mark` is asked for empty answers only
    stem: Text
    explanation: Text

    # Before it is answered

    def asked(self, order: Sequence[str] = ()) -> Asked:
        """What may be shown before the attempt is finished, options in this order."""
        return Asked(self.type, self.stem)

    @classmethod
    def fields(cls, asked: Asked, value: object) -> Any:
        """What player.html shows: made of what may be shown, and the answer so far."""
        chosen = value if isinstance(value, list) else [value]
        return [{"value": key, "text": text, "is_chosen": key in chosen} for key, text in asked.options]

    @classmethod
    def how(cls, asked: Asked) -> Sentence:
        """How to answer, in a sentence below the number of the question."""
        raise NotImplementedError

    def option_keys(self) -> tuple[str, ...]:
        """The keys that an attempt may shuffle, in an order that tells nothing; none where nothing is shuffled."""
        return ()

    # Marking

    def mark(self, value: object) -> Fraction:
        """The fraction of the points that this answer earns, 0 to 1; whatever is sent, it never fails."""
        raise NotImplementedError

    def key(self) -> Any:
        """What decides over right and wrong, as plain JSON; two bodies with equal keys mark alike."""
        raise NotImplementedError

    def right_value(self) -> Any:
        """An answer that earns everything, as a page would send it."""
        raise NotImplementedError

    # Counting

    def counted(self) -> dict[str, bool]:
        """The options whose choices are worth counting, and whether each is right, as the author has them in order."""
        return {}

    def picked(self, value: object) -> list[str]:
        """Which of them this answer chooses."""
        return []

    # After it is answered

    def right(self) -> Any:
        """What is right, as the API says it."""
        return self.right_value()

    def said(self, value: object) -> Said:
        """An answer in words."""
        return str(value)

    def feedback(self, value: object) -> Mapping[str, str]:
        """What the author says to whoever gave this answer, Markdown by option key."""
        return {}

    def shown(self, value: object, order: Sequence[str] = ()) -> Any:
        """What review.html shows: what was given, what is right."""
        raise NotImplementedError

    # Helpers

    def named_parts(self) -> dict[str, str]:
        """The texts, by key, of parts that a page calls by handles; none where their own keys may be seen."""
        return {}

    def handle(self, key: str) -> str:
        """What a page calls a part whose own key, or its place in the body, would tell the answer.

        It is made of nothing but what the page shows, so that whatever is guessed can't be tried against it.
        """
        return hashlib.sha256(f"{self.stem}\n{self.named_parts()[key]}".encode()).hexdigest()[:10]

    def understood(self, value: Any) -> Any:
        """The answer by the handles of today: one that was kept before they came from shown text alone says others."""
        texts = self.named_parts()
        names = {self._former_handle(key): self.handle(key) for key in texts}
        return _renamed(value, names) if names else value

    def _former_handle(self, key: str) -> str:
        return hashlib.sha256(f"{key}\n{self.stem}\n{self.explanation}".encode()).hexdigest()[:10]

    def worded_as(self, before: Body) -> Self:
        """This key behind the words of an older wording, whose answers call the parts by its handles."""
        return self.model_copy(update={"stem": before.stem, "explanation": before.explanation})


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case str():
            return names.get(value, value)
        case list():
            return [_renamed(part, names) for part in value]
        case dict():
            return {_renamed(name, names): _renamed(part, names) for name, part in value.items()}
    return value


def doubled(keys: Iterable[str]) -> str:
    """The keys that stand in a list more than once, for a sentence; empty when none does."""
    listed = list(keys)
    return ", ".join(sorted({key for key in listed if listed.count(key) > 1}))


def mixed(texts: Mapping[str, str]) -> tuple[str, ...]:
    """Keys in an order that comes from their texts alone: it says nothing of the author's order, nor of the keys."""
    return tuple(sorted(texts, key=lambda key: (hashlib.sha256(texts[key].encode()).digest(), key)))


def worded(parts: Iterable[NamedPart], texts: Mapping[str, str]) -> tuple[NamedPart, ...]:
    """The parts with these texts, by key; those that have none here keep their own."""
    return tuple(part.model_copy(update={"text": texts.get(part.key, part.text)}) for part in parts)


def in_order(keys: Iterable[str], order: Sequence[str]) -> list[str]:
    """The keys as this order has them; those that it does not name come last."""
    left = list(keys)
    first = [key for key in dict.fromkeys(order) if key in left]
    return [*first, *(key for key in left if key not in first)]


def parts_given(value: object) -> dict[str, str]:
    """The answer to a question of several fields, {part: text}; empty texts and nonsense left out."""
    if not isinstance(value, dict):
        return {}
    return {str(part): str(text) for part, text in value.items() if _is_said(text)}


def _is_said(text: object) -> bool:
    return isinstance(text, str | int | float) and not isinstance(text, bool) and bool(str(text).strip())


def whole(is_right: bool) -> Fraction:
    """All or nothing."""
    return RIGHT if is_right else WRONG
