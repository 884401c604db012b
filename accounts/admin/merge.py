"""Two people's changes to one page of the desk, laid together field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.forms import MultiWidget
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext

from accounts.admin import sheets
from accounts.admin.sheets import Page, Sheet
from accounts.controls import sent

# What is posted for one form, its prefix taken off the names.
Typed = dict[str, list[str]]

CHOSEN = "chosen:"


@dataclass(frozen=True)
class Choice:
    """One field that two people changed differently, and the radio that says which value stays."""

    name: str
    label: str
    theirs: str
    mine: str


@dataclass
class Merged:
    """What is to stand in the form now, and what is said about it."""

    data: QueryDict
    choices: list[Choice] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    is_same: bool = True  # nothing that she typed differs from what the rows say now

    def took(self, label: str) -> None:
        if label not in self.taken:
            self.taken.append(label)


def merge(data: QueryDict, opened: Sheet, now: Page, mine: Page) -> Merged:
    """Her typed values stay; a field that only the other changed takes the other's; one that both changed is a choice.

    `now` are the page's forms over the rows as they are, `mine` the same forms bound to `data`.
    """
    merged = Merged(data.copy())
    row = _Row(opened.get(sheets.ROOT), now.form, mine.form, "")
    names = [bound.name for bound in now.form]
    for bound, value in row.merge(merged, ""):
        _put(merged.data, _own(merged.data, bound.name, names), dict(value))
    for formset, typed in zip(now.formsets, mine.formsets, strict=True):
        _merge_rows(merged, opened, formset, typed)
    return merged


def choose(data: QueryDict, now: Page) -> QueryDict:
    """The posted values, those of the other in the fields where she chose them."""
    chosen = data.copy()
    forms = {"": now.form}
    for formset in now.formsets:
        by_pk = {str(form.instance.pk): form for form in formset.initial_forms}
        for place in range(_number(data, f"{formset.prefix}-INITIAL_FORMS")):
            prefix = f"{formset.prefix}-{place}"
            if form := by_pk.get(data.get(f"{prefix}-{formset.model._meta.pk.name}", "")):  # noqa: SLF001
                forms[f"{prefix}-"] = form
    for key in [key for key in data if key.startswith(CHOSEN)]:
        is_theirs = chosen.pop(key)[-1] == "theirs"
        prefix, dash, name = key.removeprefix(CHOSEN).rpartition("-")
        form = forms.get(prefix + dash)
        if is_theirs and form and name in form.fields:
            theirs = {prefix + dash + short: values for short, values in _sent(form[name]).items()}
            names = [prefix + dash + other for other in form.fields]
            _put(chosen, _own(chosen, prefix + dash + name, names), theirs)
    return chosen


class _Row:
    """One row of the page: as it was opened, as it is, and as she typed it."""

    def __init__(self, opened: dict[str, str] | None, now: Any, mine: Any, title: str) -> None:
        self.opened = opened
        self.now = now
        self.mine = mine
        self.title = title

    def merge(self, merged: Merged, prefix: str) -> Iterator[tuple[BoundField, Typed]]:
        """The fields that take the other's value, with what a browser would send of it; notes the rest."""
        opened = self.opened or {}
        for bound in sheets.fields(self.now):
            typed = self.mine[bound.name]
            verdict = sheets.weigh(opened.get(bound.name), sheets.kept(bound), sheets.typed(typed))
            if verdict == "theirs":
                merged.took(self._label(bound))
                yield bound, _sent(bound)
            merged.is_same = merged.is_same and verdict in {"same", "theirs"}
            if verdict == "both":
                said = _said(bound, bound.value()), _said(bound, typed.value())
                merged.choices.append(Choice(f"{prefix}{bound.name}", self._label(bound), *said))

    def is_touched(self) -> bool:
        """True when she changed something, as far as is known."""
        opened = self.opened or {}
        return any(sheets.typed(bound) != opened.get(bound.name) for bound in sheets.fields(self.mine))

    def _label(self, bound: BoundField) -> str:
        label = str(bound.label)
        return f"{self.title}: {label}" if self.title else label


def _merge_rows(merged: Merged, opened: Sheet, now: Any, mine: Any) -> None:
    """Lay the rows below together and number them anew: those there are, then those that she adds."""
    prefix, pk = now.prefix, now.model._meta.pk.name  # noqa: SLF001  # Django documents it
    data = merged.data
    count = min(_number(data, f"{prefix}-INITIAL_FORMS"), len(mine.forms))
    typed = {str(data.get(f"{prefix}-{place}-{pk}", "")): place for place in range(count)}
    rows: list[Typed] = []
    for form in now.initial_forms:
        place, was = typed.pop(str(form.instance.pk), None), opened.get(f"{prefix}:{form.instance.pk}")
        if place is None:
            merged.took(gettext("new: %(row)s") % {"row": form.instance})
            rows.append({key: values for bound in form for key, values in _sent(bound).items()})
            continue
        rows.append(_of_row(data, f"{prefix}-{place}-"))
        row = _Row(was, form, mine.forms[place], str(form.instance))
        for bound, value in row.merge(merged, f"{prefix}-{len(rows) - 1}-"):
            for name in _own(rows[-1], bound.name, list(form.fields)):
                rows[-1].pop(name)
            rows[-1] |= value
        if "DELETE" in rows[-1]:
            merged.is_same = False
    initial = len(rows)
    rows += _gone(merged, opened, mine, typed)
    added = [
        _of_row(data, f"{prefix}-{place}-") for place in range(count, _number(data, f"{prefix}-TOTAL_FORMS"))
    ]
    merged.is_same = merged.is_same and not any(form.has_changed() for form in mine.extra_forms)
    _renumber(data, prefix, [*rows, *added], initial)


def _gone(merged: Merged, opened: Sheet, mine: Any, typed: dict[str, int]) -> list[Typed]:
    """Rows that the other removed: those that she edited come back as new ones, the rest goes."""
    kept: list[Typed] = []
    for pk, place in typed.items():
        row = _Row(opened.get(f"{mine.prefix}:{pk}"), None, mine.forms[place], "")
        was = _of_row(merged.data, f"{mine.prefix}-{place}-")
        name = _title(was)
        if row.is_touched() and "DELETE" not in was:
            merged.is_same = False
            was.pop(mine.model._meta.pk.name, None)  # noqa: SLF001  # Django documents it
            kept.append(was)
            merged.gone.append(
                gettext("“%(row)s” was removed; with what you typed it is a new one.") % {"row": name}
            )
        else:
            merged.gone.append(gettext("“%(row)s” was removed.") % {"row": name})
    return kept


def _title(row: Typed) -> str:
    values = (row[name][-1] for name in ("title", "question", "key") if row.get(name))
    return next(values, gettext("A row"))


def _renumber(data: QueryDict, prefix: str, rows: list[Typed], initial: int) -> None:
    for key in [key for key in data if key.startswith(f"{prefix}-")]:
        if key.removeprefix(f"{prefix}-").partition("-")[0].isdecimal():
            del data[key]
    data[f"{prefix}-INITIAL_FORMS"], data[f"{prefix}-TOTAL_FORMS"] = str(initial), str(len(rows))
    for place, row in enumerate(rows):
        for name, values in row.items():
            data.setlist(f"{prefix}-{place}-{name}", values)


def _sent(bound: BoundField) -> Typed:
    """What a browser would send of the field as it is, the prefix of its form taken off the names."""
    prefix = f"{bound.form.prefix}-" if bound.form.prefix else ""
    found: Typed = {}
    for name, value in sent(bound.as_widget()):
        found.setdefault(name.removeprefix(prefix), []).append(value)
    return found


def _of_row(data: QueryDict, prefix: str) -> Typed:
    return {key.removeprefix(prefix): values for key, values in data.lists() if key.startswith(prefix)}


def _own(data: Any, name: str, others: list[str]) -> list[str]:
    """The posted names that belong to this field: its own and, of a field with several controls, `name_...`."""
    longer = [other for other in others if other.startswith(f"{name}_")]
    mine = [key for key in data if key == name or key.startswith(f"{name}_")]
    return [key for key in mine if not any(key == other or key.startswith(f"{other}_") for other in longer)]


def _put(data: QueryDict, old: list[str], new: Typed) -> None:
    for key in old:
        del data[key]
    for key, values in new.items():
        data.setlist(key, values)


def _number(data: QueryDict, name: str) -> int:
    text = data.get(name, "")
    return min(int(text), 2000) if text.isdecimal() else 0


def _said(bound: BoundField, value: Any) -> str:
    """A value as a reader would see it: the words of a choice, a line a point."""
    chosen = value if isinstance(value, list | tuple | set) else [value]
    if hasattr(bound.field, "queryset"):
        pks = [getattr(row, "pk", row) for row in chosen if row not in (None, "")]
        return ", ".join(map(str, bound.field.queryset.model._base_manager.filter(pk__in=_ids(pks))))  # noqa: SLF001
    if choices := dict(getattr(bound.field, "choices", ())):
        words = {str(key): str(label) for key, label in choices.items()}
        return ", ".join(words.get(str(one), str(one)) for one in chosen)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    prepared = bound.field.prepare_value(value)
    if isinstance(prepared, str | int | float):
        return str(prepared)
    widget = bound.field.widget
    if isinstance(widget, MultiWidget) and not isinstance(prepared, list):
        return _flat(widget.decompress(prepared))
    return _flat(prepared)


def _ids(values: list[Any]) -> list[int]:
    return [int(value) for value in values if str(value).isdecimal()]


def _flat(value: Any) -> str:
    match value:
        case None:
            return ""
        case dict():
            return " · ".join(filter(None, map(_flat, value.values())))
        case list() | tuple():
            return "\n".join(filter(None, map(_flat, value)))
        case _:
            return str(value)
