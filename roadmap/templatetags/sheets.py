"""Draws what is the same for many readers once and fills in what is a reader's own: the frame of pages, whole pages.

While a sheet is drawn, `user`, `request` and `csrf_token` are stand-ins: their words are holes (roadmap.sheet), and
what decides whether something is drawn at all (`is_mentor` and the like) is part of the name that keeps the sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from cachetools import LRUCache
from django import template
from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from roadmap.sheet import Sheet, hole

register = template.Library()

BYTES_KEPT = 32 * 1024 * 1024
_lock = Lock()
_sheets: LRUCache[Hashable, Sheet] = LRUCache(BYTES_KEPT, getsizeof=lambda sheet: 2 * sheet.size)


def kept(name: Hashable, draw: Callable[[], str]) -> Sheet:
    """The sheet of this name in the active language, drawn where this process has not kept it.

    Whoever works at the templates (DEBUG) sees each change at once.
    """
    if settings.DEBUG:
        return Sheet.cut(draw())
    name = (name, get_language())
    with _lock:
        sheet = _sheets.get(name)
    if sheet is None:
        sheet = Sheet.cut(draw())
        with _lock:
            _sheets[name] = sheet
    return sheet


@dataclass(frozen=True, slots=True)
class SomePerson:
    """Stands for whoever reads: what she may see is known, her words are holes."""

    is_authenticated: bool = False
    is_mentor: bool = False
    is_admin: bool = False
    is_staff: bool = False

    @classmethod
    def like(cls, user: Any) -> SomePerson:
        if isinstance(user, SomePerson):
            return user
        if user is None or not user.is_authenticated:
            return cls()
        return cls(True, user.is_mentor(), user.is_admin(), user.is_staff)

    def __str__(self) -> str:
        return hole("name")

    initials = property(lambda self: hole("initials"))
    email = property(lambda self: hole("email"))
    get_full_name = property(lambda self: hole("name"))


@dataclass(frozen=True, slots=True)
class SomeRequest:
    """Stands for the request; `path` says no more than whether it is at the desk."""

    path: str = ""

    @classmethod
    def like(cls, request: Any) -> SomeRequest:
        if request is None or isinstance(request, SomeRequest):
            return request or cls()
        desk = reverse("admin:index")
        return cls(desk if desk in request.path else "")

    get_full_path = property(lambda self: hole("address"))
    get_host = property(lambda self: hole("host"))


def some_reader(user: Any, theme: str) -> dict[str, Any]:
    """The stand-ins as a template's context, for pages that are kept whole."""
    return {
        "user": SomePerson.like(user),
        "request": SomeRequest(),
        "theme": theme,
        "csrf_token": mark_safe(hole("csrf")),  # noqa: S308  # two control characters round a word
        "notices": mark_safe(hole("notices")),  # noqa: S308  # the same
    }


def own_words(user: Any, request: Any, csrf: object) -> Callable[[str, str], str]:
    """What this reader puts into the holes of the frame; other holes stay."""
    said: dict[str, str] = {}

    def value(kind: str, key: str) -> str:
        if kind not in _WORDS:
            return hole(kind, key)  # of a page that is itself being drawn
        if kind not in said:
            said[kind] = _WORDS[kind](user, request, csrf)
        return said[kind]

    return value


def _notices(request: HttpRequest) -> str:
    said = get_messages(request)
    return render_to_string("components/messages.html", {"messages": said}) if said else ""


_WORDS: Mapping[str, Callable[[Any, Any, Any], str]] = {
    "csrf": lambda _user, _request, csrf: str(csrf() if callable(csrf) else csrf),
    "address": lambda _user, request, _csrf: escape(_said(request.get_full_path)),
    "host": lambda _user, request, _csrf: escape(_said(request.get_host)),
    "name": lambda user, _request, _csrf: escape(str(user)),
    "initials": lambda user, _request, _csrf: escape(user.initials),
    "email": lambda user, _request, _csrf: escape(user.email),
    "notices": lambda _user, request, _csrf: _notices(request),
}


def _said(word: Any) -> str:
    return str(word() if callable(word) else word)


def filled(template_name: str, words: Mapping[str, object], **drawn: Hashable) -> str:
    """A line of a list: drawn once for each value of `drawn`, with holes for `words`; those are escaped going in."""
    sheet = kept(
        (template_name, *words, *drawn.items()),
        lambda: render_to_string(template_name, {**{word: hole(word) for word in words}, **drawn}),
    )
    return sheet.fill(lambda word, _key: escape(words[word]))


@register.tag
def drawn(parser: Parser, token: Token) -> Drawn:
    """{% drawn name key ... %}...{% enddrawn %}: drawn once for each value of the keys, theme and kind of reader."""
    _tag, *words = token.split_contents()
    keys = [parser.compile_filter(word) for word in words]
    nodes = parser.parse(("enddrawn",))
    parser.delete_first_token()
    return Drawn(keys, nodes)


class Drawn(template.Node):
    def __init__(self, keys: list[FilterExpression], nodelist: NodeList) -> None:
        self.keys = keys
        self.nodelist = nodelist

    def render(self, context: template.Context) -> SafeString:
        user, request = context.get("user"), context.get("request")
        stand_ins = {
            "user": SomePerson.like(user),
            "request": SomeRequest.like(request),
            "csrf_token": mark_safe(hole("csrf")),  # noqa: S308  # two control characters round a word
        }
        name = (
            tuple(str(key.resolve(context)) for key in self.keys),
            context.get("theme", ""),
            stand_ins["user"],
            stand_ins["request"],
        )
        sheet = kept(name, lambda: self._draw(context, stand_ins))
        words = own_words(user, request, context.get("csrf_token", ""))
        return mark_safe(sheet.fill(words))  # noqa: S308  # a template's output, holes filled with escaped words

    def _draw(self, context: template.Context, stand_ins: dict[str, Any]) -> str:
        with context.push(**stand_ins):
            return self.nodelist.render(context)
