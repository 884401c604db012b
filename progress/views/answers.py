"""Answers as a form without script sends them: fields q1, q2[] (checkboxes), q3.part (questions of several fields)."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import QueryDict

from quizzes.saves import LONGEST, LONGEST_TEXT

MOST_FIELDS = 5000
MOST_TICKS = 50
LONGEST_PART = 40
MOST_PARTS = 50


def values_of(form: QueryDict, fields: Iterable[str]) -> dict[str, object]:
    """By field what was answered, as the player's script would have sent it; None where nothing was said."""
    parts: dict[str, dict[str, str]] = {}
    for name in list(form)[:MOST_FIELDS]:
        field, dot, part = name.partition(".")
        said = parts.setdefault(field, {}) if dot and len(part) <= LONGEST_PART else None
        if said is not None and len(said) < MOST_PARTS:
            said[part] = _cleaned(form.get(name, ""))
    return {field: _value(form, field, parts.get(field)) for field in fields}


def _value(form: QueryDict, field: str, parts: dict[str, str] | None) -> object:
    said = form.get(field)
    ticked = [_cleaned(text) for text in form.getlist(f"{field}[]")[:MOST_TICKS]]
    return ticked or parts or (None if said is None else _cleaned(said, LONGEST_TEXT))


def _cleaned(text: str, longest: int = LONGEST) -> str:
    """Lines end as in the player's script; a form sends them longer than the field counted them."""
    return text.replace("\x00", "").replace("\r\n", "\n")[:longest]
