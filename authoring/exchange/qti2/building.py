"""An item of QTI 2 as a question of the house, or the reason why it can't be one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

from accounts.sentences import sentence as _
from authoring.exchange.drafting import (
    FILL_IN,
    NOT_TOLD,
    CannotBeCarriedError,
    Drafting,
    gap_keys,
    gap_sign,
    joined,
    keys,
    options,
    with_gaps,
)
from authoring.exchange.qti2 import typed
from authoring.exchange.qti2.comments import Comments
from authoring.exchange.qti2.item import (
    Declared,
    declared,
    html,
    identifiers,
    interactions,
    prompt,
    words,
)
from authoring.exchange.qti2.marks import CHOICE, CLOZE, PROMPT, STEM, UNIT, has_mark, marked
from authoring.exchange.qti2.processing import Processing
from authoring.exchange.qti2.right import Right, declared_right
from authoring.exchange.questions import Carried

_IN_TEXT = ("inlineChoiceInteraction", "textEntryInteraction")
_TRUTHS = {"true": True, "false": False}


class Builder:
    """Makes one question of one `assessmentItem`, whose names have no namespaces."""

    def __init__(self, item: etree._Element, drafting: Drafting) -> None:
        self.item = item
        self.drafting = drafting
        self.responses = declared(item)
        self.processing = Processing(item, self.responses)
        self.comments = Comments(item, self.processing, drafting)
        self.right = Right(self.responses, self.processing, drafting)

    def built(self) -> Carried:
        """The question. Raises CannotBeCarriedError, or NotUnderstoodError of its rules."""
        if next(self.item.iterchildren("templateDeclaration"), None) is not None:
            raise CannotBeCarriedError(
                _("Its numbers are drawn anew for each learner, which no type here does.")
            )
        type_, body = self._type_and_body(interactions(self.item))
        self._note_blocks(type_)
        return self.drafting.carried(type_, body)

    def _type_and_body(self, found: Sequence[etree._Element]) -> tuple[str, dict[str, Any]]:
        names = [str(one.tag) for one in found]
        if not found:
            raise CannotBeCarriedError(_("It is a text and asks nothing."))
        if all(name in _IN_TEXT for name in names) and (
            len(found) > 1 or names[0] == _IN_TEXT[0] or has_mark(self.item, CLOZE)
        ):
            return "cloze", self._cloze(found)
        if len(found) > 1:
            raise CannotBeCarriedError(_("It asks several questions at once."))
        return self._of_one(names[0], found[0])

    def _of_one(self, name: str, interaction: etree._Element) -> tuple[str, dict[str, Any]]:
        match name:
            case "choiceInteraction":
                return self._choice(interaction)
            case "orderInteraction":
                return "ordering", self._ordering(interaction)
            case "matchInteraction":
                return "matching", self._matching(interaction)
            case "gapMatchInteraction":
                return "cloze", self._gap_match(interaction)
            case "textEntryInteraction":
                return self._typed(interaction)
            case "extendedTextInteraction":
                return "long_text", self._long_text(interaction)
        raise CannotBeCarriedError(_("It is answered by “%(name)s”, which no type here does.", name=name))

    # What earns what

    def _response(self, interaction: etree._Element) -> Declared:
        one = self.responses.get(interaction.get("responseIdentifier", ""))
        if one is None:
            raise CannotBeCarriedError(_("It declares no response, so nothing says what is right."))
        return one

    # Texts round the question

    def _stem(self, *found: etree._Element) -> str:
        body = next(self.item.iterchildren("itemBody"))
        stem = marked(body, STEM)
        shown = html(body if stem is None else stem) + "".join(map(prompt, found))
        return self.drafting.markdown(shown)

    def _around(self, interaction: etree._Element, right: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        nothing = dict.fromkeys(right, ())
        explanation, _options = self.comments.settle({"right": right, "wrong": nothing})
        return {"stem": self._stem(interaction), "explanation": explanation}

    def _note_blocks(self, type_: str) -> None:
        """Says which blocks beside the question have no place here."""
        for block in self.item.iter("rubricBlock", "feedbackBlock", "feedbackInline", "templateBlock"):
            is_taken = (type_ == "long_text" and block.tag == "rubricBlock") or _is_in_option(block)
            if words(block) and not is_taken:
                self.drafting.lose(_("The text beside it, “%(text)s”.", text=words(block)[:80]))

    # Options

    def _choice(self, interaction: etree._Element) -> tuple[str, dict[str, Any]]:
        one = self._response(interaction)
        found = list(interaction.iterchildren("simpleChoice"))
        names = identifiers(found)
        is_single = one.cardinality == "single"
        right = [self.right.best_of(one, names)] if is_single else self.right.best_set(one, names)
        truth = self._truth(found, right[0]) if is_single else None
        tries = {"right": {one.identifier: right}, **{name: {one.identifier: [name]} for name in names}}
        explanation, comments = self.comments.settle(tries, names)
        said = [joined(self._inline(choice), comments[choice.get("identifier", "")]) for choice in found]
        around = {"stem": self._stem(interaction), "explanation": explanation}
        if truth is not None:
            if any(said):
                self.drafting.lose(_("Comments on true and on false."))
            return "true_false", {**around, "answer": truth}
        texts = [self.drafting.markdown(html(choice)) for choice in found]
        listed = options(names, texts, [name in right for name in names], said)
        return "single" if is_single else "multiple", {**around, "options": listed}

    def _truth(self, found: Sequence[etree._Element], right: str) -> bool | None:
        """Which truth the right one of two options is; None when they are no truths."""
        truths = {one.get("identifier", ""): _TRUTHS.get(words(one).casefold()) for one in found}
        return truths[right] if len(found) == 2 and set(truths.values()) == {True, False} else None

    def _inline(self, choice: etree._Element) -> str:
        """The comment that stands inside an option."""
        return joined(
            *(self.drafting.markdown(html(one)) for one in choice.iter("feedbackInline", "feedbackBlock"))
        )

    # Order and pairs

    def _ordering(self, interaction: etree._Element) -> dict[str, Any]:
        one = self._response(interaction)
        found = {choice.get("identifier", ""): choice for choice in interaction.iterchildren("simpleChoice")}
        right = list(one.correct)
        if sorted(right) != sorted(found) or self.right.score(one, right) <= max(
            self.right.score(one, right[::-1]), 0.0
        ):
            raise CannotBeCarriedError(NOT_TOLD)
        items = [
            {"key": key, "text": self.drafting.markdown(html(found[name]))}
            for key, name in zip(keys(right), right, strict=True)
        ]
        around = self._around(interaction, {one.identifier: right})
        swapped = [right[1], right[0], *right[2:]]
        is_whole = len(right) < 3 or self.right.score(one, swapped) <= 0
        return {**around, "items": items, **({"credit": "all"} if is_whole else {})}

    def _matching(self, interaction: etree._Element) -> dict[str, Any]:
        one = self._response(interaction)
        sets = [
            list(each.iterchildren("simpleAssociableChoice"))
            for each in interaction.iterchildren("simpleMatchSet")
        ]
        if len(sets) != 2:
            raise CannotBeCarriedError(NOT_TOLD)
        pairs = self.right.pairs(one, *map(identifiers, sets))
        first, second = ([pair[side] for pair in pairs] for side in (0, 1))
        if sorted(first) == sorted(identifiers(sets[0])):
            matched = dict(pairs)
        elif sorted(second) == sorted(identifiers(sets[1])):
            matched, sets = {right: left for left, right in pairs}, sets[::-1]
        else:
            raise CannotBeCarriedError(_("Something in it matches nothing, or several things."))
        around = self._around(interaction, {one.identifier: [" ".join(pair) for pair in pairs]})
        return {**around, **self._pairs_as_body(sets, matched)}

    def _pairs_as_body(
        self, sets: Sequence[Sequence[etree._Element]], matched: Mapping[str, str]
    ) -> dict[str, Any]:
        prompts, choices = sets
        named = dict(zip(identifiers(choices), _keys(identifiers(choices), CHOICE), strict=True))
        prompt_keys = _keys(identifiers(prompts), PROMPT)
        return {
            "prompts": [
                {
                    "key": key,
                    "text": self.drafting.markdown(html(one)),
                    "match": named[matched[one.get("identifier", "")]],
                }
                for key, one in zip(prompt_keys, prompts, strict=True)
            ],
            "choices": [
                {"key": named[one.get("identifier", "")], "text": self.drafting.markdown(html(one))}
                for one in choices
            ],
        }

    # Gaps

    def _cloze(self, found: Sequence[etree._Element]) -> dict[str, Any]:
        ones = [self._response(interaction) for interaction in found]
        names = gap_keys([one.identifier.removeprefix("RESPONSE-") for one in ones])
        body = next(self.item.iterchildren("itemBody"))
        signs = {interaction: gap_sign(number) for number, interaction in enumerate(found)}
        shown = marked(body, CLOZE)
        text = with_gaps(self.drafting.markdown(html(body if shown is None else shown, signs)), names)
        gaps = [self._gap(*parts) for parts in zip(found, ones, names, strict=True)]
        self.right.note_all_or_nothing(ones)
        right = {one.identifier: one.correct for one in ones}
        explanation, _options = self.comments.settle({"right": right, "wrong": dict.fromkeys(right, ())})
        stem = self._stem() if shown is not None and marked(body, STEM) is not None else FILL_IN
        return {"stem": stem, "explanation": explanation, "text": text, "gaps": gaps}

    def _gap(self, interaction: etree._Element, one: Declared, key: str) -> dict[str, Any]:
        weight = self.right.weight(one)
        around = {"key": key, **({"points": weight} if weight != 1 else {})}
        if interaction.tag == "inlineChoiceInteraction":
            found = list(interaction.iterchildren("inlineChoice"))
            right = self.right.best_of(one, identifiers(found))
            texts = [self.drafting.line(html(choice)) for choice in found]
            listed = options(identifiers(found), texts, [name == right for name in identifiers(found)])
            return {**around, "type": "choice", "options": listed}
        type_, rule = self._rule(interaction, one)
        return {**around, "type": type_, **rule}

    def _gap_match(self, interaction: etree._Element) -> dict[str, Any]:
        one = self._response(interaction)
        texts, gaps = list(interaction.iterchildren("gapText")), list(interaction.iter("gap"))
        if next(interaction.iterchildren("gapImg"), None) is not None:
            raise CannotBeCarriedError(_("It puts pictures into gaps, which no type here does."))
        pairs = {gap: text for text, gap in self.right.pairs(one, identifiers(texts), identifiers(gaps))}
        if sorted(pairs) != sorted(identifiers(gaps)):
            raise CannotBeCarriedError(_("Nothing says what belongs into one of its gaps."))
        names = gap_keys(identifiers(gaps))
        signs = {gap: gap_sign(number) for number, gap in enumerate(gaps)}
        shown = "".join(
            html(part, signs) and f"<p>{html(part, signs)}</p>"
            for part in interaction
            if part.tag not in ("gapText", "prompt")
        )
        words_ = [self.drafting.line(html(text)) for text in texts]
        listed = [
            {
                "key": name,
                "type": "choice",
                "options": options(
                    identifiers(texts),
                    words_,
                    [text == pairs[gap.get("identifier", "")] for text in identifiers(texts)],
                ),
            }
            for name, gap in zip(names, gaps, strict=True)
        ]
        around = self._around(interaction, {one.identifier: one.correct})
        text = with_gaps(self.drafting.markdown(shown), names)
        return {**around, "stem": around["stem"] or FILL_IN, "text": text, "gaps": listed}

    # What is typed

    def _typed(self, interaction: etree._Element) -> tuple[str, dict[str, Any]]:
        one = self._response(interaction)
        type_, rule = self._rule(interaction, one)
        around = self._around(interaction, {one.identifier: declared_right(one)})
        if marked(self.item, STEM) is None:
            blank = "____" if (interaction.tail or "").strip(" .?!\n\t") else ""
            body = next(self.item.iterchildren("itemBody"))
            around["stem"] = self.drafting.markdown(html(body, {interaction: blank}))
        return type_, {**around, **rule}

    def _rule(self, interaction: etree._Element, one: Declared) -> tuple[str, dict[str, Any]]:
        rules = self.processing.rules
        type_, rule = typed.rule(
            one,
            rules,
            lambda answer: self.right.score(one, [] if answer is None else [answer]),
            self.drafting,
        )
        unit = _after(interaction)
        return type_, {**rule, **({"unit": words(unit)} if unit is not None and type_ == "numeric" else {})}

    def _long_text(self, interaction: etree._Element) -> dict[str, Any]:
        guide = joined(*(self.drafting.markdown(html(block)) for block in self._guides()))
        identifier = interaction.get("responseIdentifier", "")
        around = self._around(interaction, {identifier: ["x"]})
        return {**around, **({"guide": guide} if guide else {})}

    def _guides(self) -> Iterator[etree._Element]:
        yield from self.item.iter("rubricBlock")


def _keys(names: Sequence[str], sign: str) -> list[str]:
    """Keys of prompts or choices, which in our own files bear a sign, for there both may be called the same."""
    return keys([name.removeprefix(sign) for name in names])


def _is_in_option(element: etree._Element) -> bool:
    return any(above.tag == "simpleChoice" for above in element.iterancestors())


def _after(interaction: etree._Element) -> etree._Element | None:
    """The unit that we wrote behind a field."""
    beside = interaction.getnext()
    return beside if beside is not None and UNIT in beside.get("class", "").split() else None
