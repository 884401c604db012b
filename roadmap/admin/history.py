"""What a draft was: each change in words, before and after, and a way back to any of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Model, OuterRef, Subquery, Value
from django.forms.models import _get_foreign_key
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext

from accounts.admin.opened import OpenedAdmin
from accounts.apart import Part, apart
from accounts.models import history
from accounts.models.history import History

CHANGES_ON_A_PAGE = 30
AS_OF = "as_of"

Record = Any  # the library makes its models at run time


@dataclass(frozen=True)
class Line:
    """One field of a change."""

    label: str
    before: list[Part]
    after: list[Part]


@dataclass(frozen=True)
class Entry:
    """One change of the draft, or of a row below it whose name is `row`."""

    at: datetime
    who: str
    act: str
    row: str
    is_whole: bool  # it came or went, and `lines` is all there is of it
    lines: list[Line]
    restore_url: str


class HistoryAdmin(OpenedAdmin):
    """Forms of rows that keep a history: the page of it, and the form as the row was at one of its changes."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """All changes of the row and of what is edited on its page, newest first."""
        row = get_object_or_404(self.get_queryset(request), pk=_whole(object_id))
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        page = Paginator(self._changes(request, row), CHANGES_ON_A_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("History of %(name)s") % {"name": row},
            "row": row,
            "opts": self.opts,
            "crumbs": self._way_back(row),
            "page": page,
            "entries": self._entries_of(page.object_list, row),
        }
        return render(request, "admin/draft_history.html", context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """With ?as_of=… the form holds what the row was; saving it is a change like any other."""
        if request.method == "GET" and object_id and AS_OF in request.GET:
            row = self.get_object(request, object_id)
            record = _record(self.model, object_id, request.GET[AS_OF])
            if row is not None and self.has_change_permission(request, row):
                extra_context = {**(extra_context or {}), "opened": self.opened(request, row)}
                request.desk_as_of = record  # type: ignore[attr-defined]  # for `get_object`, which admin calls
                said = gettext("These are the values of %(day)s. Save to bring them back.")
                day = date_format(record.history_date, "j M Y, H:i")
                self.message_user(request, said % {"day": day}, messages.WARNING)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        record = getattr(request, "desk_as_of", None)
        if row is not None and record is not None:
            _put_back(row, record)
        return row

    def _way_back(self, row: Any) -> list[tuple[str, str]]:
        crumbs: list[tuple[str, str]] = self.crumbs(row)  # type: ignore[attr-defined]  # of every draft's class
        here = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        return [*crumbs, (str(row), here)]

    def _changes(self, request: HttpRequest, row: Model) -> Any:
        """(history_date, history_id, model's label) of the row and of the rows below that have no page of their own."""
        own = _histories(self.model, {self.model._meta.pk.name: row.pk})  # noqa: SLF001  # Django documents it
        below = [
            _histories(
                inline.model, {_get_foreign_key(self.model, inline.model, fk_name=inline.fk_name).name: row}
            )
            for inline in self.get_inline_instances(request, row)
            if inline.model not in self.admin_site._registry and hasattr(inline.model, "history")  # noqa: SLF001
        ]
        return own.union(*below, all=True).order_by("-history_date", "-history_id")

    def _entries_of(self, found: Iterable[tuple[datetime, int, str]], row: Model) -> list[Entry]:
        by_model: dict[str, list[int]] = {}
        for _, pk, label in found:
            by_model.setdefault(label, []).append(pk)
        read = {label: _Records(label, pks) for label, pks in by_model.items()}
        return [self._entry(read[label], pk, row) for _, pk, label in found]

    def _entry(self, records: _Records, pk: int, row: Model) -> Entry:
        record, is_own = records.found[pk], records.model is self.model
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        may_restore = is_own and record.history_type != "-"
        return Entry(
            at=record.history_date,
            who=_who(record),
            act=_act(record),
            row="" if is_own else f"{records.model._meta.verbose_name} “{records.name(record)}”",  # noqa: SLF001
            is_whole=record.history_type != "~",
            lines=list(records.lines(record)),
            restore_url=f"{url}?{AS_OF}={pk}" if may_restore else "",
        )


class _Records:
    """Changes of rows of one model, each with the one before it, in a fixed number of queries."""

    def __init__(self, label: str, pks: Sequence[int]) -> None:
        kept = _kept_model(label)
        self.model = kept.instance_type
        older = kept.objects.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
        records = kept.objects.filter(pk__in=pks).select_related("history_user")
        annotated = records.annotate(older=Subquery(older.order_by("-history_id").values("history_id")[:1]))
        self.found = {record.pk: record for record in annotated}
        self.before = kept.objects.in_bulk([record.older for record in self.found.values() if record.older])
        both = [*self.found.values(), *self.before.values()]
        self.fields = [field for field in kept.tracked_fields if field.name not in {"id", "roadmap"}]
        self.names = {field.name: _names(field, both) for field in self.fields if field.is_relation}
        self.links = {field: _links(field, both) for field in kept._history_m2m_fields}  # noqa: SLF001  # the library's

    def name(self, record: Record) -> str:
        for name in ("title", "question", "resource"):
            if value := getattr(record, f"{name}_id" if name in self.names else name, None):
                return str(self.names[name].get(value, value)) if name in self.names else str(value)
        return str(record.id)

    def lines(self, record: Record) -> Iterator[Line]:
        before = self.before.get(record.older)
        for field in self.fields:
            old = "" if before is None else self._said(field, before)
            new = "" if record.history_type == "-" else self._said(field, record)
            if old != new:
                yield Line(str(field.verbose_name), *apart(old, new))
        for field, names in self.links.items():
            old, new = names.get(record.older, ""), names.get(record.pk, "")
            if old != new and record.history_type != "-":
                yield Line(str(field.verbose_name), *apart(old, new))

    def _said(self, field: Any, record: Record) -> str:
        value = getattr(record, field.attname)
        if field.is_relation:
            return str(self.names[field.name].get(value, "")) if value else ""
        if field.flatchoices:
            return str(dict(field.flatchoices).get(value, value))
        return said(value)


def said(value: object) -> str:  # noqa: PLR0911  # a line a type
    """A value as plain text: a line an item, nested ones indented."""
    match value:
        case None:
            return ""
        case bool():
            return gettext("yes") if value else gettext("no")
        case datetime():
            return date_format(value, "j M Y, H:i")
        case dict():
            return "\n".join(f"{key}: {_below(part)}" for key, part in value.items())
        case list() | tuple() if all(isinstance(part, int | float) for part in value):
            return " – ".join(map(str, value))
        case list() | tuple():
            return "\n".join(
                f"- {_below(part)}" if isinstance(part, dict | list) else said(part) for part in value
            )
        case _:
            return str(value)


def _below(value: object) -> str:
    lines = said(value).splitlines()
    return "\n  ".join(lines)


def _histories(model: Any, of: dict[str, Any]) -> Any:
    kept = model.history.model
    label = Value(model._meta.label_lower, output_field=models.CharField())  # noqa: SLF001  # Django documents it
    return kept.objects.filter(**of).order_by().values_list("history_date", "history_id", label)


def _kept_model(label: str) -> Any:
    return apps.get_model(label).history.model


def _names(field: Any, records: Iterable[Record]) -> dict[int, str]:
    pks = {pk for record in records if (pk := getattr(record, field.attname))}
    rows = field.related_model._base_manager.filter(pk__in=pks)  # noqa: SLF001  # all rows, whatever its manager shows
    return {row.pk: str(row) for row in rows}


def _links(field: Any, records: Iterable[Record]) -> dict[int, str]:
    """By change, the names of what a many-to-many field pointed at."""
    kept = History.m2m_models[field]
    other = field.m2m_reverse_field_name()
    rows = (
        kept.objects.filter(history__in=[record.pk for record in records])
        .select_related(other)
        .order_by(other)
    )
    names: dict[int, list[str]] = {}
    for row in rows:
        names.setdefault(row.history_id, []).append(str(getattr(row, other)))
    return {pk: "\n".join(found) for pk, found in names.items()}


def _who(record: Record) -> str:
    person = str(record.history_user) if record.history_user_id else ""
    match record.history_change_reason:
        case history.FILES if person:
            return gettext("%(name)s, from files") % {"name": person}
        case history.FILES:
            return gettext("from files")
        case history.PROGRAM:
            return gettext("the program")
        case history.BEFORE:
            return gettext("was there when the history began")
        case _:
            return person or gettext("former member")


def _act(record: Record) -> str:
    match record.history_type:
        case "+":
            return gettext("added")
        case "-":
            return gettext("removed")
        case _:
            return gettext("changed")


def _record(model: Any, object_id: str, history_id: str) -> Record:
    """The row as it was at one of its own changes; 404 for another row's."""
    found = model.history.filter(id=_whole(object_id), history_id=_whole(history_id)).first()
    if found is None:
        raise Http404
    return found


def _put_back(row: Any, record: Record) -> None:
    for field in record.tracked_fields:
        if field.name not in {"id", "roadmap", "archived_at"}:
            setattr(row, field.attname, getattr(record, field.attname))
    for field in record._history_m2m_fields:  # noqa: SLF001  # the library's own
        other = field.m2m_reverse_field_name()
        pks = History.m2m_models[field].objects.filter(history=record.pk).values_list(other, flat=True)
        cache = row.__dict__.setdefault("_prefetched_objects_cache", {})
        cache[field.name] = field.related_model.objects.filter(pk__in=list(pks))


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
