"""What may be typed as an answer of QTI 2: the texts, or the number and how near is near enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from accounts.sentences import sentence as _
from authoring.exchange.drafting import NOT_TOLD, CannotBeCarriedError, Drafting, interval
from authoring.exchange.qti2.item import Declared, number, words
from authoring.exchange.qti2.operators import tolerance

Score = Callable[[str | None], float]  # of an answer to this response, the others being right

_MOST_TRIED = 60


def rule(
    one: Declared, rules: etree._Element | None, score: Score, drafting: Drafting
) -> tuple[str, dict[str, Any]]:
    """`numeric` or `short_text`, and the fields that say what is right.

    Raises CannotBeCarriedError, and NotUnderstoodError of the rules.
    """
    if one.is_number:
        return "numeric", _number(one, rules, score)
    return "short_text", _text(one, rules, score, drafting)


def _text(one: Declared, rules: etree._Element | None, score: Score, drafting: Drafting) -> dict[str, Any]:
    tried = list(dict.fromkeys([*one.correct, *one.mapping, *_said(one, rules)]))
    tried = [answer for answer in tried if answer.strip()][:_MOST_TRIED]
    nothing = score(None)
    earned = {answer: score(answer) for answer in tried}
    best = max(earned.values(), default=0.0)
    if best <= max(nothing, 0.0):
        raise CannotBeCarriedError(NOT_TOLD)
    answers = [answer for answer in tried if earned[answer] == best]
    if any(nothing < value < best for value in earned.values()):
        drafting.lose(_("Points for an answer that is partly right."))
    is_case_sensitive = any(
        score(answer.swapcase()) < best for answer in answers if answer.swapcase() != answer
    )
    return {"answers": answers, **({"case_sensitive": True} if is_case_sensitive else {})}


def _said(one: Declared, rules: etree._Element | None) -> Iterator[str]:
    """The texts with which the rules compare this answer."""
    for element in () if rules is None else rules.iter("stringMatch", "match"):
        if _is_about(element, one):
            yield from (words(value) for value in element.iterchildren("baseValue"))


def _number(one: Declared, rules: etree._Element | None, score: Score) -> dict[str, Any]:
    answer = next((read for read in map(number, [*one.correct, *one.mapping]) if read is not None), None)
    found = [element for element in _comparisons(rules) if _is_about(element, one)]
    if spans := [element for element in found if element.tag in ("gt", "gte", "lt", "lte")]:
        return _span(spans, one, score)
    if answer is None:
        answer = next((read for element in found for read in _bases(element)), None)
    if answer is None or score(f"{answer!r}") <= max(score(None), 0.0):
        raise CannotBeCarriedError(NOT_TOLD)
    rule: dict[str, Any] = {"answer": answer}
    for element in found:
        rule |= _allowance(element)
    return rule


def _comparisons(rules: etree._Element | None) -> Iterator[etree._Element]:
    return iter(()) if rules is None else rules.iter("equal", "equalRounded", "gt", "gte", "lt", "lte")


def _allowance(element: etree._Element) -> dict[str, Any]:
    """What a comparison allows, as a field of the body."""
    if element.tag == "equalRounded":
        if element.get("roundingMode", "significantFigures") != "significantFigures":
            raise CannotBeCarriedError(_("It counts decimal places, which no type here does."))
        return {"significant_figures": int(number(element.get("figures")) or 0)}
    low, high = tolerance(element)
    mode = element.get("toleranceMode", "exact")
    if mode != "exact" and low != high:
        raise CannotBeCarriedError(_("It allows more on one side than on the other."))
    if mode == "absolute" and low:
        return {"tolerance": low}
    return {"relative_tolerance": round(low / 100, 15)} if mode == "relative" and low else {}


def _span(found: list[etree._Element], one: Declared, score: Score) -> dict[str, Any]:
    """The span between two bounds that the rules give as numbers."""
    bounds = sorted({read for element in found for read in _bases(element)})
    if len(bounds) != 2:
        raise CannotBeCarriedError(NOT_TOLD)
    low, high = bounds
    nothing, reach = score(None), high - low
    inside, outside = (
        score(f"{(low + high) / 2!r}"),
        max(score(f"{low - reach!r}"), score(f"{high + reach!r}")),
    )
    if inside <= max(nothing, outside, 0.0) or min(score(f"{low!r}"), score(f"{high!r}")) < inside:
        raise CannotBeCarriedError(NOT_TOLD)
    return interval(low, high)


def _bases(element: etree._Element) -> Iterator[float]:
    for value in element.iterchildren("baseValue"):
        if (read := number(words(value))) is not None:
            yield read


def _is_about(element: etree._Element, one: Declared) -> bool:
    return any(child.get("identifier") == one.identifier for child in element.iterchildren("variable"))
