"""The types of question by name, and what is wrong with a body. The types themselves live in quizzes.types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from quizzes import types
from quizzes.types.base import Asked, Body

__all__ = ["TYPES", "Asked", "Body", "BodyFault", "UnknownTypeError", "body", "faults", "said_by_rule"]


def _found() -> Mapping[str, type[Body]]:
    """Each folder of quizzes.types is a type: the class of its body is the one that bears the folder's name."""
    bodies = {}
    for folder in iter_modules(types.__path__):
        if folder.ispkg:
            named = import_module(f"{types.__name__}.{folder.name}.body")
            bodies[folder.name] = next(
                kind for kind in vars(named).values() if getattr(kind, "type", None) == folder.name
            )
    return dict(sorted(bodies.items(), key=lambda named: named[1].rank))


TYPES = _found()


class UnknownTypeError(ValueError):
    """No question type has this name."""


def body(type_: str, data: object) -> Body:
    """The body of this type from plain data.

    Raises UnknownTypeError, or pydantic's ValidationError with every fault.
    """
    if type_ not in TYPES:
        known = ", ".join(TYPES)
        raise UnknownTypeError(
            _("“%(type)s” is no type of question; there are %(known)s.", type=type_, known=known)
        )
    return TYPES[type_].model_validate(data)


def written(type_: str, data: Any) -> Any:
    """Plain data of a body with its fields in the order in which they are written; unknown ones last, by name."""
    return _in_order(data, [TYPES[type_]] if type_ in TYPES else [])


def _in_order(data: Any, shapes: list[type[BaseModel]]) -> Any:
    if isinstance(data, list | tuple):
        return [_in_order(item, shapes) for item in data]
    if not isinstance(data, dict):
        return data
    fields = {
        name: field.annotation for shape in reversed(shapes) for name, field in shape.model_fields.items()
    }
    place = {name: number for number, name in enumerate(fields)}
    names = sorted(data, key=lambda name: (place.get(name, len(place)), name))
    return {name: _in_order(data[name], list(_shapes(fields.get(name)))) for name in names}


def _shapes(annotation: Any) -> Iterator[type[BaseModel]]:
    """The parts that a field may hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _shapes(inner)


class BodyFault(NamedTuple):
    """What is wrong with a body: `place` leads to it, as in options.1.text, and is empty for the whole."""

    place: str
    what: Sentence

    def sentence(self) -> Sentence:
        """Both in one."""
        if not self.place:
            return self.what
        return _("%(place)s: %(fault)s", place=self.place, fault=self.what)


def faults(type_: str, data: object) -> list[BodyFault]:
    """What is wrong with a body; empty when it is right."""
    try:
        body(type_, data)
    except ValidationError as invalid:
        return [_fault(error) for error in invalid.errors() if not _is_doubled(error)]
    except UnknownTypeError as unknown:
        return [BodyFault("", unknown.args[0])]
    return []


def said_by_rule(error: ErrorDetails) -> Sentence:
    """The sentence that a rule of ours raised as a ValueError; else pydantic's own words, in English."""
    raised = error.get("ctx", {}).get("error")
    said = raised.args[0] if isinstance(raised, ValueError) and raised.args else error["msg"]
    return said if isinstance(said, Sentence) else Sentence("%(reason)s", (("reason", str(said)),))


def place_of(error: ErrorDetails) -> tuple[str | int, ...]:
    """Where a fault is, without what pydantic adds in square brackets: a mapping's key, the kind of a gap."""
    return tuple(part for part in error["loc"] if (str(part)[:1], str(part)[-1:]) != ("[", "]"))


_PLAIN = {
    "missing": _("It is missing."),
    "extra_forbidden": _("A question of this type has no such field."),
    "bool_type": _("Write true or false."),
    "string_type": _("Write a text."),
    "string_pattern_mismatch": _("Use lower-case letters, digits and single hyphens."),
    "string_too_short": _("This text is empty."),
    "string_too_long": _("It is too long."),
    "int_type": _("Write a whole number."),
    "float_type": _("Write a number."),
    "float_parsing": _("Write a number."),
    "finite_number": _("Write a finite number."),
    "greater_than": _("It must be above 0."),
    "greater_than_equal": _("It must not be below 0."),
    "less_than": _("It must be below 1."),
    "less_than_equal": _("It is too great."),
    "literal_error": _("There is no such choice."),
    "too_short": _("Give at least one."),
    "too_long": _("There are too many."),
    "tuple_type": _("Write a list."),
    "model_type": _("Write fields with their values."),
    "model_attributes_type": _("Write fields with their values."),
}


def _is_doubled(error: ErrorDetails) -> bool:
    """Entries are there, but bad: each has its own complaint."""
    return error["type"] == "too_short" and bool(error["input"])


def _fault(error: ErrorDetails) -> BodyFault:
    place = ".".join(str(part + 1) if isinstance(part, int) else part for part in place_of(error))
    return BodyFault(place, _PLAIN.get(error["type"]) or said_by_rule(error))
