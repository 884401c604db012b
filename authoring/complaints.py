"""Says in plain words what pydantic found wrong, and what mends it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from authoring.faults import Fault, Loc, Place

_KEY_REMEDY = "Use lower-case letters, digits and single hyphens, as in math-basics."


def faults(error: ValidationError, shape: type[BaseModel], place: Place) -> Iterator[Fault]:
    """One fault for each complaint about data that should have had this shape."""
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and detail["input"]:
            continue  # entries are there, but bad: each has its own complaint
        loc = tuple(part for part in detail["loc"] if part != "[key]")
        what, remedy = _words(detail, loc, shape)
        yield place.fault(loc, what, remedy)


def _words(detail: ErrorDetails, loc: Loc, shape: type[BaseModel]) -> tuple[str, str]:
    """What is wrong and the remedy. `loc` ends with the field, or with the number of an entry of it."""
    name = next((str(part) for part in reversed(loc) if isinstance(part, str)), "this")
    kind, value = detail["type"], detail["input"]
    if kind == "missing" and isinstance(loc[-1], int):
        return f"“{name}” has too few entries.", "Write it as [first, second]."
    if kind == "extra_forbidden":
        return f"“{name}” is not known here.", _suggestion(name, loc[:-1], shape)
    if kind == "string_pattern_mismatch":
        remedy = "Use a code such as en or pt-BR." if name == "language" else _KEY_REMEDY
        return f"{_quoted(value)} in “{name}” has characters that it can't have.", remedy
    if kind == "value_error":
        return f"“{name}” is {_quoted(value)}." if loc else _REASON, _sentence(_said(detail))
    context = {**detail.get("ctx", {}), "name": name, "value": _quoted(value), "kind": _kind(value)}
    context["length"] = len(value) if isinstance(value, str | list) else 0
    what, remedy = _SENTENCES.get(kind, ("“{name}” is {value}.", _sentence(detail["msg"]).replace("{", "{{")))
    return what.format_map(context), remedy.format_map(context).replace("'", "")


_REASON = "The fields don’t fit together."
_SENTENCES = {
    "missing": ("“{name}” is missing.", "Add it."),
    "string_type": ("“{name}” must be a text, not {kind}.", "Write it in quotes."),
    "string_too_short": ("“{name}” is empty.", "Write something."),
    "string_too_long": ("“{name}” has {length} characters.", "Shorten it to {max_length}."),
    "literal_error": ("“{name}” can't be {value}.", "Use {expected}."),
    "too_short": ("“{name}” has too few entries.", "It needs at least {min_length}."),
    "too_long": ("“{name}” has too many entries.", "It takes at most {max_length}."),
    "bool_type": ("“{name}” must be true or false, not {value}.", "Write true or false."),
    "int_type": ("“{name}” must be a whole number, not {kind}.", "Write a number without quotes."),
    "float_type": ("“{name}” must be a number, not {kind}.", "Write a number without quotes."),
    "float_parsing": ("“{name}” must be a number, not {value}.", "Write a number."),
    "tuple_type": ("“{name}” must be a list, not {kind}.", "Write it as [first, second]."),
    "dict_type": ("“{name}” must be names with values, not {kind}.", "Write lines such as “name: value”."),
    "model_type": ("“{name}” must be names with values, not {kind}.", "Write lines such as “name: value”."),
    "greater_than_equal": ("“{name}” is {value}.", "It must be at least {ge}."),
    "less_than_equal": ("“{name}” is {value}.", "It must be at most {le}."),
}


def _said(detail: ErrorDetails) -> str:
    """What our own rule said."""
    return str(detail.get("ctx", {}).get("error", detail["msg"]))


def did_you_mean(name: str, known: list[str] | set[str]) -> str:
    """A hint at the known name that is nearest, empty when none is near."""
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"Did you mean “{near[0]}”?" if near else ""


def _suggestion(name: str, parent: Loc, shape: type[BaseModel]) -> str:
    known = _names(shape, parent)
    return did_you_mean(name, known) or f"Take it out; known here: {', '.join(known)}."


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


_NAMES: dict[type, str] = {
    str: "a text",
    list: "a list",
    tuple: "a list",
    dict: "a mapping",
    bool: "true or false",
}


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    return _NAMES.get(type(value), f"the number {value}")


def _quoted(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return f"“{text}”" if len(text) <= 60 else f"“{text[:57]}…”"


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."
