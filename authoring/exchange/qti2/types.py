"""How each of our types is said in QTI 2.1: declarations, what is shown, and what earns the score."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange import html_text
from authoring.exchange.drafting import CannotBeCarriedError, gap_sign
from authoring.exchange.qti2 import elements as e
from authoring.exchange.qti2.gaps_out import put_interactions
from authoring.exchange.qti2.item import words
from authoring.exchange.qti2.marks import CHOICE, CLOZE, PROMPT, STEM, UNIT

_GAP = re.compile(r"\{\{\s*([a-z0-9-]+)\s*\}\}")
_RESPONSE = "RESPONSE"


@dataclass
class Said:
    """A question in the making: its responses, the blocks it shows, its rules, and the comments on its options."""

    responses: list[etree._Element] = field(default_factory=list)
    shown: list[etree._Element] = field(default_factory=list)
    rules: list[etree._Element] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)  # Markdown by identifier of the option
    lost: list[Sentence] = field(default_factory=list)


def said(type_: str, body: Mapping[str, Any]) -> Said:
    """The question in QTI's terms. Raises CannotBeCarriedError."""
    if type_ not in _TYPES:
        raise CannotBeCarriedError(_("QTI has nothing for questions of the type “%(type)s”.", type=type_))
    made = Said(shown=[e.element("div", *e.blocks(body["stem"]), class_=STEM)])
    _TYPES[type_](body, made)
    return made


def _single(body: Mapping[str, Any], made: Said) -> None:
    names = list(e.named(option["key"] for option in body["options"]))
    right = [name for name, option in zip(names, body["options"], strict=True) if option["right"]]
    made.responses.append(e.response(_RESPONSE, right=right))
    made.rules.append(_if_correct(_RESPONSE))
    _choices(body["options"], names, made, most=1)


def _multiple(body: Mapping[str, Any], made: Said) -> None:
    names = list(e.named(option["key"] for option in body["options"]))
    right = [name for name, option in zip(names, body["options"], strict=True) if option["right"]]
    mapping = {name: (1 if name in right else -1) / len(right) for name in names}
    made.responses.append(e.response(_RESPONSE, cardinality="multiple", right=right, mapping=mapping))
    made.rules.append(_by_mapping(_RESPONSE))
    _choices(body["options"], names, made, most=0)


def _choices(options: list[Mapping[str, Any]], names: list[str], made: Said, *, most: int) -> None:
    choices = [
        e.filled(e.element("simpleChoice", identifier=name), option["text"])
        for name, option in zip(names, options, strict=True)
    ]
    made.shown.append(
        e.element(
            "choiceInteraction", *choices, responseIdentifier=_RESPONSE, shuffle="true", maxChoices=str(most)
        )
    )
    made.comments = {
        name: option["feedback"]
        for name, option in zip(names, options, strict=True)
        if option.get("feedback")
    }


def _true_false(body: Mapping[str, Any], made: Said) -> None:
    made.responses.append(e.response(_RESPONSE, right=["true" if body["answer"] else "false"]))
    made.rules.append(_if_correct(_RESPONSE))
    choices = [
        e.element("simpleChoice", identifier=name, text=text)
        for name, text in (("true", "True"), ("false", "False"))
    ]
    made.shown.append(
        e.element(
            "choiceInteraction", *choices, responseIdentifier=_RESPONSE, shuffle="false", maxChoices="1"
        )
    )


def _ordering(body: Mapping[str, Any], made: Said) -> None:
    names = list(e.named(item["key"] for item in body["items"]))
    if body.get("credit", "pairs") != "all" and len(names) > 2:
        made.lost.append(_("Points for an order that is partly right."))
    made.responses.append(e.response(_RESPONSE, cardinality="ordered", right=names))
    made.rules.append(_if_correct(_RESPONSE))
    texts = dict(zip(names, (item["text"] for item in body["items"]), strict=True))
    choices = [e.filled(e.element("simpleChoice", identifier=name), texts[name]) for name in sorted(names)]
    made.shown.append(e.element("orderInteraction", *choices, responseIdentifier=_RESPONSE, shuffle="true"))


def _matching(body: Mapping[str, Any], made: Said) -> None:
    prompts = list(e.named((prompt["key"] for prompt in body["prompts"]), PROMPT))
    choices = dict(
        zip(
            (c["key"] for c in body["choices"]),
            e.named((c["key"] for c in body["choices"]), CHOICE),
            strict=True,
        )
    )
    pairs = [
        f"{name} {choices[prompt['match']]}" for name, prompt in zip(prompts, body["prompts"], strict=True)
    ]
    made.responses.append(
        e.response(
            _RESPONSE,
            cardinality="multiple",
            type_="directedPair",
            right=pairs,
            mapping=dict.fromkeys(pairs, 1 / len(pairs)),
        )
    )
    made.rules.append(_by_mapping(_RESPONSE))
    lefts = [
        e.filled(e.element("simpleAssociableChoice", identifier=name, matchMax="1"), prompt["text"])
        for name, prompt in zip(prompts, body["prompts"], strict=True)
    ]
    rights = [
        e.filled(
            e.element("simpleAssociableChoice", identifier=choices[one["key"]], matchMax="0"), one["text"]
        )
        for one in body["choices"]
    ]
    made.shown.append(
        e.element(
            "matchInteraction",
            e.element("simpleMatchSet", *lefts),
            e.element("simpleMatchSet", *rights),
            responseIdentifier=_RESPONSE,
            shuffle="true",
            maxAssociations=str(len(prompts)),
        )
    )


def _short_text(body: Mapping[str, Any], made: Said) -> None:
    made.responses.append(_texts(_RESPONSE, body, made))
    made.rules.append(_by_mapping(_RESPONSE))
    made.shown.append(e.element("p", e.element("textEntryInteraction", responseIdentifier=_RESPONSE)))


def _texts(identifier: str, rule: Mapping[str, Any], made: Said) -> etree._Element:
    if rule.get("pattern"):
        made.lost.append(_("The pattern of further right answers."))
    if rule.get("ignore_accents"):
        made.lost.append(_("That accents don’t count."))
    return e.response(
        identifier,
        type_="string",
        right=rule["answers"][:1],
        mapping=dict.fromkeys(rule["answers"], 1),
        is_case_sensitive=bool(rule.get("case_sensitive")),
    )


def _numeric(body: Mapping[str, Any], made: Said) -> None:
    made.responses.append(_number(_RESPONSE, body, made))
    made.rules.append(e.when(_is_near(_RESPONSE, body), e.sets("SCORE", e.number(1))))
    made.shown.append(
        e.element("p", e.element("textEntryInteraction", responseIdentifier=_RESPONSE), *_unit(body))
    )


def _number(identifier: str, rule: Mapping[str, Any], made: Said) -> etree._Element:
    if rule.get("units"):
        made.lost.append(_("The further units in which it may be answered."))
    if rule.get("formula"):
        made.lost.append(_("The formula behind the number."))
    return e.response(identifier, type_="float", right=[repr(float(rule["answer"]))])


def _unit(rule: Mapping[str, Any]) -> list[etree._Element]:
    return [e.element("span", text=rule["unit"], class_=UNIT)] if rule.get("unit") else []


def _is_near(identifier: str, rule: Mapping[str, Any]) -> etree._Element:
    """Whether a number is near enough by any of its allowances."""

    def compared(name: str, **how: str) -> etree._Element:
        return e.element(name, e.correct(identifier), e.variable(identifier), **how)

    found = []
    if absolute := rule.get("tolerance"):
        reach = repr(float(absolute))
        found.append(compared("equal", toleranceMode="absolute", tolerance=f"{reach} {reach}"))
    if relative := rule.get("relative_tolerance"):
        percent = repr(round(100 * float(relative), 12))
        found.append(compared("equal", toleranceMode="relative", tolerance=f"{percent} {percent}"))
    if figures := rule.get("significant_figures"):
        found.append(compared("equalRounded", roundingMode="significantFigures", figures=str(figures)))
    found = found or [compared("equal", toleranceMode="exact")]
    return found[0] if len(found) == 1 else e.element("or", *found)


def _cloze(body: Mapping[str, Any], made: Said) -> None:
    by_key = {gap["key"]: gap for gap in body["gaps"]}
    order = _GAP.findall(body["text"])
    total = sum(gap.get("points", 1) for gap in body["gaps"])
    numbers = iter(range(len(order)))
    shown = e.element(
        "div", *e.blocks(_GAP.sub(lambda _found: gap_sign(next(numbers)), body["text"])), class_=CLOZE
    )
    interactions = [_gap(by_key[key], made) for key in order]
    put_interactions(shown, interactions)
    made.shown.append(shown)
    for key in order:
        _earned(by_key[key], by_key[key].get("points", 1) / total, made)


def _gap(gap: Mapping[str, Any], made: Said) -> list[etree._Element]:
    identifier = _gap_name(gap)
    if gap["type"] != "choice":
        return [e.element("textEntryInteraction", responseIdentifier=identifier), *_unit(gap)]
    names = list(e.named(option["key"] for option in gap["options"]))
    choices = [
        e.element("inlineChoice", identifier=name, text=_text_of(option["text"], made))
        for name, option in zip(names, gap["options"], strict=True)
    ]
    if any(option.get("feedback") for option in gap["options"]):
        made.lost.append(_("Comments on what may be chosen in a gap."))
    return [e.element("inlineChoiceInteraction", *choices, responseIdentifier=identifier, shuffle="true")]


def _gap_name(gap: Mapping[str, Any]) -> str:
    return f"{_RESPONSE}-{gap['key']}"


def _text_of(markdown: str, made: Said) -> str:
    """The words of a Markdown text, for where QTI takes no markup."""
    found = e.blocks(markdown)
    text = " ".join(" ".join(words(part) for part in found).split())
    if html_text.markdown(text).text != markdown:
        made.lost.append(_("Emphasis in what may be chosen in a gap."))
    return text


def _earned(gap: Mapping[str, Any], share: float, made: Said) -> None:
    """Declares the response of a gap and adds what it earns."""
    identifier = _gap_name(gap)
    if gap["type"] == "short_text":
        made.responses.append(_texts(identifier, gap, made))
        earned = e.element("product", e.number(share), e.element("mapResponse", identifier=identifier))
        made.rules.append(e.sets("SCORE", e.element("sum", e.variable("SCORE"), earned)))
        return
    if gap["type"] == "choice":
        right = e.named(option["key"] for option in gap["options"] if option["right"])
        made.responses.append(e.response(identifier, right=right))
        condition = e.element("match", e.variable(identifier), e.correct(identifier))
    else:
        made.responses.append(_number(identifier, gap, made))
        condition = _is_near(identifier, gap)
    added = e.sets("SCORE", e.element("sum", e.variable("SCORE"), e.number(share)))
    made.rules.append(e.when(condition, added))


def _long_text(body: Mapping[str, Any], made: Said) -> None:
    made.responses.append(e.response(_RESPONSE, type_="string"))
    made.shown.append(e.element("extendedTextInteraction", responseIdentifier=_RESPONSE))
    if body.get("guide"):
        made.shown.append(e.element("rubricBlock", *e.blocks(body["guide"]), view="scorer"))
    if body.get("min_words") or body.get("max_words"):
        made.lost.append(_("How many words are asked for."))


def _if_correct(identifier: str) -> etree._Element:
    condition = e.element("match", e.variable(identifier), e.correct(identifier))
    return e.when(condition, e.sets("SCORE", e.number(1)))


def _by_mapping(identifier: str) -> etree._Element:
    return e.sets("SCORE", e.element("mapResponse", identifier=identifier))


_TYPES: Mapping[str, Callable[[Mapping[str, Any], Said], None]] = {
    "single": _single,
    "multiple": _multiple,
    "true_false": _true_false,
    "ordering": _ordering,
    "matching": _matching,
    "short_text": _short_text,
    "numeric": _numeric,
    "cloze": _cloze,
    "long_text": _long_text,
}
