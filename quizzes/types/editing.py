"""What the desk needs to know of a type: its fields, and how they become a body and a body becomes them.

The only Django in this package, with the editor.py of each type. quizzes.forms makes the form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from string import ascii_lowercase
from typing import Any, ClassVar, Literal

from django import forms
from django.utils.functional import Promise

SPARE_ROWS = 3
MOST_ROWS = 100


class Editor:
    """The fields of one type at the desk, besides stem and explanation.

    `type` names the type, `rows` are the fields as they stand, a tuple for those side by side. `places` names the field
    in which a fault of a field of the body is said, where the two are not called alike.
    """

    type: ClassVar[str]
    rows: ClassVar[tuple[str | tuple[str, ...], ...]]
    places: ClassVar[Mapping[str, str]] = {}

    def fields(self) -> dict[str, forms.Field]:
        """The form's fields by name."""
        raise NotImplementedError

    def typed(self, draft: Mapping[str, Any]) -> dict[str, Any]:
        """A body as the fields hold it; a new draft is empty."""
        return {name: draft[name] for name in self.fields() if name in draft}

    def draft(self, cleaned: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        """The fields as a body, without stem and explanation; `before` is the draft that was opened."""
        return {name: cleaned[name] for name in self.fields()}

    def field_at_fault(self, place: str) -> str:
        """The field in which a fault is said: that of its place, else the first."""
        part, names = place.partition(".")[0], list(self.fields())
        name = self.places.get(part, part)
        return name if name in names else names[0]


@dataclass(frozen=True, slots=True)
class Column:
    """One field of each row: `label` names it to a screen reader and, as placeholder, to everybody.

    "verbatim" is an area whose text keeps its leading blanks.
    """

    name: str
    label: str | Promise
    kind: Literal["check", "line", "area", "verbatim", "number", "select"] = "area"
    choices: Sequence[tuple[str, str | Promise]] = field(default=())


class RowsWidget(forms.Widget):
    """Rows of the same fields, with some empty ones below; each row carries its key along."""

    template_name = "quizzes/rows.html"
    use_fieldset = True

    def __init__(self, columns: Sequence[Column], look: str = "rows") -> None:
        super().__init__()
        self.columns, self.look = tuple(columns), look

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = list(value or [])
        spare = max(SPARE_ROWS, 4 - len(rows))
        shown = [*rows, *({} for _place in range(spare))]
        context["count"], context["look"] = len(shown), self.look
        context["rows"] = [
            {
                "key": row.get("key", ""),
                "cells": [{"column": column, "value": row.get(column.name, "")} for column in self.columns],
            }
            for row in shown
        ]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, Any]]:
        said = str(data.get(f"{name}_count", ""))
        count = min(int(said) if said.isdecimal() and len(said) < 5 else 0, MOST_ROWS)
        return [
            {
                "key": data.get(f"{name}_{place}_key", ""),
                **{
                    column.name: _cell(data, f"{name}_{place}_{column.name}", column)
                    for column in self.columns
                },
            }
            for place in range(count)
        ]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}_count" not in data

    def id_for_label(self, id_: str | None) -> str:
        return ""


def _cell(data: Any, name: str, column: Column) -> Any:
    if column.kind == "check":
        return name in data
    return verbatim(data.get(name, "")) if column.kind == "verbatim" else plain(data.get(name, ""))


class RowsField(forms.Field):
    """Rows as [{key, ...}]; a row in which nothing was typed is none. New ones get the next letter as their key."""

    def __init__(self, columns: Sequence[Column], *, look: str = "rows", **kwargs: Any) -> None:
        self.columns = tuple(columns)
        super().__init__(widget=RowsWidget(columns, look), **kwargs)

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        typed = [row for row in value or [] if any(row[column.name] for column in self._that_tell())]
        keys = fresh(row["key"] for row in typed)
        return [{**row, "key": row["key"] or next(keys, "")} for row in typed]

    def has_changed(self, initial: Any, data: Any) -> bool:
        names = ["key", *(column.name for column in self.columns)]
        kept = [{name: row.get(name, "") for name in names} for row in initial or []]
        return bool([{name: row[name] for name in names} for row in self.to_python(data)] != kept)

    def _that_tell(self) -> list[Column]:
        """A select always says something, so it does not tell that a row was filled in."""
        return [column for column in self.columns if column.kind != "select"]


def fresh(taken: Iterable[str]) -> Iterator[str]:
    """An iterator over keys not yet taken: a, b, ... z, aa, ab, ..."""
    used = set(taken)
    pairs = ("".join(pair) for pair in product(ascii_lowercase, repeat=2))
    return (key for key in (*ascii_lowercase, *pairs) if key not in used)


def keys_by_text(texts: Iterable[str], before: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """A key for each text: the one it had before, else a new one."""
    wanted = list(dict.fromkeys(texts))
    known = {str(part.get("text")): str(part.get("key")) for part in before}
    keys = {text: known[text] for text in wanted if text in known}
    new = fresh(known.values())
    return {text: keys.get(text) or next(new, "") for text in wanted}


def verbatim(text: str) -> str:
    """Typed code or output: blanks at the beginning of its first line belong to it."""
    return text.replace("\r\n", "\n").strip("\n").rstrip()


def plain(text: str) -> str:
    """A typed text without what a browser adds."""
    return text.replace("\r\n", "\n").strip()
