"""Response processing of QTI 2: what answers earn and which comments they show, worked out for those that are tried."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from lxml import etree

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange.qti2.item import Declared, number, plain, words

Value: TypeAlias = "str | float | bool | Bag | tuple[str, ...] | None"  # a tuple has an order
Given: TypeAlias = Mapping[str, Sequence[str]]

_MOST_PARTS = 1_000  # of one item's rules
_TEMPLATES = {"match_correct": False, "map_response": True, "cc2_match": False, "cc2_match_basic": False}


@dataclass(frozen=True, slots=True)
class Bag:
    """Several values without an order."""

    values: tuple[str, ...]


class NotUnderstoodError(Exception):
    """Processing that can't be worked out; `what` says which part."""

    def __init__(self, what: Sentence) -> None:
        super().__init__(str(what))
        self.what = what


class _StopError(Exception):
    """exitResponse."""


class Processing:
    """The rules of one item. Its questions raise NotUnderstoodError."""

    def __init__(self, item: etree._Element, responses: Mapping[str, Declared]) -> None:
        self.responses = responses
        self.rules = next(item.iterchildren("responseProcessing"), None)
        self.first = {
            one.get("identifier", ""): _default(one) for one in item.iterchildren("outcomeDeclaration")
        }
        self.declared = {one.get("identifier", ""): one for one in item.iterchildren("outcomeDeclaration")}

    def score(self, given: Given) -> float:
        """What these answers earn; an answer that is not given is empty."""
        if self.rules is None or not self._has_rules():
            return self._by_declaration(given)
        score = self._outcomes(given).get("SCORE")
        if score is None or isinstance(score, str | Bag | tuple):
            raise NotUnderstoodError(_("Its rules set no score."))
        return float(score)

    def shown(self, given: Given) -> set[tuple[str, str]]:
        """The outcomes that decide over comments, each with the values it has after these answers."""
        if self.rules is None or not self._has_rules():
            return set()
        found = set()
        for name, value in self._outcomes(given).items():
            for each in (
                value.values if isinstance(value, Bag) else value if isinstance(value, tuple) else [value]
            ):
                if isinstance(each, str):
                    found.add((name, each))
        return found

    def _has_rules(self) -> bool:
        return self.rules is not None and (len(self.rules) > 0 or bool(self.rules.get("template")))

    def _by_declaration(self, given: Given) -> float:
        """Without rules, each response counts by its mapping or else by what is declared right."""
        return sum(
            self._mapped(one, given) if one.mapping else float(self._is_right(one, given))
            for one in self.responses.values()
        )

    def _is_right(self, one: Declared, given: Given) -> bool:
        value = self._value(one, given.get(one.identifier, ()))
        return value is not None and value == self._value(one, one.correct)

    def _outcomes(self, given: Given) -> dict[str, Value]:
        rules = self.rules
        if rules is None:
            return dict(self.first)
        if sum(1 for _part in rules.iter()) > _MOST_PARTS:
            raise NotUnderstoodError(_("It has more rules than can be worked out."))
        if not len(rules):
            return {**self.first, "SCORE": self._by_template(rules.get("template", ""), given)}
        run = _Run(self, given, dict(self.first))
        with suppress(_StopError):
            run.all(rules)
        return run.outcomes

    def _by_template(self, address: str, given: Given) -> float:
        name = address.rstrip("/").rpartition("/")[2].removesuffix(".xml").casefold()
        if name not in _TEMPLATES or "RESPONSE" not in self.responses:
            raise NotUnderstoodError(_("Its rules “%(name)s” are not understood.", name=name[:60]))
        one = self.responses["RESPONSE"]
        return self._mapped(one, given) if _TEMPLATES[name] else float(self._is_right(one, given))

    def _mapped(self, one: Declared, given: Given) -> float:
        values = given.get(one.identifier, ())
        if not values:
            return 0.0
        total = sum(self._entry(one, plain(value, one.base)) for value in dict.fromkeys(values))
        return max(one.lower, min(one.upper, total))

    def _entry(self, one: Declared, value: str) -> float:
        for key, (earned, is_case_sensitive) in one.mapping.items():
            if key == value or (
                not is_case_sensitive and one.base == "string" and key.casefold() == value.casefold()
            ):
                return earned
        return one.default

    def _value(self, one: Declared, values: Sequence[str]) -> Value:
        plain_values = tuple(plain(value, one.base) for value in values)
        if not plain_values:
            return None
        if one.cardinality == "ordered":
            return plain_values
        if one.cardinality == "multiple":
            return Bag(tuple(sorted(plain_values)))
        return _typed(plain_values[0], one.base)

    def response(self, name: str, given: Given) -> Value:
        one = self.responses.get(name)
        return None if one is None else self._value(one, given.get(name, ()))

    def correct(self, name: str) -> Value:
        one = self.responses.get(name)
        return None if one is None else self._value(one, one.correct)

    def mapped(self, name: str, given: Given) -> float:
        one = self.responses.get(name)
        return 0.0 if one is None else self._mapped(one, given)


class _Run:
    """One run of the rules over some answers."""

    def __init__(self, processing: Processing, given: Given, outcomes: dict[str, Value]) -> None:
        self.processing = processing
        self.given = given
        self.outcomes = outcomes

    def all(self, rules: etree._Element) -> None:
        for rule in rules:
            self._one(rule)

    def _one(self, rule: etree._Element) -> None:
        match rule.tag:
            case "responseCondition":
                self._condition(rule)
            case "setOutcomeValue":
                self.outcomes[rule.get("identifier", "")] = self._set(rule)
            case "exitResponse":
                raise _StopError
            case "responseProcessingFragment":
                self.all(rule)
            case _:
                raise _unknown(rule)

    def _set(self, rule: etree._Element) -> Value:
        value = self.value(_child(rule, 0))
        named = self.processing.declared.get(rule.get("identifier", ""))
        is_several = named is not None and named.get("cardinality") == "multiple"
        return Bag((value,)) if is_several and isinstance(value, str) else value

    def _condition(self, rule: etree._Element) -> None:
        for branch in rule:
            parts = list(branch)
            if branch.tag == "responseElse":
                for part in parts:
                    self._one(part)
                return
            if branch.tag not in ("responseIf", "responseElseIf") or not parts:
                raise _unknown(branch)
            if self.value(parts[0]) is True:
                for part in parts[1:]:
                    self._one(part)
                return

    def value(self, element: etree._Element) -> Value:
        """What an expression comes to; None is NULL."""
        name = str(element.tag)
        identifier = element.get("identifier", "")
        match name:
            case "variable":
                return self._variable(identifier)
            case "correct":
                return self.processing.correct(identifier)
            case "mapResponse":
                return self.processing.mapped(identifier, self.given)
            case "baseValue":
                return _typed(words(element), element.get("baseType", "identifier"))
            case "null":
                return None
        if name in _OPERATORS:
            return _OPERATORS[name](element, [self.value(part) for part in element])
        raise _unknown(element)

    def _variable(self, identifier: str) -> Value:
        if identifier in self.processing.responses:
            return self.processing.response(identifier, self.given)
        return self.outcomes.get(identifier)


def _unknown(element: etree._Element) -> NotUnderstoodError:
    return NotUnderstoodError(_("Its rule “%(rule)s” is not understood.", rule=str(element.tag)[:60]))


def _child(element: etree._Element, at: int) -> etree._Element:
    if len(element) <= at:
        raise _unknown(element)
    return element[at]


def _typed(text: str, base: str) -> Value:
    if base in ("float", "integer"):
        return number(text)
    return text.strip() == "true" if base == "boolean" else text


def _default(outcome: etree._Element) -> Value:
    values = [words(value) for value in outcome.iter("value")]
    base = outcome.get("baseType", "identifier")
    if values:
        return _typed(values[0], base)
    return 0.0 if base in ("float", "integer") else None


# Operators: each gets its element and the values of its parts

Operator: TypeAlias = "Callable[[etree._Element, list[Value]], Value]"  # noqa: SLF001  # lxml calls it so


def _all(_element: etree._Element, parts: list[Value]) -> Value:
    return all(part is True for part in parts)


def _any(_element: etree._Element, parts: list[Value]) -> Value:
    return any(part is True for part in parts)


def _not(element: etree._Element, parts: list[Value]) -> Value:
    return None if _of(element, parts, 1)[0] is None else parts[0] is not True


def _is_null(element: etree._Element, parts: list[Value]) -> Value:
    return _of(element, parts, 1)[0] in (None, "")


def _match(element: etree._Element, parts: list[Value]) -> Value:
    left, right = _of(element, parts, 2)
    return None if left is None or right is None else _several(left) == _several(right)


def _several(value: Value) -> Value:
    """A bag of one is what it holds: files mix the two."""
    return value.values[0] if isinstance(value, Bag) and len(value.values) == 1 else value


def _member(element: etree._Element, parts: list[Value]) -> Value:
    one, many = _of(element, parts, 2)
    return one in _list(many) if one is not None else None


def _contains(element: etree._Element, parts: list[Value]) -> Value:
    many, few = _of(element, parts, 2)
    return None if many is None or few is None else set(_list(few)) <= set(_list(many))


def _list(value: Value) -> Sequence[Value]:
    if isinstance(value, Bag):
        return value.values
    return value if isinstance(value, tuple) else [] if value is None else [value]


def _multiple(_element: etree._Element, parts: list[Value]) -> Value:
    found = sorted(str(each) for part in parts for each in _list(part))
    return Bag(tuple(found)) if found else None


def _ordered(_element: etree._Element, parts: list[Value]) -> Value:
    found = tuple(str(each) for part in parts for each in _list(part))
    return found or None


def _string_match(element: etree._Element, parts: list[Value]) -> Value:
    left, right = _of(element, parts, 2)
    if not isinstance(left, str) or not isinstance(right, str):
        return None
    if element.get("substring", "false") == "true":
        raise _unknown(element)
    is_case_sensitive = element.get("caseSensitive", "true") != "false"
    return left == right if is_case_sensitive else left.casefold() == right.casefold()


def _equal(element: etree._Element, parts: list[Value]) -> Value:
    left, right = _of(element, parts, 2)
    if not isinstance(left, float) or not isinstance(right, float):
        return None
    low, high = tolerance(element)
    match element.get("toleranceMode", "exact"):
        case "absolute":
            return left - low <= right <= left + high or right - low <= left <= right + high
        case "relative":
            return abs(left - right) <= abs(left or right) * max(low, high) / 100
    return math.isclose(left, right, rel_tol=1e-12)


def _equal_rounded(element: etree._Element, parts: list[Value]) -> Value:
    left, right = _of(element, parts, 2)
    figures = number(element.get("figures"))
    if (
        not isinstance(left, float)
        or not isinstance(right, float)
        or figures is None
        or not 1 <= figures <= 15
    ):
        return None
    return f"{left:.{int(figures) - 1}e}" == f"{right:.{int(figures) - 1}e}"


def tolerance(element: etree._Element) -> tuple[float, float]:
    """How far below and above a number may be. Raises NotUnderstoodError where a variable says it."""
    said = element.get("tolerance", "0").split()
    read = [number(part) for part in said]
    if not read or any(part is None or part < 0 for part in read):
        raise _unknown(element)
    known = [part or 0.0 for part in read]
    return known[0], known[-1]


def _sum(_element: etree._Element, parts: list[Value]) -> Value:
    return sum(_numbers(parts))


def _product(_element: etree._Element, parts: list[Value]) -> Value:
    return math.prod(_numbers(parts))


def _less(element: etree._Element, parts: list[Value]) -> Value:
    left, right = _of(element, parts, 2)
    if left is None or right is None:
        return None
    first, second = _numbers([left, right])
    match element.tag:
        case "lt":
            return first < second
        case "lte":
            return first <= second
        case "gt":
            return first > second
    return first >= second


def _numbers(parts: list[Value]) -> list[float]:
    if any(isinstance(part, str | Bag | tuple | bool) for part in parts):
        raise NotUnderstoodError(_("It reckons with something that is no number."))
    return [float(part) if isinstance(part, float | int) else 0.0 for part in parts]


def _of(element: etree._Element, parts: list[Value], count: int) -> list[Value]:
    if len(parts) != count:
        raise _unknown(element)
    return parts


_OPERATORS: Mapping[str, Operator] = {
    "and": _all,
    "or": _any,
    "not": _not,
    "isNull": _is_null,
    "match": _match,
    "member": _member,
    "contains": _contains,
    "multiple": _multiple,
    "ordered": _ordered,
    "stringMatch": _string_match,
    "equal": _equal,
    "equalRounded": _equal_rounded,
    "sum": _sum,
    "product": _product,
    "lt": _less,
    "lte": _less,
    "gt": _less,
    "gte": _less,
}
