"""The rules of QTI 1.2 (`resprocessing`): which answers earn what, worked out instead of guessed from their shape."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TypeAlias

from lxml import etree

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange.qti12.item import words

Answers: TypeAlias = Mapping[str, Set[str]]  # of each response, what was answered

NUMBER_TESTS = ("vargt", "vargte", "varlt", "varlte")
_PARTS = ("varequal", "varsubset", "and", "or", "not", "other", *NUMBER_TESTS)
_MOST_PARTS = 1_000  # of one item's rules: twenty gaps with ten answers each come to half of it
_FULL = 100.0  # what SCORE.max is where nothing says it


class NotUnderstoodError(Exception):
    """A rule that can't be worked out; `what` says which."""

    def __init__(self, what: Sentence) -> None:
        super().__init__(str(what))
        self.what = what


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of an answer with a value."""

    kind: str
    response: str
    value: str
    is_case_sensitive: bool = False
    index: int | None = None


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


@dataclass(frozen=True, slots=True)
class Other:
    """What holds when nothing before it did."""


Condition: TypeAlias = "Test | All | Some | Not | Other"


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition; what is set or added to the score when it holds, None where it leaves it; the comments it shows."""

    condition: Condition
    adds: bool = False
    amount: float | None = None
    shows: tuple[str, ...] = ()
    stops: bool = False

    @property
    def earns(self) -> bool:
        return self.amount is not None and self.amount > 0


def rules(item: etree._Element) -> tuple[Rule, ...]:
    """The rules of an item, in order. Raises NotUnderstoodError."""
    if sum(1 for _part in item.iter(*_PARTS)) > _MOST_PARTS:
        raise NotUnderstoodError(_("It has more rules than can be worked out."))
    full = _full(item)
    return tuple(_rule(element, full) for element in item.iter("respcondition"))


def score(given: Iterable[Rule], answers: Answers) -> float:
    """What these answers earn."""
    total, has_held = 0.0, False
    for rule in given:
        if not (not has_held if isinstance(rule.condition, Other) else holds(rule.condition, answers)):
            continue
        has_held = True
        if rule.amount is not None:
            total = total + rule.amount if rule.adds else rule.amount
        if rule.stops:
            break
    return total


def holds(condition: Condition, answers: Answers) -> bool:
    """Whether a condition holds for answers that are chosen from a list. Raises NotUnderstoodError."""
    match condition:
        case All(parts):
            return all(holds(part, answers) for part in parts)
        case Some(parts):
            return any(holds(part, answers) for part in parts)
        case Not(part):
            return not holds(part, answers)
        case Test():
            return _is_met(condition, answers)
        case Other():
            return True


def _is_met(test: Test, answers: Answers) -> bool:
    given = answers.get(test.response, frozenset())
    match test.kind:
        case "varequal":
            return test.value in given
        case "varsubset" | "varinside":
            return {part.strip() for part in test.value.split(",")} <= given
        case "unanswered":
            return not given
    raise NotUnderstoodError(_("Its rule “%(rule)s” is not understood.", rule=test.kind))


def demanded(condition: Condition) -> Iterator[Test]:
    """The comparisons that a condition asks to hold, without those it denies."""
    match condition:
        case All(parts) | Some(parts):
            for part in parts:
                yield from demanded(part)
        case Test():
            yield condition


def tests(condition: Condition) -> Iterator[Test]:
    """All comparisons of a condition, denied ones too."""
    match condition:
        case All(parts) | Some(parts):
            for part in parts:
                yield from tests(part)
        case Not(part):
            yield from tests(part)
        case Test():
            yield condition


def paired(given: Sequence[Rule]) -> Sequence[Rule]:
    """The rules of pairs to be matched: Blackboard gives them no points of their own, so each earns the same."""
    if any(rule.earns for rule in given):
        return given
    return [
        replace(rule, adds=True, amount=1.0, stops=False)
        for rule in given
        if rule.amount is None and [test.kind for test in demanded(rule.condition)] == ["varequal"]
    ]


def number(text: str) -> float | None:
    """A finite number of a file, None where there is none."""
    try:
        read = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return read if math.isfinite(read) else None


def _rule(element: etree._Element, full: float) -> Rule:
    conditions = [_condition(child) for box in element.iterchildren("conditionvar") for child in box]
    shows = tuple(child.get("linkrefid", "") for child in element.iter("displayfeedback"))
    adds, amount = _effect(element, full)
    said = element.get("continue", "").casefold()
    # Of old the default is to stop; but a rule that adds was always meant to go on to the next one.
    stops = said == "no" or (not said and amount is not None and not adds)
    condition = conditions[0] if len(conditions) == 1 else All(tuple(conditions))
    return Rule(condition, adds, amount, shows, stops)


def _effect(element: etree._Element, full: float) -> tuple[bool, float | None]:
    """Whether it adds, and what it sets or adds; other variables than the score are passed over."""
    for child in element.iter("setvar"):
        name = child.get("varname") or child.get("variablename") or "SCORE"
        if not _is_score(name):
            continue
        action, text = child.get("action", "Set").casefold(), words(child)
        amount = (
            full
            if text.casefold() == "score.max"
            else 0.0
            if text.casefold() == "score.min"
            else number(text)
        )
        if amount is None or action not in ("set", "add", "subtract"):
            raise NotUnderstoodError(_("Its points “%(points)s” are not understood.", points=text[:40]))
        return action != "set", -amount if action == "subtract" else amount
    return False, None


def _is_score(name: str) -> bool:
    return "score" in name.casefold()


def _full(item: etree._Element) -> float:
    most = (number(declared.get("maxvalue", "")) for declared in item.iter("decvar"))
    return next((value for value in most if value), _FULL)


def _condition(element: etree._Element) -> Condition:
    name = str(element.tag)
    parts = tuple(_condition(child) for child in element) if name in ("and", "or", "not") else ()
    match name:
        case "and":
            return All(parts)
        case "or":
            return Some(parts)
        case "not":
            return Not(parts[0] if len(parts) == 1 else Some(parts))
        case "other":
            return Other()
    index = element.get("index", "")
    return Test(
        name,
        element.get("respident", ""),
        words(element),
        element.get("case", "No").casefold() in ("yes", "true"),
        int(index) if index.isascii() and index.isdecimal() and len(index) < 5 else None,
    )
