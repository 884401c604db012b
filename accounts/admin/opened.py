"""What keeps two people at the desk from overwriting each other: a form is compared with what it was when opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, Q
from django.forms.models import _get_foreign_key
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from accounts import clock
from accounts.admin.merge import Choice, Merged, choose, merge
from accounts.admin.sheets import ARCHIVED, ROOT, Opened, Page

FIELD = "opened"


@dataclass(frozen=True)
class Conflict:
    """Somebody else saved the row, or one below it, since the form was opened. Nothing was written."""

    title: str
    choices: list[Choice]
    taken: list[str]
    gone: list[str]
    opened: str  # the token of the form as it is drawn now


class OpenedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy only
    """Each form carries what its rows were; a save over somebody else's is refused, with both laid side by side."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        _set_post(request, _with_plain_lines(request.POST))
        with transaction.atomic():
            row = self.locked(request, unquote(object_id)) if object_id else None
            if row and self.has_change_permission(request, row):
                conflict = self._conflict(request, row)
                extra_context = {**(extra_context or {}), "conflict": conflict}
                request.desk_conflict = conflict  # type: ignore[attr-defined]  # for `get_form`, which admin calls
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Deleting asks first, and what was confirmed is what goes."""
        with transaction.atomic():
            row = self.locked(request, unquote(object_id))
            is_meant = row and request.method == "POST" and self.has_delete_permission(request, row)
            if is_meant and (refusal := self.refused_as_changed(request, row)):
                return refusal
            if row:
                extra_context = {**(extra_context or {}), "opened": self.opened(request, row)}
            return super().delete_view(request, object_id, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        conflict = getattr(request, "desk_conflict", None)
        return _refusing(form, conflict.title) if conflict else form

    def render_change_form(  # noqa: PLR0917  # the signature is admin's
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        conflict = context.get("conflict")
        if obj and obj.pk:
            context["opened"] = conflict.opened if conflict else self._token(request, context, obj)
        response = super().render_change_form(request, context, add, change, form_url, obj)
        if request.method == "POST":
            response.status_code = 409 if conflict else 422
        return response

    # For pages of the desk that have forms of their own

    def framed(
        self,
        request: HttpRequest,
        template: str,
        crumbs: Sequence[tuple[str, str]],
        context: dict[str, Any],
        status: int = 200,
    ) -> HttpResponse:
        """A page of the desk's own in the frame that all its pages have."""
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "crumbs": crumbs}
        return render(request, template, {**frame, **context}, status=status)

    def opened(self, request: HttpRequest, row: Model) -> str:
        """The value of the hidden field `opened` for a form about this row, as it and the rows below it are now."""
        return Opened(clock.now(), self._page(request, row).sheet()).token(row)

    def locked(self, request: HttpRequest, pk: object) -> Any:
        """The row, locked with those below it until the transaction ends; None when there is none."""
        row = self.get_object(request, str(pk))
        if row is None:
            return None
        _lock(self.model, pk=row.pk)
        for inline in self.get_inline_instances(request, row):
            key = _get_foreign_key(self.model, inline.model, fk_name=inline.fk_name)
            _lock(inline.model, **{key.name: row.pk})
        return self.get_object(request, str(pk))

    def refused_as_changed(self, request: HttpRequest, row: Model) -> HttpResponse | None:
        """A page with 409 when the locked row is not what the posted `opened` says; None when it still is."""
        opened = Opened.read(request.POST.get(FIELD, ""), row)
        if opened.sheet == self._page(request, row).sheet():
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": self._said(request, row, opened),
            "row": row,
            "opts": self.opts,
        }
        return render(request, "admin/changed_since.html", context, status=409)

    # Helpers

    def _conflict(self, request: HttpRequest, row: Any) -> Conflict | None:
        """What to say instead of saving. Takes the values that were chosen into what was posted; on a conflict the
        other's as well."""
        opened, now = Opened.read(request.POST.get(FIELD, ""), row), self._page(request, row)
        data = choose(request.POST, now)
        _set_post(request, data)
        sheet = now.sheet()
        if opened.sheet == sheet:
            return None
        merged = merge(data, opened.sheet, now, self._page(request, row, data))
        was_archived, is_archived = (s.get(ROOT, {}).get(ARCHIVED) for s in (opened.sheet, sheet))
        if merged.is_same and was_archived == is_archived:
            return None  # the same form sent twice
        _set_post(request, merged.data)
        if was_archived != is_archived and was_archived:
            merged.took(gettext("moved to the archive") if row.archived_at else gettext("brought back"))
        return self._explained(request, row, opened, merged, Opened(clock.now(), sheet))

    def _explained(
        self, request: HttpRequest, row: Model, opened: Opened, merged: Merged, now: Opened
    ) -> Conflict:
        title = self._said(request, row, opened)
        return Conflict(title, merged.choices, merged.taken, merged.gone, now.token(row))

    def _page(self, request: HttpRequest, row: Any, data: QueryDict | None = None) -> Page:
        """The forms of the row's page, over a copy of the row that typing does not touch."""
        row = self.get_object(request, str(row.pk)) or row
        names = flatten_fieldsets(self.get_fieldsets(request, row))
        form = self.get_form(request, row, change=True, fields=names)(data, instance=row)
        formsets = []
        for formset, inline in self.get_formsets_with_inlines(request, row):
            queryset = inline.get_queryset(request)
            prefix = formset.get_default_prefix()
            formsets.append(formset(data, instance=row, prefix=prefix, queryset=queryset))
        return Page(form, formsets)

    def _token(self, request: HttpRequest, context: dict[str, Any], row: Model) -> str:
        """That which was posted, while the form waits for mending; else of the forms about to be drawn."""
        if kept := request.POST.get(FIELD) or context.get(FIELD):
            return str(kept)
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        return Opened(clock.now(), Page(context["adminform"].form, formsets).sheet()).token(row)

    def _said(self, request: HttpRequest, row: Model, opened: Opened) -> str:
        change = self._last_change(request, row, opened.at)
        if change is None:
            return gettext("Changed since you opened this page")
        name, at = change
        said = gettext("Changed by %(name)s at %(time)s, since you opened this page")
        return said % {
            "name": name,
            "time": date_format(at.astimezone(timezone.get_current_timezone()), "H:i"),
        }

    def _last_change(
        self, request: HttpRequest, row: Model, since: datetime | None
    ) -> tuple[str, datetime] | None:
        """Who saved the row or one below it last, as the desk wrote it down, and when."""
        entries = LogEntry.objects.filter(self._entries(request, row)).select_related("user")
        if since:
            entries = entries.filter(action_time__gte=since)
        last = entries.order_by("-action_time", "-pk").first()
        return (str(last.user), last.action_time) if last else None

    def _entries(self, request: HttpRequest, row: Model) -> Q:
        wanted = Q(content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk))
        for formset in self._page(request, row).formsets:
            pks = [str(form.instance.pk) for form in formset.initial_forms]
            wanted |= Q(content_type=ContentType.objects.get_for_model(formset.model), object_id__in=pks)
        return wanted


def _lock(model: type[Model], **which: Any) -> None:
    rows = model._base_manager.filter(**which).order_by("pk")  # noqa: SLF001  # all rows, whatever its manager shows
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def _with_plain_lines(data: QueryDict) -> QueryDict:
    """Texts as files have them: browsers end lines with two characters."""
    plain = QueryDict(mutable=True)
    for key, values in data.lists():
        plain.setlist(key, [str(value).replace("\r\n", "\n") for value in values])
    return plain


def _set_post(request: HttpRequest, data: QueryDict) -> None:
    request.POST = data  # type: ignore[assignment]  # Django's own type is of one that nobody changes


def _refusing(form: Any, why: str) -> Any:
    class Refused(form):  # type: ignore[misc]  # made by modelform_factory
        def clean(self) -> Any:
            cleaned = super().clean()
            self.add_error(None, why)
            return cleaned

    return Refused
