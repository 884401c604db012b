"""What was published of a road so far, and how any two editions differ."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Window
from django.db.models.functions import Lag
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext

from authoring.admin.road import RoadPages
from quizzes.models import texts
from roadmap.models import Edition, Roadmap
from roadmap.words import change_rows

EDITIONS_ON_A_PAGE = 50


class EditionPages(RoadPages):
    """The history of a road."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/editions/", view(self.editions), name="authoring_editions"),
            path("<int:pk>/editions/difference/", view(self.difference), name="authoring_difference"),
            *super().get_urls(),
        ]

    def editions(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What was published so far, newest first."""
        road = self.find_road(request, pk)
        before = Window(Lag("number"), order_by="number")
        published = Edition.objects.of(road).select_related("published_by").defer("document")
        published = published.annotate(before=before)
        page = Paginator(published, EDITIONS_ON_A_PAGE).get_page(request.GET.get("page"))
        context = {
            "title": gettext("Editions"),
            "page": page,
            "can_publish": self.has_change_permission(request, road),
            "numbers": _numbers(road),
        }
        return self.page(request, road, "authoring/editions.html", context)

    def difference(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How two editions differ, the earlier one first: `?old=1&new=3`, or else the newest two."""
        road = self.find_road(request, pk)
        numbers = _numbers(road)
        newest = [str(number) for number in numbers[:2]] or [""]
        old = _edition(road, request.GET.get("old", newest[-1]))
        new = _edition(road, request.GET.get("new", newest[0]))
        if old.number > new.number:
            old, new = new, old
        words = {"old": old.number, "new": new.number}
        context = {
            "title": gettext("Edition %(old)d beside edition %(new)d") % words,
            "old": old,
            "new": new,
            "changes": change_rows(texts.edition_changes(old, new)),
            "numbers": numbers,
        }
        return self.page(request, road, "authoring/difference.html", context)


def _numbers(road: Roadmap) -> list[int]:
    """Editions to choose from, newest first; those of years ago are looked up by their number in the address."""
    return list(Edition.objects.of(road).values_list("number", flat=True)[:200])


def _edition(road: Roadmap, number: str) -> Edition:
    if not number.isdecimal() or len(number) > 9:
        raise Http404
    found = Edition.objects.of(road).defer("document").filter(number=int(number)).first()
    if found is None:
        raise Http404
    return found
