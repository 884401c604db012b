"""Says in plain words what pydantic found wrong, and what mends it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from accounts.sentences import NOTHING, Sentence, Value
from accounts.sentences import sentence as _
from authoring.faults import Fault, Loc, Place
from quizzes.bodies import place_of, said_by_rule

_KEY_REMEDY = _("Use lower-case letters, digits and single hyphens, as in math-basics.")
Words = tuple[Sentence, Sentence]
_MOST_COMPARED = 2000  # names; each is compared letter by letter


def faults(error: ValidationError, shape: type[BaseModel], place: Place) -> Iterator[Fault]:
    """One fault for each complaint about data that should have had this shape."""
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and detail["input"]:
            continue  # entries are there, but bad: each has its own complaint
        loc = place_of(detail)
        what, remedy = _words(detail, loc, shape)
        yield place.fault(loc, what, remedy)


def _words(detail: ErrorDetails, loc: Loc, shape: type[BaseModel]) -> Words:
    """What is wrong and the remedy. `loc` ends with the field, or with the number of an entry of it."""
    name = next((str(part) for part in reversed(loc) if isinstance(part, str)), "this")
    kind, value = detail["type"], detail["input"]
    if kind == "missing" and isinstance(loc[-1], int):
        return _("“%(name)s” has too few entries.", name=name), _AS_A_LIST
    if kind == "extra_forbidden":
        return _("“%(name)s” is not known here.", name=name), _suggestion(name, loc[:-1], shape)
    if kind == "string_pattern_mismatch":
        remedy = _("Use a code such as en or pt-BR.") if name == "language" else _KEY_REMEDY
        what = _("%(value)s in “%(name)s” has characters that it can't have.")
        return what.filled(value=_quoted(value), name=name), remedy
    if kind == "value_error":
        return (_IS.filled(name=name, value=_quoted(value)) if loc else _REASON), said_by_rule(detail)
    values = _values(detail, name)
    if kind not in _SENTENCES:
        return _IS.filled(**values), said_by_rule(detail)
    what, remedy = _SENTENCES[kind]
    return what.filled(**values), remedy.filled(**values)


def _values(detail: ErrorDetails, name: str) -> dict[str, Value]:
    """What the sentences of a complaint may name."""
    value, context = detail["input"], detail.get("ctx", {})
    limits: dict[str, Value] = {
        key: limit for key, limit in context.items() if isinstance(limit, int | float)
    }
    return {
        **limits,
        "name": name,
        "value": _quoted(value),
        "kind": _kind(value),
        "length": len(value) if isinstance(value, str | list) else 0,
        "expected": _alternatives(str(context.get("expected", ""))),
    }


_REASON = _("The fields don’t fit together.")
_IS = _("“%(name)s” is %(value)s.")
_AS_A_LIST = _("Write it as [first, second].")
_AS_NAMES = _("Write lines such as “name: value”.")
_AS_A_DAY = _("A day is written as 2026-11-24.")
_WITHOUT_QUOTES = _("Write a number without quotes.")
_SENTENCES = {
    "missing": (_("“%(name)s” is missing."), _("Add it.")),
    "string_type": (_("“%(name)s” must be a text, not %(kind)s."), _("Write it in quotes.")),
    "string_too_short": (_("“%(name)s” is empty."), _("Write something.")),
    "string_too_long": (_("“%(name)s” has %(length)s characters."), _("Shorten it to %(max_length)s.")),
    "literal_error": (_("“%(name)s” can't be %(value)s."), _("Use %(expected)s.")),
    "too_short": (_("“%(name)s” has too few entries."), _("It needs at least %(min_length)s.")),
    "too_long": (_("“%(name)s” has too many entries."), _("It takes at most %(max_length)s.")),
    "bool_type": (_("“%(name)s” must be true or false, not %(value)s."), _("Write true or false.")),
    "int_type": (_("“%(name)s” must be a whole number, not %(kind)s."), _WITHOUT_QUOTES),
    "float_type": (_("“%(name)s” must be a number, not %(kind)s."), _WITHOUT_QUOTES),
    "float_parsing": (_("“%(name)s” must be a number, not %(value)s."), _("Write a number.")),
    "finite_number": (_("“%(name)s” must be a number, not %(value)s."), _("Write a finite number.")),
    "tuple_type": (_("“%(name)s” must be a list, not %(kind)s."), _AS_A_LIST),
    "dict_type": (_("“%(name)s” must be names with values, not %(kind)s."), _AS_NAMES),
    "model_type": (_("“%(name)s” must be names with values, not %(kind)s."), _AS_NAMES),
    "model_attributes_type": (_("“%(name)s” must be names with values, not %(kind)s."), _AS_NAMES),
    "date_parsing": (_IS, _AS_A_DAY),
    "date_from_datetime_parsing": (_IS, _AS_A_DAY),
    "date_from_datetime_inexact": (_IS, _AS_A_DAY),
    "greater_than_equal": (_IS, _("It must be at least %(ge)s.")),
    "less_than_equal": (_IS, _("It must be at most %(le)s.")),
}


def did_you_mean(name: str, known: list[str] | set[str]) -> Sentence:
    """A hint at the known name that is nearest, empty when none is near or there are too many to compare."""
    if len(known) > _MOST_COMPARED:
        return NOTHING
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return _("Did you mean “%(name)s”?", name=near[0]) if near else NOTHING


def _suggestion(name: str, parent: Loc, shape: type[BaseModel]) -> Sentence:
    known = _names(shape, parent)
    return did_you_mean(name, known) or _("Take it out; known here: %(names)s.", names=", ".join(known))


def _names(shape: Any, loc: Loc) -> list[str]:
    """The names of the fields that stand where `loc` leads to."""
    for part in loc:
        shape = _shape_below(_plain(shape), part)
    plain = _plain(shape)
    return list(plain.model_fields) if isinstance(plain, type) and issubclass(plain, BaseModel) else []


def _shape_below(shape: Any, part: str | int) -> Any:
    if isinstance(part, int):
        return next(iter(get_args(shape)), None)
    fields = getattr(shape, "model_fields", {})
    return fields[part].annotation if part in fields else None


def _plain(shape: Any) -> Any:
    """The shape without what is written round it: Annotated, or None as the other choice."""
    if get_origin(shape) is Annotated:
        return _plain(get_args(shape)[0])
    if get_origin(shape) in (Union, UnionType):
        return _plain(next(choice for choice in get_args(shape) if choice is not type(None)))
    return shape


_NAMES: dict[type, Sentence] = {
    str: _("a text"),
    list: _("a list"),
    tuple: _("a list"),
    dict: _("a mapping"),
    bool: _("true or false"),
}


def _kind(value: object) -> Sentence:
    if value is None:
        return _("nothing")
    return _NAMES.get(type(value)) or _("the number %(number)s", number=str(value))


def _quoted(value: object) -> Value:
    if value is None:
        return _("“nothing”")
    text = str(value)
    return f"“{text}”" if len(text) <= 60 else f"“{text[:57]}…”"


def _alternatives(expected: str) -> Value:
    """Names of pydantic's "'a', 'b' or 'c'"."""
    some, _or, last = expected.replace("'", "").rpartition(" or ")
    return _("%(some)s or %(last)s", some=some, last=last) if some else last
