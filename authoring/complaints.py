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
    name = next((str(part) for part in reversed(loc) if isinstance(part, str)), "this")
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return f"“{name}” is missing.", "Add it."
        case "extra_forbidden":
            return f"“{name}” is not known here.", _suggestion(name, loc[:-1], shape)
        case "string_type":
            return f"“{name}” must be a text, not {_kind(detail['input'])}.", "Write it in quotes."
        case "string_too_short":
            return f"“{name}” is empty.", "Write something."
        case "string_too_long":
            length = len(str(detail["input"]))
            return f"“{name}” has {length} characters.", f"Shorten it to {context['max_length']}."
        case "string_pattern_mismatch":
            what = f"“{detail['input']}” is not a valid {name.removesuffix('s') if name != 'key' else 'key'}."
            return what, "Use a code such as en or pt-BR." if name == "language" else _KEY_REMEDY
        case "literal_error":
            known = str(context["expected"]).replace("'", "")
            return f"“{name}” can't be {_quoted(detail['input'])}.", f"Use {known}."
        case "too_short":
            return f"“{name}” has too few entries.", f"It needs at least {context['min_length']}."
        case "bool_type":
            return f"“{name}” must be true or false, not {_quoted(detail['input'])}.", "Write true or false."
        case "value_error":
            return f"“{name}” is {_quoted(detail['input'])}.", _sentence(str(context["error"]))
        case kind if kind.endswith("_type"):
            return f"“{name}” has the wrong type: {_kind(detail['input'])}.", _sentence(detail["msg"])
        case _:
            return f"“{name}” is {_quoted(detail['input'])}.", _sentence(detail["msg"])


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


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return f"the number {value}"
        case str():
            return "a text"
        case list() | tuple():
            return "a list"
        case dict():
            return "a mapping"
    return type(value).__name__


def _quoted(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return f"“{text}”" if len(text) <= 60 else f"“{text[:57]}…”"


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."
