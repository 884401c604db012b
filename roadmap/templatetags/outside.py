"""What a public page says of itself to search engines and to those who are sent its link."""

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from roadmap import rendering, structured
from roadmap.document import ResourceEntry, RoadDocument
from roadmap.models.edition import EditionDates

register = template.Library()

HOUSE = structured.House("Waymark", settings.SITE_URL)


@register.simple_tag
def address(name: str, *args: Any) -> str:
    """The whole address of a page under the house's configured name, whatever host it was asked by."""
    return settings.SITE_URL + reverse(name, args=args)


@register.inclusion_tag("roadmap/outside.html")
def outside(document: RoadDocument, dates: EditionDates) -> dict[str, Any]:
    """Canonical address, preview card and structured data of a road's public page."""
    url = address("progress:road", document.key)
    picture = f"{address('roadmap:picture', document.key)}?edition={dates.number}"
    first, last = dates.first_published_at, dates.published_at
    answers = {entry.key: rendering.html(entry.answer) for entry in document.faq}
    things = [
        structured.road(document, url=url, picture=picture, house=HOUSE, first=first, last=last),
        structured.faq_page(document, answers, url=url),
    ]
    return {
        "document": document,
        "url": url,
        "picture": picture,
        "locale": document.language.replace("-", "_"),
        "structured": [_script(thing) for thing in things if thing],
    }


@register.simple_tag
def outside_resource(entry: ResourceEntry, url: str) -> SafeString:
    """Structured data of a resource's page, whose whole address is `url`."""
    return _element(structured.resource(entry, url=url))


def _element(thing: dict[str, Any]) -> SafeString:
    return mark_safe(f'<script type="application/ld+json">{_script(thing)}</script>')  # noqa: S308  # escaped by script()


def _script(thing: dict[str, Any]) -> SafeString:
    return mark_safe(structured.script(thing))  # noqa: S308  # no sign in it can close its element
