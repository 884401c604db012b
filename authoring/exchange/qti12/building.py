"""An item of QTI 1.2 as a question of the house, or the reason why it can't be one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import unescape
from typing import Any

from accounts.sentences import sentence as _
from authoring.exchange.drafting import (
    FILL_IN,
    NOT_TOLD,
    CannotBeCarriedError,
    Drafting,
    gap_keys,
    gap_sign,
    keys,
    options,
    with_gaps,
)
from authoring.exchange.keys import letter
from authoring.exchange.qti12 import typed
from authoring.exchange.qti12.comments import Comments
from authoring.exchange.qti12.conditions import All, Rule, demanded, paired, score
from authoring.exchange.qti12.item import Item, Response
from authoring.exchange.qti12.kinds import REFUSED, kind
from authoring.exchange.questions import Carried
from quizzes.types.choosing import MOST_OPTIONS

_TRIED = 3  # rules: of ticks that only count together there is one, seldom two
_TRUTHS = {"true": True, "t": True, "false": False, "f": False}
_TAGS = re.compile(r"<[^>]*>")


class Builder:
    """Makes one question of one item. `rules` are those of its `resprocessing`."""

    def __init__(self, item: Item, rules: Sequence[Rule], drafting: Drafting) -> None:
        self.item = item
        self.rules = rules
        self.drafting = drafting
        self.kind = kind(item.says)
        self.comments = Comments(item, rules, drafting)

    def built(self) -> Carried:
        """The question. Raises CannotBeCarriedError, or NotUnderstoodError of its rules."""
        if what := REFUSED.get(self.kind):
            raise CannotBeCarriedError(what)
        type_, body = self._type_and_body()
        self.comments.note_the_rest()
        if self.item.hints:
            self.drafting.lose(_("Hints; a question here has none."))
        return self.drafting.carried(type_, body)

    def _type_and_body(self) -> tuple[str, dict[str, Any]]:
        responses = self.item.responses
        if not responses and self.kind == "long_text":
            return "long_text", self._long_text()
        if not responses:
            raise CannotBeCarriedError(REFUSED["nothing"])
        if any(response.kind in ("grp", "xy") for response in responses):
            raise CannotBeCarriedError(_("It is answered in a way that no type here knows."))
        if self._is_cloze(responses):
            return "cloze", self._cloze(responses)
        if self._is_matching(responses):
            self.rules = paired(self.rules)
            return "matching", self._matching(responses)
        if len(responses) > 1:
            return "cloze", self._cloze(responses)
        return self._of_one(responses[0])

    def _of_one(self, response: Response) -> tuple[str, dict[str, Any]]:
        if response.kind != "lid" and not response.labels:
            return self._typed(response)
        if response.render not in ("choice", "extension"):
            raise CannotBeCarriedError(_("It is answered in a way that no type here knows."))
        if response.cardinality == "ordered" or self.kind == "ordering":
            return "ordering", self._ordering(response)
        right = self._right(response)
        if (
            self.kind == "multiple"
            or (not self.kind and response.cardinality == "multiple")
            or len(right) > 1
        ):
            return "multiple", self._choice(response, right)
        truth = self._truth(response, right[0])
        if truth is not None:
            return "true_false", {**self._round(response), "answer": truth}
        return "single", self._choice(response, right)

    # Texts round the question

    def _round(self, response: Response | None = None) -> dict[str, Any]:
        html = self.item.html + (response.html if response else "")
        return {"stem": self.drafting.markdown(html), "explanation": self.comments.explanation()}

    # Options

    def _choice(self, response: Response, right: Sequence[str]) -> dict[str, Any]:
        idents = [label.ident for label in response.labels]
        texts = [self.drafting.markdown(label.html) for label in response.labels]
        is_right = [ident in right for ident in idents]
        said = self.comments.of_options(response, right)
        around = self._round(response)
        return {**around, "options": options(idents, texts, is_right, said)}

    def _right(self, response: Response) -> list[str]:
        """The right options, worked out by the rules. Raises CannotBeCarriedError when they don't settle it."""
        idents = [label.ident for label in response.labels]
        if len(idents) > MOST_OPTIONS:
            raise CannotBeCarriedError(_("It has more than %(most)s options.", most=MOST_OPTIONS))
        if not idents or len(set(idents)) != len(idents) or not any(rule.earns for rule in self.rules):
            raise CannotBeCarriedError(NOT_TOLD)
        if response.cardinality == "multiple" or self.kind == "multiple":
            return self._right_together(response.ident, idents)
        alone = {ident: self._score(response.ident, [ident]) for ident in idents}
        best = max(alone.values())
        right = [ident for ident in idents if alone[ident] == best]
        if best <= 0:
            raise CannotBeCarriedError(NOT_TOLD)
        if len(right) > 1:
            raise CannotBeCarriedError(_("Each of several options is right alone, which no type here knows."))
        if any(0 < earned < best for earned in alone.values()):
            self.drafting.lose(_("Points for an answer that is partly right."))
        return right

    def _right_together(self, response: str, idents: Sequence[str]) -> list[str]:
        """The set of ticks that earns most: every tick more or less than it earns less, or no more."""
        for right in self._candidates(response, idents):
            best = self._score(response, right)
            without = [self._score(response, [other for other in right if other != ident]) for ident in right]
            beside = [self._score(response, [*right, ident]) for ident in idents if ident not in right]
            if (
                right
                and best > 0
                and all(earned < best for earned in without)
                and all(e <= best for e in beside)
            ):
                return right
        raise CannotBeCarriedError(NOT_TOLD)

    def _candidates(self, response: str, idents: Sequence[str]) -> Iterable[list[str]]:
        """What a rule that earns something asks for; everything that earns something alone."""
        for rule in [rule for rule in self.rules if rule.earns][:_TRIED]:
            asked = {test.value for test in demanded(rule.condition) if test.response == response}
            asked |= {part.strip() for value in asked for part in value.split(",")}
            yield [ident for ident in idents if ident in asked]
        yield [ident for ident in idents if self._score(response, [ident]) > 0]

    def _score(self, response: str, given: Iterable[str]) -> float:
        return score(self.rules, {response: frozenset(given)})

    def _truth(self, response: Response, right: str) -> bool | None:
        """Which truth the right one of two options is; None when they are no truths."""
        if self.kind not in ("true_false", "") or len(response.labels) != 2:
            return None
        truths = {label.ident: _truth_of(label.html, label.ident) for label in response.labels}
        return truths[right] if set(truths.values()) == {True, False} else None

    # Order and pairs

    def _ordering(self, response: Response) -> dict[str, Any]:
        order = [label.ident for label in response.labels]
        for rule in self.rules:
            asked = [test for test in demanded(rule.condition) if test.response == response.ident]
            if rule.earns and isinstance(rule.condition, All):
                if all(test.index is not None for test in asked):
                    asked.sort(key=lambda test: test.index or 0)
                right = [test.value for test in asked]
                if sorted(right) == sorted(order) and len(set(right)) == len(right):
                    return {**self._round(response), "items": self._items(response, right), "credit": "all"}
        raise CannotBeCarriedError(NOT_TOLD)

    def _items(self, response: Response, right: Sequence[str]) -> list[dict[str, str]]:
        texts = {label.ident: label.html for label in response.labels}
        return [
            {"key": key, "text": self.drafting.markdown(texts[ident])}
            for key, ident in zip(keys(right), right, strict=True)
        ]

    def _is_matching(self, responses: Sequence[Response]) -> bool:
        if self.kind == "matching":
            return True
        choices = {tuple(label.html for label in response.labels) for response in responses}
        return not self.kind and len(responses) > 1 and len(choices) == 1 and () not in choices

    def _matching(self, responses: Sequence[Response]) -> dict[str, Any]:
        stem, asked = self._asked_of(responses)
        texts: dict[str, str] = {}  # of each choice that reads differently, its key
        prompts = []
        for number, response in enumerate(responses):
            shown = [self.drafting.markdown(html) for html in self._choice_html(response)]
            for text in shown:
                texts.setdefault(text, letter(len(texts)))
            idents = [label.ident for label in response.labels]
            (right,) = self._right(response)[:1]
            text = self.drafting.markdown(asked[number])
            prompts.append({"key": letter(number), "text": text, "match": texts[shown[idents.index(right)]]})
        choices = [{"key": key, "text": text} for text, key in texts.items()]
        around = {"stem": self.drafting.markdown(stem), "explanation": self.comments.explanation()}
        return {**around, "prompts": prompts, "choices": choices}

    def _asked_of(self, responses: Sequence[Response]) -> tuple[str, list[str]]:
        """The HTML of the stem, and of what each response is about: inside it, or right before it."""
        if all(response.html for response in responses):
            return self.item.html, [response.html for response in responses]
        stem: list[str] = []
        asked: list[str] = []
        for part in self.item.parts:
            if isinstance(part, str):
                stem.append(part)
            else:
                asked.append(part.html or (stem.pop() if stem else ""))
        return "".join(stem), asked

    def _choice_html(self, response: Response) -> Sequence[str]:
        """The choices of one prompt; Blackboard keeps their texts apart, in the same order."""
        if self.item.matches and len(self.item.matches) == len(response.labels):
            return self.item.matches
        return [label.html for label in response.labels]

    # Gaps

    def _is_cloze(self, responses: Sequence[Response]) -> bool:
        named = [self._mark(response) for response in responses]
        return self.kind == "cloze" or (
            not self.kind and len(named) > 1 and all(mark in self.item.html for mark in named)
        )

    def _cloze(self, responses: Sequence[Response]) -> dict[str, Any]:
        names = gap_keys([response.ident.removeprefix("response_") for response in responses])
        html = self._html_with_gaps(responses)
        gaps = [self._gap(response, key) for response, key in zip(responses, names, strict=True)]
        text = with_gaps(self.drafting.markdown(html), names)
        return {"stem": FILL_IN, "explanation": self.comments.explanation(), "text": text, "gaps": gaps}

    def _html_with_gaps(self, responses: Sequence[Response]) -> str:
        """Where the text names the gaps as [name], they stand there; else each where it is answered."""
        if all(self._mark(response) in self.item.html for response in responses):
            html = self.item.html
            for number, response in enumerate(responses):
                html = html.replace(self._mark(response), gap_sign(number), 1)
            return html
        numbers = {id(response): number for number, response in enumerate(responses)}
        return "".join(
            part if isinstance(part, str) else f"{part.html} {gap_sign(numbers[id(part)])} "
            for part in self.item.parts
        )

    def _mark(self, response: Response) -> str:
        """How the text shows a gap: its name in square brackets."""
        said = _words(response.html)
        return f"[{said or response.ident.removeprefix('response_')}]"

    def _gap(self, response: Response, key: str) -> dict[str, Any]:
        if response.kind == "lid" and self._is_typed_by_labels():
            answers = [_words(label.html) for label in response.labels]
            return {"key": key, "type": "short_text", "answers": list(dict.fromkeys(filter(None, answers)))}
        if response.labels:
            right = self._right(response)
            idents = [label.ident for label in response.labels]
            texts = [self.drafting.line(label.html) for label in response.labels]
            return {
                "key": key,
                "type": "choice",
                "options": options(idents, texts, [i in right for i in idents]),
            }
        type_, rule = typed.rule(response, self.rules, self.drafting, self.kind)
        return {"key": key, "type": type_, **rule}

    def _is_typed_by_labels(self) -> bool:
        """Canvas lists what may be typed into a gap as if it were to choose from: every one of them is right."""
        return "multiple_blanks" in self.item.says.get("question_type", "")

    # What is typed

    def _typed(self, response: Response) -> tuple[str, dict[str, Any]]:
        is_unmarked = not any(rule.earns for rule in self.rules)
        if self.kind == "long_text" or (not self.kind and is_unmarked and response.rows > 1):
            return "long_text", self._long_text(response)
        type_, rule = typed.rule(response, self.rules, self.drafting, self.kind)
        return type_, {**self._round(response), **rule}

    def _long_text(self, response: Response | None = None) -> dict[str, Any]:
        guide = self.comments.solution()
        around = self._round(response)
        return {**around, **({"guide": guide} if guide else {})}


def _truth_of(html: str, ident: str) -> bool | None:
    said = _words(html).casefold()
    return _TRUTHS.get(said, _TRUTHS.get(ident.casefold()))


def _words(html: str) -> str:
    """The words of a piece of HTML, without markup."""
    return " ".join(unescape(_TAGS.sub("", html)).split())
