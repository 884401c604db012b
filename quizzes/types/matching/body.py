from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Self

from pydantic import model_validator

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from quizzes.types.base import Asked, Body, Key, Named, doubled, in_order, mixed, parts_given, worded
from quizzes.types.matching.marking import share

MOST_PROMPTS, MOST_CHOICES = 12, 16


class Prompt(Named):
    match: Key


class Choice(Named):
    pass


class Matching(Body):
    """Prompts, each to be matched with one of the choices, which may outnumber them.

    A page calls the choices by handles. The value of an answer is {prompt: handle of a choice}.
    """

    type = "matching"
    title = _("Matching")
    rank = 70
    prompts: tuple[Prompt, ...]
    choices: tuple[Choice, ...]

    @model_validator(mode="after")
    def _pairs_make_sense(self) -> Self:
        self._are_as_many_as_fit()
        if keys := doubled(prompt.key for prompt in self.prompts):
            raise ValueError(_("Prompt keys are given once; %(keys)s stands there twice.", keys=keys))
        if keys := doubled(choice.key for choice in self.choices):
            raise ValueError(_("Choice keys are given once; %(keys)s stands there twice.", keys=keys))
        if texts := doubled(choice.text.strip() for choice in self.choices):
            raise ValueError(_("Two choices read alike: %(texts)s.", texts=texts))
        known = {choice.key for choice in self.choices}
        for prompt in self.prompts:
            if prompt.match not in known:
                raise ValueError(
                    _(
                        "“%(prompt)s” matches “%(match)s”, which is no choice.",
                        prompt=prompt.key,
                        match=prompt.match,
                    )
                )
        return self

    def asked(self, order: Sequence[str] = ()) -> Asked:
        texts = self.named_parts()
        shown = in_order(mixed(texts), order)
        prompts = [{"key": prompt.key, "text": prompt.text} for prompt in self.prompts]
        options = tuple((self.handle(key), texts[key]) for key in shown)
        return Asked(self.type, self.stem, options, more={"prompts": prompts})

    @classmethod
    def fields(cls, asked: Asked, value: object) -> list[dict[str, Any]]:
        given = parts_given(value)
        return [
            {
                **prompt,
                "choices": [
                    {"value": handle, "text": text, "is_chosen": given.get(prompt["key"]) == handle}
                    for handle, text in asked.options
                ],
            }
            for prompt in asked.more["prompts"]
        ]

    @classmethod
    def how(cls, asked: Asked) -> Sentence:
        return _("Choose one for each. Every right pair counts.")

    def option_keys(self) -> tuple[str, ...]:
        return mixed(self.named_parts())

    def named_parts(self) -> dict[str, str]:
        return {choice.key: choice.text for choice in self.choices}

    def worded_as(self, before: Body) -> Self:
        choices = worded(self.choices, before.named_parts())
        return super().worded_as(before).model_copy(update={"choices": choices})

    def mark(self, value: object) -> Fraction:
        return share(self.right_value(), self.understood(value))

    def key(self) -> Any:
        return [
            sorted([prompt.key, prompt.match] for prompt in self.prompts),
            sorted(choice.key for choice in self.choices),
        ]

    def right_value(self) -> dict[str, str]:
        return {prompt.key: self.handle(prompt.match) for prompt in self.prompts}

    def said(self, value: object) -> str:
        texts = {self.handle(key): text for key, text in self.named_parts().items()}
        given = parts_given(self.understood(value))
        pairs = [(prompt.text, texts.get(given.get(prompt.key, ""))) for prompt in self.prompts]
        return "; ".join(f"{prompt}: {text}" for prompt, text in pairs if text)

    def shown(self, value: object, order: Sequence[str] = ()) -> list[dict[str, Any]]:
        texts = self.named_parts()
        by_handle = {self.handle(key): text for key, text in texts.items()}
        given = parts_given(self.understood(value))
        return [
            {
                "prompt": prompt.text,
                "given": by_handle.get(given.get(prompt.key, ""), ""),
                "right": texts[prompt.match],
                "is_right": given.get(prompt.key) == self.handle(prompt.match),
            }
            for prompt in self.prompts
        ]

    def _are_as_many_as_fit(self) -> None:
        if not 2 <= len(self.prompts) <= MOST_PROMPTS:
            raise ValueError(
                _(
                    "There are 2 to %(most)s prompts, not %(count)s.",
                    most=MOST_PROMPTS,
                    count=len(self.prompts),
                )
            )
        if not 2 <= len(self.choices) <= MOST_CHOICES:
            raise ValueError(
                _(
                    "There are 2 to %(most)s choices, not %(count)s.",
                    most=MOST_CHOICES,
                    count=len(self.choices),
                )
            )
