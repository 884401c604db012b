from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from roadmap.forms.library import LibraryForm
from roadmap.forms.search import counted
from roadmap.models import LinkCheck, Roadmap
from roadmap.models.library import TITLE, Library

RESOURCES_ON_A_PAGE = 30
ROADS_OFFERED = 40  # to choose from; whoever looks for more of them searches


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Every resource on the roads this reader may see, once, in her order; found by index, however many there are."""
    roads = Roadmap.objects.findable_by(request.user)
    titles = list(roads.values_list("key", "title", "language")[:ROADS_OFFERED])
    asked = LibraryForm(
        request.GET,
        roads=[(key, title) for key, title, _language in titles],
        languages=sorted({language for _key, _title, language in titles} | {"en"}),
    )
    said = asked.read()
    books = Library(
        roads.filter(key=said["road"]) if said.get("road") else roads,
        minutes=said.get("minutes"),
        order=said.get("order") or TITLE,
        **asked.filters(),
    )
    shelf, (total, is_more) = books.page(RESOURCES_ON_A_PAGE, said.get("after", "")), books.count()
    context = {"form": asked, "shelf": shelf, "total": total, "total_said": counted(total, is_more)}
    query = request.GET.copy()
    query.pop("after", None)
    return render(
        request,
        "roadmap/library.html",
        {**context, "query": query.urlencode(), "is_further": bool(said.get("after"))},
    )


@require_safe
def resource(request: HttpRequest, resource_key: str) -> HttpResponse:
    """One resource: what it is, why this one, where it stands for this reader, whether its link answers."""
    return resource_page(request, resource_key)


def resource_page(
    request: HttpRequest, resource_key: str, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The page of one resource, also with what somebody said of it that can't be taken as it is."""
    places = Library(Roadmap.objects.findable_by(request.user)).places(resource_key)
    if not places:
        raise Http404
    context = {
        "resource": places[0],
        "places": sorted(
            places, key=lambda place: (place.roadmap.position, place.roadmap.key, place.position)
        ),
        "link_check": LinkCheck.objects.of_keys([resource_key]).first(),
        "opinion": ["roadmap/_resource_opinion.html", "roadmap/_no_opinion.html"],
    }
    return render(request, "roadmap/resource.html", {**context, **(more or {})}, status=status)
