"""What machines outside read: pictures of roads, the feeds of editions, the map of the site, the rules for robots."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from roadmap.document import CONTROL, RoadDocument
from roadmap.drawings.card import card
from roadmap.models import Edition, Roadmap, SearchEntry
from roadmap.models.roadmap import Level

EDITIONS_IN_A_FEED = 20
_DAY = 24 * 3600
_CLOSED = ("/admin/", "/accounts/", "/settings/", "/today/", "/mentor/", "/api/", "/search/")


@require_safe
@cache_control(public=True, max_age=_DAY)
def picture(request: HttpRequest, road_key: str) -> HttpResponse:
    """A public road drawn as a PNG for previews of links to it; drawn once for each edition and language."""
    post = Roadmap.objects.signposts({road_key}).get(road_key)
    if post is None or not post.is_listed:
        raise Http404
    name = f"card:{post.edition_id}:{get_language()}"
    drawn = cache.get(name)
    if drawn is None:
        drawn = _card(Edition.objects.document(post.edition_id))
        cache.set(name, drawn, timeout=7 * _DAY)
    return HttpResponse(drawn, content_type="image/png")


@require_safe
def road_feed(request: HttpRequest, road_key: str) -> HttpResponse:
    """The editions of one road, newest first, as Atom: what is new in each."""
    road = get_object_or_404(Roadmap.objects.listed(), key=road_key)
    cover = SearchEntry.objects.covers([road]).get(road.pk, road)
    title = CONTROL.sub(" ", gettext("%(road)s: editions") % {"road": cover.title})
    return _feed(title, request.path, Edition.objects.of(road).select_related("roadmap"))


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The editions of all public roads, newest first, as Atom."""
    editions = Edition.objects.filter(roadmap__in=Roadmap.objects.listed()).select_related("roadmap")
    return _feed(gettext("Waymark: new editions"), request.path, editions.order_by("-published_at", "-pk"))


@require_safe
@cache_control(public=True, max_age=_DAY)
def robots(_request: HttpRequest) -> HttpResponse:
    """Which pages are for persons who are signed in, and where the map of the others is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _CLOSED)]
    lines += ["", f"Sitemap: {settings.SITE_URL}{reverse('roadmap:sitemap')}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


class _PublicPages(Sitemap):  # type: ignore[type-arg]  # it takes none at run time
    """Addresses under the house's configured name, whatever host it was asked by."""

    protocol = urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class RoadPages(_PublicPages):
    """The pages of public roads."""

    def items(self) -> Iterable[Any]:
        listed = Roadmap.objects.listed().select_related("current_edition").defer("current_edition__document")
        return listed.order_by("pk")

    def location(self, item: Any) -> str:
        return reverse("progress:road", args=[item.key])

    def lastmod(self, item: Any) -> datetime:
        published: datetime = item.current_edition.published_at
        return published


class ResourcePages(_PublicPages):
    """The pages of resources that stand on public roads."""

    def items(self) -> Iterable[Any]:
        entries = SearchEntry.objects.resources().on(Roadmap.objects.listed())
        return entries.order_by("key").values_list("key", flat=True).distinct()

    def location(self, item: Any) -> str:
        return reverse("roadmap:resource", args=[item])


SITEMAPS: dict[str, Any] = {"roads": RoadPages, "resources": ResourcePages}


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """Where the maps of public pages are, each in parts of 50,000 addresses at most."""
    parts = [
        settings.SITE_URL + reverse("roadmap:pages", args=[section]) + (f"?p={page}" if page > 1 else "")
        for section, pages in SITEMAPS.items()
        for page in pages().paginator.page_range
    ]
    context = {"sitemaps": [{"location": part} for part in parts]}
    return render(request, "sitemap_index.xml", context, content_type="application/xml")


@require_safe
def pages(request: HttpRequest, section: str) -> HttpResponse:
    """One of those maps."""
    return sitemap(request, sitemaps=SITEMAPS, section=section)


def _card(document: RoadDocument) -> bytes:
    months = [month for background in document.backgrounds for month in background.months]
    stages = len(document.stages)
    facts = [
        str(Level(document.level).label),
        ngettext("%(n)d stage", "%(n)d stages", stages) % {"n": stages},
    ]
    if months:
        facts.append(gettext("%(low)d to %(high)d months") % {"low": min(months), "high": max(months)})
    return card(document.title, " · ".join(facts), stages)


def _feed(title: str, path: str, editions: Any) -> HttpResponse:
    found = list(editions.defer("document", "roadmap__learn")[:EDITIONS_IN_A_FEED])
    covers = SearchEntry.objects.covers(edition.roadmap for edition in found)
    atom = Atom1Feed(
        title=title,
        link=settings.SITE_URL + "/",
        description=title,
        feed_url=settings.SITE_URL + path,
        language=get_language(),
    )
    for edition in found:
        url = settings.SITE_URL + reverse("progress:road", args=[edition.roadmap.key])
        atom.add_item(
            title=_edition_title(edition, covers.get(edition.roadmap_id)),
            link=url,
            description=CONTROL.sub(" ", edition.changelog),
            unique_id=f"{url}#edition-{edition.number}",
            pubdate=edition.published_at,
            updateddate=edition.published_at,
        )
    return HttpResponse(atom.writeString("utf-8"), content_type=f"{atom.content_type}")


def _edition_title(edition: Edition, cover: SearchEntry | None) -> str:
    road = cover.title if cover else edition.roadmap.title
    return CONTROL.sub(
        " ", gettext("%(road)s, edition %(number)d") % {"road": road, "number": edition.number}
    )
