"""Response processing of QTI 2: what answers earn and which comments they show, worked out for those that are tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias

from lxml import etree

from accounts.sentences import sentence as _
from authoring.exchange.qti2.item import Declared, plain, words
from authoring.exchange.qti2.operators import OPERATORS
from authoring.exchange.qti2.values import Bag, NotUnderstoodError, Value, typed, unknown

Given: TypeAlias = Mapping[str, Sequence[str]]

_MOST_PARTS = 1_000  # of one item's rules
_TEMPLATES = {"match_correct": False, "map_response": True, "cc2_match": False, "cc2_match_basic": False}


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
        return typed(plain_values[0], one.base)

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
                raise unknown(rule)

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
                raise unknown(branch)
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
                return typed(words(element), element.get("baseType", "identifier"))
            case "null":
                return None
        if name in OPERATORS:
            return OPERATORS[name](element, [self.value(part) for part in element])
        raise unknown(element)

    def _variable(self, identifier: str) -> Value:
        if identifier in self.processing.responses:
            return self.processing.response(identifier, self.given)
        return self.outcomes.get(identifier)


def _child(element: etree._Element, at: int) -> etree._Element:
    if len(element) <= at:
        raise unknown(element)
    return element[at]


def _default(outcome: etree._Element) -> Value:
    values = [words(value) for value in outcome.iter("value")]
    base = outcome.get("baseType", "identifier")
    if values:
        return typed(values[0], base)
    return 0.0 if base in ("float", "integer") else None
