"""Many drafts at once: ask what they are to be given, then do it in one act."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from roadmap.forms.bulk import MoveForm, ReclassifyForm
from roadmap.models import Resource, Topic


def ask(desk: Any, request: HttpRequest, form: Form, *, title: str, said: str) -> HttpResponse:
    """The page between choosing rows and acting on them; its form is posted to the same action."""
    is_all = request.POST.get("select_across") == "1"
    picked = request.POST.getlist(ACTION_CHECKBOX_NAME)
    context = {
        **desk.admin_site.each_context(request),
        "title": title,
        "said": said,
        "form": form,
        "opts": desk.opts,
        "action": request.POST.get("action"),
        "checkbox": ACTION_CHECKBOX_NAME,
        "picked": picked[:1] if is_all else picked,
        "is_all": is_all,
        "list_url": request.get_full_path(),
    }
    return render(request, "admin/ask.html", context, status=422 if form.is_bound else 200)


class ReclassifyResources:
    """An action of the library's list."""

    @admin.action(description=_("Set type, cost or level …"), permissions=["change"])
    def reclassify(self, request: HttpRequest, chosen: QuerySet[Resource]) -> HttpResponse | None:
        form = ReclassifyForm(request.POST if "confirmed" in request.POST else None)
        if not (form.is_bound and form.is_valid()):
            count = chosen.count()
            said = ngettext(
                "For %(n)d resource of the library.", "For %(n)d resources of the library.", count
            )
            return ask(
                self, request, form, title=gettext("Set type, cost or level"), said=said % {"n": count}
            )
        given = {name: value for name, value in form.cleaned_data.items() if value}
        count = Resource.objects.filter(pk__in=chosen.order_by().values("pk")).reclassify(**given)
        said = ngettext("%(n)d resource was changed.", "%(n)d resources were changed.", count) % {"n": count}
        messages.success(request, said)
        return None


class MoveTopics:
    """An action of the list of topics."""

    @admin.action(description=_("Move to another stage …"), permissions=["change"])
    def move(self, request: HttpRequest, chosen: QuerySet[Topic]) -> HttpResponse | None:
        roads = list(chosen.order_by().values_list("roadmap", flat=True).distinct()[:2])
        if len(roads) != 1:
            messages.error(request, gettext("Choose topics of one road: a topic never leaves its road."))
            return None
        form = MoveForm(request.POST if "confirmed" in request.POST else None, road=roads[0])
        if not (form.is_bound and form.is_valid()):
            count = chosen.count()
            said = ngettext(
                "%(n)d topic goes behind the last one there, with its resources and all that learners did.",
                "%(n)d topics go behind the last one there, with their resources and all that learners did.",
                count,
            )
            return ask(self, request, form, title=gettext("Move to another stage"), said=said % {"n": count})
        stage = form.cleaned_data["stage"]
        count = Topic.objects.filter(pk__in=chosen.order_by().values("pk")).move_to(stage)
        said = ngettext("%(n)d topic is in “%(stage)s” now.", "%(n)d topics are in “%(stage)s” now.", count)
        messages.success(request, said % {"n": count, "stage": stage})
        return None
