"""How a resource, a length of time and a role are said on a page."""

from django import template
from django.utils.translation import get_language_info, gettext, ngettext

from roadmap.models.resource import Cost, ResourceType, Role
from roadmap.models.roadmap import Level

register = template.Library()

ICONS = {
    ResourceType.VIDEO: "circle-play",
    ResourceType.BOOK: "book-open",
    ResourceType.DOCS: "file-text",
    ResourceType.COURSE: "graduation-cap",
    ResourceType.ARTICLE: "newspaper",
    ResourceType.PAPER: "scroll-text",
    ResourceType.INTERACTIVE: "mouse-pointer-click",
    ResourceType.TOOL: "wrench",
    ResourceType.DATASET: "database",
    ResourceType.REPOSITORY: "git-branch",
    ResourceType.PODCAST: "podcast",
}


@register.filter
def type_icon(resource_type: str) -> str:
    return ICONS[ResourceType(resource_type)]


@register.filter
def type_word(resource_type: str) -> str:
    return str(ResourceType(resource_type).label)


@register.filter
def cost_word(cost: str) -> str:
    return str(Cost(cost).label)


@register.filter
def role_word(role: str) -> str:
    return str(Role(role).label)


@register.filter
def level_word(level: str) -> str:
    return str(Level(level).label)


@register.filter
def language_word(code: str) -> str:
    """The name of a language in itself, or its code where nobody knows it."""
    try:
        return str(get_language_info(code)["name_local"])
    except KeyError:
        return code


@register.filter
def duration(minutes: int) -> str:
    """Minutes as the product says them: 35 min, 2 h, 1 h 30."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return gettext("%(minutes)d min") % {"minutes": rest}
    if not rest:
        return gettext("%(hours)d h") % {"hours": hours}
    return gettext("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}


@register.filter
def length_words(minutes: tuple[int, int] | None) -> str:
    """A range of minutes, or nothing when it is unknown: unknown length is left out, not guessed."""
    if minutes is None:
        return ""
    low, high = minutes
    return duration(low) if low == high else f"{duration(low)} – {duration(high)}"


@register.filter
def hours(span: tuple[float, float]) -> str:
    """A range of hours: 390–650 hours."""
    low, high = (round(value) for value in span)
    words = str(low) if low == high else f"{low:,}–{high:,}".replace(",", " ")
    return ngettext("%(span)s hour", "%(span)s hours", high) % {"span": words}
