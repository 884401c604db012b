"""Parts of pages that are the same for all readers of an edition, rendered once and kept with holes for her own facts.

Kept in this process's memory, bounded by size, and shared between processes through the cache. Losing either
only costs a rendering.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from cachetools import LRUCache
from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from roadmap.sheet import Sheet
from roadmap.templatetags.sheets import kept

RENDERER = 5  # raise it when a template below changes what it says
BYTES_KEPT = 32 * 1024 * 1024

_lock = Lock()
_sheets: LRUCache[str, Sheet] = LRUCache(BYTES_KEPT, getsizeof=lambda sheet: 2 * sheet.size)


def sheet(template: str, edition_id: int, key: str, context: Callable[[], dict[str, Any]]) -> Sheet:
    """The sheet of a template for one edition, in the active language; `context` is asked only to render it."""
    name = f"sheet:{RENDERER}:{edition_id}:{get_language()}:{template}:{key}"
    with _lock:
        kept = _sheets.get(name)
    if kept is None:
        kept = Sheet.cut(_html(name, template, context))
        with _lock:
            _sheets[name] = kept
    return kept


def _html(name: str, template: str, context: Callable[[], dict[str, Any]]) -> str:
    html: str | None = cache.get(name)
    if html is None:
        html = render_to_string(template, context())
        cache.set(name, html, timeout=7 * 24 * 3600)
    return html


def piece(template: str, **values: Hashable) -> SafeString:
    """A component drawn from these values and nothing else, kept under them: it cannot be older than what it says."""
    drawn = kept((template, *values.items()), lambda: render_to_string(template, values))
    return mark_safe("".join(drawn.parts))  # noqa: S308  # a template's output
