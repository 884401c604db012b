"""Icons (Lucide, ISC) drawn inline, painted by the class `icon` of base.css."""

import xml.etree.ElementTree as ET
from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> SafeString:
    """The icon's SVG. Beside words it needs no label; alone it must have one."""
    if label:
        return format_html(
            '<svg class="icon" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>', label, _paths(name)
        )
    return format_html('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', _paths(name))


@lru_cache(maxsize=256)
def _paths(name: str) -> SafeString:
    shapes = ET.fromstring(lucide(name))  # noqa: S314  # our own wheel's file, not input
    return mark_safe("".join(_markup(shape) for shape in shapes))  # noqa: S308  # same file


def _markup(shape: ET.Element) -> str:
    shape.tail = None
    return ET.tostring(shape, encoding="unicode")
