"""The queue of links: what does not answer, has moved, was reported by learners, and what an author does about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import clock
from authoring.forms import LinkForm
from roadmap.models import LinkCheck, LinkReport, LinkState, ResourceRating
from roadmap.models.link_queue import queue, with_opinions

DAY = "j F Y"
FINE_FOR = timedelta(days=90)
LINES = 20  # reports and ratings shown on the page of a link


class QueueFilter(admin.SimpleListFilter):
    """What wants an author, unless one part of it or all links are asked for."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("dead", _("Does not answer")),
            ("moved", _("Moved for good")),
            ("soft_404", _("Seems to be gone")),
            ("reported", _("Reported by learners")),
            ("low", _("Rated low")),
            ("guarded", _("Lets no machine in")),
            ("all", _("All links")),
        ]

    def choices(self, changelist: Any) -> Iterator[Any]:
        whole, *parts = super().choices(changelist)
        yield {**whole, "display": gettext("To look at")}
        yield from parts

    def queryset(self, request: HttpRequest, queryset: QuerySet[LinkCheck]) -> QuerySet[LinkCheck]:
        return queryset.filter(pk__in=queue(self.value() or "").values("pk"))


@admin.register(LinkCheck)
class LinkQueue(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy only
    """Links as the checker and learners find them. Nothing is removed by itself: it is an author who decides."""

    form = LinkForm
    list_display = (
        "resource_title",
        "shown_state",
        "shown_since",
        "shown_reports",
        "shown_stars",
        "new_address",
    )
    list_filter = (QueueFilter,)
    search_fields = ("resource__title", "resource__key", "url")
    search_help_text = _("Title, key or address")
    list_per_page = 50
    show_full_result_count = False
    ordering = ("failing_since", "id")
    actions = ("check_again", "take_new_address", "hold_fine", "settle_reports", "archive")
    readonly_fields = (
        *("resource_title", "shown_url", "shown_state", "shown_since", "checked"),
        *("results", "learners_say"),
    )
    fields = (*readonly_fields[:5], "address", "seen", *readonly_fields[5:])

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.act)
        return [path("<int:pk>/act/", view, name="roadmap_linkcheck_act"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LinkCheck]:
        return with_opinions(super().get_queryset(request).select_related("resource"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LinkCheck | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(
            request, {**(extra_context or {}), "checks_are_off": not settings.CHECK_LINKS}
        )

    # Acts

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One act on one link, by the button beside it: `act` names it as the actions of the list do."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        link = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, link):
            raise PermissionDenied
        act = request.POST.get("act", "")
        if act in self.actions:
            getattr(self, act)(request, self.get_queryset(request).filter(pk=pk))
        return redirect("admin:roadmap_linkcheck_changelist")

    @admin.action(description=_("Check again next"), permissions=["change"])
    def check_again(self, request: HttpRequest, chosen: QuerySet[LinkCheck]) -> None:
        now = clock.database_now()
        done = self._each(
            request, chosen, gettext("To be checked again."), lambda link: link.check_again(now)
        )
        said = ngettext("%(count)d link is asked next.", "%(count)d links are asked next.", done)
        self.message_user(request, said % {"count": done}, messages.SUCCESS)

    @admin.action(description=_("Take the new address"), permissions=["change"])
    def take_new_address(self, request: HttpRequest, chosen: QuerySet[LinkCheck]) -> None:
        now = clock.database_now()
        done = self._each(
            request, chosen, gettext("Took the new address."), lambda link: link.take_new_address(now)
        )
        said = ngettext(
            "%(count)d resource has its new address. Learners get it with the next edition.",
            "%(count)d resources have their new addresses. Learners get them with the next edition.",
            done,
        )
        self.message_user(request, said % {"count": done}, messages.SUCCESS if done else messages.WARNING)

    @admin.action(description=_("It is fine: leave it for 90 days"), permissions=["change"])
    def hold_fine(self, request: HttpRequest, chosen: QuerySet[LinkCheck]) -> None:
        until = clock.database_now() + FINE_FOR
        done = self._each(request, chosen, gettext("Held to be fine."), lambda link: link.hold_fine(until))
        said = ngettext(
            "%(count)d link is left alone until %(day)s.",
            "%(count)d links are left alone until %(day)s.",
            done,
        )
        self.message_user(request, said % {"count": done, "day": date_format(until, DAY)}, messages.SUCCESS)

    @admin.action(description=_("Reports are dealt with"), permissions=["change"])
    def settle_reports(self, request: HttpRequest, chosen: QuerySet[LinkCheck]) -> None:
        open_ones = LinkReport.objects.filter(resource__in=chosen.values("resource"))
        done = open_ones.settle(clock.now())
        said = ngettext("%(count)d report is dealt with.", "%(count)d reports are dealt with.", done)
        self.message_user(request, said % {"count": done}, messages.SUCCESS)

    @admin.action(description=_("Move the resource to the archive"), permissions=["change"])
    def archive(self, request: HttpRequest, chosen: QuerySet[LinkCheck]) -> None:
        now = clock.now()
        done = self._each(request, chosen, gettext("Archived."), lambda link: link.resource.archive(now))
        said = ngettext(
            "%(count)d resource is in the archive. Where it still stands, the publish page says so.",
            "%(count)d resources are in the archive. Where they still stand, the publish page says so.",
            done,
        )
        self.message_user(request, said % {"count": done}, messages.SUCCESS)

    def _each(
        self, request: HttpRequest, chosen: QuerySet[LinkCheck], note: str, act: Callable[[LinkCheck], object]
    ) -> int:
        """Do it to each and write it down beside its resource; False says that it was not done."""
        done = 0
        for link in chosen:
            if act(link) is not False:
                self.log_change(request, link, note)
                done += 1
        return done

    def save_model(self, request: HttpRequest, obj: LinkCheck, form: Any, change: bool) -> None:
        """Nothing of the check itself is edited here: the form writes another address into the draft, or nothing."""
        address = form.cleaned_data.get("address")
        if address and not obj.replace(address, clock.database_now()):
            said = gettext("Nothing was changed: somebody gave it another address meanwhile.")
            self.message_user(request, said, messages.ERROR)

    # What is shown

    @admin.display(description=_("resource"), ordering="resource__title")
    def resource_title(self, link: LinkCheck) -> str:
        return link.resource.title

    @admin.display(description=_("address"))
    def shown_url(self, link: LinkCheck) -> str:
        return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', link.url, link.url)

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, link: LinkCheck) -> str:
        state, said = str(LinkState(link.state).label), link.said
        return state if state == said else f"{state}: {said}"

    @admin.display(description=_("since"), ordering="failing_since")
    def shown_since(self, link: LinkCheck) -> str:
        return date_format(link.failing_since, DAY) if link.failing_since else "–"

    @admin.display(description=_("reports"))
    def shown_reports(self, link: Any) -> str:
        return str(link.open_reports or "–")

    @admin.display(description=_("rated"))
    def shown_stars(self, link: Any) -> str:
        return "–" if link.stars is None else number_format(link.stars, 1)

    @admin.display(description=_("new address"))
    def new_address(self, link: LinkCheck) -> str:
        """The address that the server gives, with a button that takes it; works in the list's own form."""
        if not link.moved_to:
            return "–"
        return format_html(
            '<span class="moved"><code>{}</code> <button class="btn btn--sm" name="act" value="take_new_address"'
            ' formaction="{}" aria-label="{}">{}</button></span>',
            link.moved_to,
            reverse("admin:roadmap_linkcheck_act", args=[link.pk]),
            gettext("Take it: %(title)s") % {"title": link.resource.title},
            gettext("Take it"),
        )

    @admin.display(description=_("checked"))
    def checked(self, link: LinkCheck) -> str:
        if link.checked_at is None:
            return gettext("Not yet")
        words = {"last": date_format(link.checked_at, DAY), "next": date_format(link.next_check_at, DAY)}
        return gettext("%(last)s; again on %(next)s") % words

    @admin.display(description=_("last results"))
    def results(self, link: LinkCheck) -> str:
        said = [
            f"{date_format(at, DAY)}: {LinkState(past['state']).label} {past['status'] or past['trouble']}"
            for past in link.history
            if (at := parse_datetime(past["at"]))
        ]
        return _list(said) or gettext("None yet")

    @admin.display(description=_("learners say"))
    def learners_say(self, link: LinkCheck) -> str:
        """Open reports and the newest ratings with words, without names."""
        reports = LinkReport.objects.open().filter(resource=link.resource_id).order_by("-reported_at")[:LINES]
        ratings = (
            ResourceRating.objects.filter(resource=link.resource_id).exclude(note="").order_by("-rated_at")
        )
        lines = [f"{row.get_reason_display()}. {row.note}" for row in reports]
        lines += [
            gettext("%(stars)d of 5: %(note)s") % {"stars": row.stars, "note": row.note}
            for row in ratings[:LINES]
        ]
        return _list(lines) or gettext("Nothing yet")


def _list(lines: list[str]) -> str:
    """A list of escaped lines, empty without any."""
    if not lines:
        return ""
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((line,) for line in lines)))
