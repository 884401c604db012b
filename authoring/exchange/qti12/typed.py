"""What may be typed as an answer of QTI 1.2: the texts or the numbers that its rules take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from accounts.sentences import sentence as _
from authoring.exchange.drafting import NOT_TOLD, CannotBeCarriedError, Drafting, interval
from authoring.exchange.qti12.conditions import (
    NUMBER_TESTS,
    All,
    Condition,
    Not,
    Other,
    Rule,
    Some,
    Test,
    number,
    tests,
)
from authoring.exchange.qti12.item import Response

_SEVERAL = _("Several numbers are right that do not lie together, which no type here knows.")


def rule(
    response: Response, rules: Sequence[Rule], drafting: Drafting, kind: str
) -> tuple[str, dict[str, Any]]:
    """`numeric` or `short_text`, and the fields that say what is right. Raises CannotBeCarriedError."""
    best = max((rule.amount or 0 for rule in _about(response, rules)), default=0)
    right = [rule for rule in _about(response, rules) if rule.amount == best]
    if best <= 0:
        raise CannotBeCarriedError(NOT_TOLD)
    if any(0 < (other.amount or 0) < best for other in _about(response, rules)):
        drafting.lose(_("Points for an answer that is partly right."))
    if _is_number(response, right, kind):
        return "numeric", _number(response, right, drafting)
    return "short_text", _text(response, right, drafting)


def _about(response: Response, rules: Sequence[Rule]) -> list[Rule]:
    """The rules that earn something and ask for this answer."""
    return [
        rule
        for rule in rules
        if rule.earns and any(test.response == response.ident for test in tests(rule.condition))
    ]


def _is_number(response: Response, right: Sequence[Rule], kind: str) -> bool:
    if kind:
        return kind == "numeric" or (kind == "cloze" and _compares(response, right))
    return (
        response.kind == "num"
        or response.fibtype in ("integer", "decimal", "scientific")
        or _compares(response, right)
    )


def _compares(response: Response, right: Sequence[Rule]) -> bool:
    return any(
        test.kind in NUMBER_TESTS
        for rule in right
        for test in tests(rule.condition)
        if test.response == response.ident
    )


def _text(response: Response, right: Sequence[Rule], drafting: Drafting) -> dict[str, Any]:
    taken = [
        test for rule in right for test in _alternatives(rule.condition) if test.response == response.ident
    ]
    answers = list(dict.fromkeys(test.value for test in taken if test.value))
    if not answers:
        raise CannotBeCarriedError(NOT_TOLD)
    is_case_sensitive = all(test.is_case_sensitive for test in taken)
    if not is_case_sensitive and any(test.is_case_sensitive for test in taken):
        drafting.lose(_("That the case of letters counts in some of its answers."))
    return {"answers": answers, **({"case_sensitive": True} if is_case_sensitive else {})}


def _alternatives(condition: Condition) -> Iterator[Test]:
    """The texts of which each alone is right; several beside each other are meant so, as none can be all of them."""
    match condition:
        case All(parts) | Some(parts):
            for part in parts:
                yield from _alternatives(part)
        case Test("varequal"):
            yield condition
        case Test(kind):
            raise CannotBeCarriedError(_("Its rule “%(rule)s” is not understood.", rule=kind))
        case Not() | Other():
            raise CannotBeCarriedError(NOT_TOLD)


def _number(response: Response, right: Sequence[Rule], drafting: Drafting) -> dict[str, Any]:
    spans = sorted({span for rule in right for span in _spans(rule.condition, response.ident, drafting)})
    if not spans:
        raise CannotBeCarriedError(NOT_TOLD)
    low, high = min(spans)[0], max(end for _start, end in spans)
    widest = max(spans, key=lambda span: span[1] - span[0])
    if widest != (low, high):
        raise CannotBeCarriedError(_SEVERAL)
    middle = (low + high) / 2
    exact = [start for start, end in spans if start == end]
    if len(exact) == 1 and abs(exact[0] - middle) <= 1e-9 * max(1.0, abs(middle)):
        return {"answer": exact[0], **({"tolerance": round((high - low) / 2, 12)} if high > low else {})}
    return interval(low, high)


def _spans(condition: Condition, response: str, drafting: Drafting) -> Iterator[tuple[float, float]]:
    """The numbers that a condition takes, as closed spans. Raises CannotBeCarriedError for all but plain ones."""
    match condition:
        case Some(parts):
            for part in parts:
                yield from _spans(part, response, drafting)
        case All(parts):
            yield _both(parts, response, drafting)
        case Test("varequal", of, value) if of == response:
            yield (_read(value), _read(value))
        case _:
            raise CannotBeCarriedError(NOT_TOLD)


def _both(parts: Sequence[Condition], response: str, drafting: Drafting) -> tuple[float, float]:
    lows, highs = [], []
    for part in parts:
        if not isinstance(part, Test) or part.response != response:
            if len(parts) == 1:
                (span,) = _spans(part, response, drafting)
                return span
            raise CannotBeCarriedError(NOT_TOLD)
        if part.kind in ("vargt", "varlt"):
            drafting.lose(_("That a bound of its range does not count itself; here it does."))
        lows += [_read(part.value)] if part.kind in ("vargt", "vargte", "varequal") else []
        highs += [_read(part.value)] if part.kind in ("varlt", "varlte", "varequal") else []
    if not lows or not highs or max(lows) > min(highs):
        raise CannotBeCarriedError(NOT_TOLD)
    return max(lows), min(highs)


def _read(text: str) -> float:
    if (read := number(text)) is None:
        raise CannotBeCarriedError(_("“%(text)s” is no number.", text=text[:40]))
    return read
