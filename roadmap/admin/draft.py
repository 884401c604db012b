"""What all drafts have in common at the desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import clock
from roadmap.admin.history import HistoryAdmin

Crumbs = list[tuple[str, str]]


class InUseFilter(admin.SimpleListFilter):
    """What is in use, unless the archive is asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("archived", gettext("In the archive")), ("all", gettext("All"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        in_use, *others = super().choices(changelist)
        yield {**in_use, "display": gettext("In use")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "all":
                return queryset
            case "archived":
                return queryset.exclude(archived_at=None)
            case _:
                return queryset.filter(archived_at=None)


class DraftAdmin(HistoryAdmin):
    """Drafts: found, edited, put away and brought back, never deleted. Learners see none of it before a publish."""

    list_per_page = 50
    show_full_result_count = False
    actions: tuple[str, ...] = ("archive", "unarchive")
    prepopulated_fields = {"key": ("title",)}

    def get_ordering(self, request: HttpRequest) -> Any:
        """That of the model, unless said otherwise: a list that counts something forgets it."""
        return self.ordering or self.opts.ordering

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_archive"
        view = self.admin_site.admin_view(self.archive_view)
        return [path("<int:pk>/archive/", view, name=name), *super().get_urls()]

    def crumbs(self, draft: Any) -> Crumbs:
        """The way back from a draft's page, from far to near."""
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return [(str(self.opts.verbose_name_plural).capitalize(), url)]

    def initial_position(self, drafts: QuerySet[Any], values: dict[str, Any]) -> int | None:
        """The place after the last one, for a new draft that begins with these values."""
        return None

    def archive_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put one draft away (archived=1) or take it up again (archived=0)."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        draft = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, draft):
            raise PermissionDenied
        away = request.POST.get("archived") != "0"
        with transaction.atomic():
            draft = self.locked(request, pk)
            if refusal := self.refused_as_changed(request, draft):
                return refusal
            try:
                self._put(request, draft, away=away)
            except ValidationError as refused:
                self.message_user(request, " ".join(refused.messages), messages.ERROR)
            else:
                self.message_user(request, _archived_sentence(str(draft), away=away), messages.SUCCESS)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", draft.pk)

    @admin.action(description=_("Move to the archive"), permissions=["change"])
    def archive(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        drafts = list(chosen)
        for draft in drafts:
            self._put(request, draft, away=True)
        said = ngettext("%(count)d is in the archive now.", "%(count)d are in the archive now.", len(drafts))
        self.message_user(request, said % {"count": len(drafts)}, messages.SUCCESS)

    @admin.action(description=_("Bring back from the archive"), permissions=["change"])
    def unarchive(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        for draft in chosen:
            try:
                self._put(request, draft, away=False)
            except ValidationError as refused:
                self.message_user(request, f"{draft}: {' '.join(refused.messages)}", messages.ERROR)
            else:
                self.message_user(request, _archived_sentence(str(draft), away=False), messages.SUCCESS)

    def _put(self, request: HttpRequest, draft: Any, *, away: bool) -> None:
        if away:
            draft.archive(clock.now())
        else:
            draft.unarchive()
        self.log_change(request, draft, gettext("Archived.") if away else gettext("Brought back."))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Only what fits the list shown: the archive has no use for archiving."""
        actions: dict[str, Any] = super().get_actions(request)
        useless = "archive" if request.GET.get("state") == "archived" else "unarchive"
        if request.GET.get("state") != "all":
            actions.pop(useless, None)
        return actions

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Suggestions leave the archive out; the list has its own filter."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if request.path == reverse("admin:autocomplete"):
            found = found.filter(archived_at=None)
        return found, may_repeat

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        values: dict[str, Any] = super().get_changeform_initial_data(request)
        if position := self.initial_position(self.get_queryset(request), values):
            values.setdefault("position", position)
        return values

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> dict[str, Any]:
        """A key follows the title only while the draft is new."""
        return {} if obj else dict(self.prepopulated_fields)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return without_buttons(super().formfield_for_dbfield(db_field, request, **kwargs))

    def render_change_form(  # noqa: PLR0917  # the signature is admin's
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        context["desk_crumbs"] = self.crumbs(obj)
        if obj:
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_archive"
            context["archive_url"] = reverse(name, args=[obj.pk])
        return super().render_change_form(request, context, add, change, form_url, obj)


def without_buttons(field: Any) -> Any:
    """A choice of another row without the buttons that open that row in a window of its own."""
    if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
        field.widget = field.widget.widget
    return field


def _archived_sentence(name: str, *, away: bool) -> str:
    if away:
        return gettext("“%(name)s” is in the archive. Learners' facts about it stay.") % {"name": name}
    return gettext("“%(name)s” is back in use.") % {"name": name}
