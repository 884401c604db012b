"""Operators of QTI 2: each gets its element and the values of its parts. They raise NotUnderstoodError."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from lxml import etree

from accounts.sentences import sentence as _
from authoring.exchange.qti2.item import number
from authoring.exchange.qti2.values import Bag, NotUnderstoodError, Value, unknown

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
        raise unknown(element)
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
        raise unknown(element)
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
        raise unknown(element)
    return parts


OPERATORS: Mapping[str, Operator] = {
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
