from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from accounts import clock
from progress import pages, words
from progress.models.enrollment import Position
from progress.views.doors import find_enrollment
from progress.views.sheets import sheet
from roadmap.document import RoadDocument
from roadmap.drawings.glyph import glyph
from roadmap.models import Edition, Roadmap
from roadmap.models.roadmap import Level


@require_safe
def road(request: HttpRequest, road_key: str) -> HttpResponse:
    """A road as everybody may read it; whoever is on it sees her own standing in it."""
    roadmap = get_object_or_404(Roadmap.objects.published(), key=road_key)
    person = request.user
    enrollment = find_enrollment(person, road_key) if person.is_authenticated else None
    if enrollment is None and not roadmap.is_public and not person.is_staff:
        raise Http404
    document = Edition.objects.document(roadmap.studied_edition_id)
    position = enrollment.position(clock.now()) if enrollment else None
    body = sheet(
        "progress/road_sections.html", roadmap.studied_edition_id, "", lambda: pages.road_sections(document)
    ).fill(_own(position, document))
    context = {
        "document": document,
        "level": Level(document.level).label,
        "position": position,
        "sign": words.next_sign(position) if position else None,
        "waypoints": pages.waypoints(document, position),
        "tasks": sum(len(stage.evidence) for stage in document.stages),
        "sections": mark_safe(body),  # noqa: S308  # rendered by our own template
    }
    return render(request, "progress/road.html", context)


def _own(position: Position | None, document: RoadDocument) -> Callable[[str, str], str]:
    """What goes into the holes: the glyph of a stage for this reader, links to the roads that are here."""
    here = _listed_roads(document)
    titles = {related.key: related.title for related in document.related}

    def value(kind: str, key: str) -> str:
        if kind == "related":
            title = titles[key]
            url = reverse("progress:road", args=[key])
            return (
                format_html('<a class="sign sign--other" href="{}">{}</a>', url, title)
                if key in here
                else (format_html('<p class="lg">{}</p>', title))
            )
        state = position.standing.by_key[key].state if position else "open"
        return glyph(state, document.number_of(key))

    return value


def _listed_roads(document: RoadDocument) -> set[str]:
    """Keys of related roads that a reader can open here."""
    keys = [related.key for related in document.related]
    return set(Roadmap.objects.listed().filter(key__in=keys).values_list("key", flat=True)) if keys else set()
