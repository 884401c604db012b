from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.request import PublicPage, theme_of
from progress import pages, words
from progress.models.enrollment import Position
from progress.views.doors import reader_of
from progress.views.sheets import sheet
from roadmap.document import RoadDocument
from roadmap.drawings.glyph import glyph
from roadmap.models import Edition, Roadmap
from roadmap.models.roadmap import Level, Signpost
from roadmap.sheet import hole
from roadmap.templatetags.sheets import kept, own_words, some_reader

# The related roads of each road, as this process last saw them: a guess, so that one query asks about all of them.
_neighbors: dict[str, frozenset[str]] = {}


@require_safe
def road(request: HttpRequest, road_key: str) -> HttpResponse:
    """A road as everybody may read it; whoever is on it sees her own standing in it."""
    person = request.user
    known = Roadmap.objects.signposts({road_key, *_neighbors.get(road_key, ())})
    post, enrollment = reader_of(person, road_key, known.get(road_key))
    document = Edition.objects.document(post.edition_id)
    position = enrollment.position(clock.now()) if enrollment else None
    here, reader = _listed(document, known), some_reader(person, theme_of(request))
    page = kept(
        ("road", *post, here, _looks(position), reader["theme"], reader["user"]),
        lambda: _draw(document, post, position, here, reader),
    )
    text = page.fill(_own(request, position))
    if person.is_authenticated:
        return HttpResponse(text)
    return PublicPage(text, holds=_still(known, {road_key, *(related.key for related in document.related)}))


def _still(known: dict[str, Signpost], keys: set[str]) -> Callable[[], bool]:
    """Whether this road and those that it points to are as they were: a stranger's page shows nothing else."""
    then = {key: post for key, post in known.items() if key in keys}
    return lambda: Roadmap.objects.signposts(keys) == then


def _listed(document: RoadDocument, known: dict[str, Signpost]) -> frozenset[str]:
    """Keys of related roads that a reader can open here."""
    keys = frozenset(related.key for related in document.related)
    if asked := keys - _neighbors.get(document.key, frozenset()):
        known |= Roadmap.objects.signposts(asked)
        _neighbors[document.key] = keys
    return frozenset(key for key in keys if key in known and known[key].is_listed)


def _looks(position: Position | None) -> tuple[str, ...]:
    """What decides how a road's page is drawn; all else about its reader goes into holes."""
    if position is None:
        return ()
    news = "news" if position.enrollment.has_news else ""
    stages = (f"{place.state}{place.is_known_passed}" for place in position.standing.stages)
    return position.enrollment.background, news, *stages


def _draw(
    document: RoadDocument,
    post: Signpost,
    position: Position | None,
    here: frozenset[str],
    reader: dict[str, Any],
) -> str:
    """The whole page, the same for all whose standing looks like this, with holes for their own words."""
    sections = sheet(
        "progress/road_sections.html", post.edition_id, "", lambda: pages.road_sections(document)
    ).fill(_same_for_all(document, position, here))
    context = {
        **reader,
        "document": document,
        "post": post,
        "dates": Edition.objects.spell(post.edition_id),
        "level": Level(document.level).label,
        "position": position,
        "sign": {"href": hole("sign_href"), "title": hole("sign_title")} if position else None,
        "news": hole("news") if position and position.enrollment.has_news else "",
        "waypoints": pages.waypoints(document, position),
        "may_place": _may_place(document, position),
        "tasks": sum(len(stage.evidence) for stage in document.stages),
        "sections": mark_safe(sections),  # noqa: S308  # rendered by our own template
    }
    return render_to_string("progress/road.html", context)


def _may_place(document: RoadDocument, position: Position | None) -> bool:
    """Whether the page points to the quiz for placement: on the road, while nothing is passed."""
    return document.placement is not None and position is not None and not position.standing.passed_count


def _same_for_all(
    document: RoadDocument, position: Position | None, here: frozenset[str]
) -> Callable[[str, str], str]:
    """What goes into the holes of the sections: the glyph of a stage, links to the roads that are here."""
    titles = {related.key: related.title for related in document.related}

    def value(kind: str, key: str) -> str:
        if kind != "related":
            state = position.standing.by_key[key].state if position else "open"
            return glyph(state, document.number_of(key))
        if key not in here:
            return format_html('<p class="lg">{}</p>', titles[key])
        url = reverse("progress:road", args=[key])
        return format_html('<a class="sign sign--other" href="{}">{}</a>', url, titles[key])

    return value


def _own(request: HttpRequest, position: Position | None) -> Callable[[str, str], str]:
    """What goes into the holes of the page: where this reader goes on, and the frame's."""
    frame = own_words(request.user, request, lambda: get_token(request))
    sign = words.next_sign(position) if position else None
    news = _news(position) if position and position.enrollment.has_news else ""

    def value(kind: str, key: str) -> str:
        if kind == "news":
            return news
        if sign and kind == "sign_href":
            return escape(sign.href)
        return escape(sign.title) if sign and kind == "sign_title" else frame(kind, key)

    return value


def _news(position: Position) -> str:
    """What the newest edition's author told learners, in short."""
    newest = Edition.objects.filter(pk=position.enrollment.roadmap.studied_edition_id)
    return escape(Truncator(newest.values_list("changelog", flat=True).get()).words(40))
