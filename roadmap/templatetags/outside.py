"""What a public page says of itself to search engines and to those who are sent its link."""

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from roadmap import rendering, structured
from roadmap.document import RoadDocument
from roadmap.models.edition import EditionDates
from roadmap.structured import Described

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


@register.inclusion_tag("roadmap/outside_resource.html")
def outside_resource(entry: Described, key: str) -> dict[str, Any]:
    """Canonical address and structured data of a resource's page."""
    url = address("roadmap:resource", key)
    return {"url": url, "structured": _script(structured.resource(entry, url=url))}


def _script(thing: dict[str, Any]) -> SafeString:
    return mark_safe(structured.script(thing))  # noqa: S308  # no sign in it can close its element
