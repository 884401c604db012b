"""A language in which every translated letter looks foreign, and a road and people written in another alphabet.

A Latin letter that is still on a page then was never handed to gettext.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from string import ascii_letters
from typing import Any
from zoneinfo import available_timezones

from django.utils import translation
from pydantic import BaseModel

from authoring.checked import Checked

LANGUAGE = "el"  # its formats of dates have no letters
# Full-width letters stand for a translation, Greek ones for what authors and learners wrote.
_WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in ascii_letters}
_GREEK = {ord(letter): 0x3B1 + place % 17 for place, letter in enumerate(ascii_letters)}
# Kept as they are: holes of a message, markup, escapes; and in what authors write, the addresses of links.
_KEPT = re.compile(r"(%\([a-z_]+\)[a-z]|%[a-z]|\{[^}]*\}|<[^>]*>|&#?\w+;)", re.IGNORECASE)
_ADDRESSES = re.compile(r"(https?://\S+)")
WRITTEN = frozenset(
    {
        "title", "summary", "audience", "choose_when", "leads_to", "points", "difference", "question", "answer",
        "author", "why", "body", "tags", "because", "objective", "bloom", "text", "not_yet", "developing", "meets",
        "exceeds", "stem", "explanation", "feedback", "unit", "answers",
    }
)  # fmt: skip


def translated(text: str) -> str:
    """The text in the foreign language."""
    return "".join(
        part if place % 2 else part.translate(_WIDE) for place, part in enumerate(_KEPT.split(text))
    )


def written(value: Any) -> Any:
    """What an author wrote, in Greek letters."""
    match value:
        case str():
            parts = enumerate(_ADDRESSES.split(value))
            return "".join(part if place % 2 else part.translate(_GREEK) for place, part in parts)
        case tuple() | list():
            return type(value)(written(entry) for entry in value)
        case _:
            return greek(value)


def greek(value: Any) -> Any:
    """A road's folder with all that is meant to be read in Greek letters; keys and choices stay."""
    match value:
        case BaseModel():
            named = {
                name: getattr(value, name) for name in [*type(value).model_fields, *(value.model_extra or {})]
            }
            return value.model_copy(update=_fields(named))
        case dict():
            return _fields(value)
        case tuple() | list():
            return type(value)(greek(entry) for entry in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return replace(
                value, **{field.name: greek(getattr(value, field.name)) for field in fields(value)}
            )
        case _:
            return value


def in_greek(checked: Checked) -> Checked:
    return Checked(greek(checked.road), checked.faults, checked.places)


def _fields(named: Mapping[str, Any]) -> dict[str, Any]:
    return {name: written(value) if name in WRITTEN else greek(value) for name, value in named.items()}


def speak(monkeypatch: Any, settings: Any) -> None:
    """Let the house know the foreign language: its catalog has every string there is."""
    settings.LANGUAGES = [("en", translated("English")), (LANGUAGE, translated("Foreign"))]

    def gettext(message: str) -> str:
        return translated(message) if translation.get_language() == LANGUAGE else message

    def ngettext(one: str, many: str, count: int) -> str:
        return gettext(one if count == 1 else many)

    catalog = {
        "gettext": gettext,
        "ngettext": ngettext,
        "pgettext": lambda _context, message: gettext(message),
        "npgettext": lambda _context, one, many, count: ngettext(one, many, count),
    }
    for name, asked in catalog.items():
        monkeypatch.setattr(f"django.utils.translation._trans.{name}", asked)


class Page(HTMLParser):
    """Collects what a reader sees or hears: texts, and attributes that are read out or shown by a script."""

    READ = frozenset(
        {"aria-label", "aria-description", "title", "alt", "placeholder", "label", "data-failed", "data-note"}
    )
    UNREAD = frozenset({"script", "style", "code", "pre", "textarea"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._unread = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in self.UNREAD or _is_zone(tag, dict(attrs))
        self.said += [value for name, value in attrs if name in self.READ and value]
        if tag == "input" and dict(attrs).get("type") in {"submit", "button"}:
            self.said.append(dict(attrs).get("value") or "")
        if tag == "meta" and dict(attrs).get("name") == "description":
            self.said.append(dict(attrs).get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in self.UNREAD or (tag == "option" and self._unread > 0)

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.said.append(data)


def _is_zone(tag: str, attrs: dict[str, str | None]) -> bool:
    """A time zone to choose: its name is its city."""
    return tag == "option" and attrs.get("value") in available_timezones()


_NO_WORDS = re.compile(r"\b__\w+?__\b|\S+@\S+|https?://\S+|\b[A-Z]\w+/[A-Z]\w+\b|\bWaymark\b|\bUTC\b")


def latin(texts: Iterable[str], allowed: Iterable[str] = ()) -> Iterator[str]:
    """The texts that still have Latin words; addresses, time zones, gaps and our own name are none."""
    for text in texts:
        left = _NO_WORDS.sub(" ", text)
        words = set(re.findall(r"[A-Za-z]+", left)) - set(allowed)
        if words:
            yield " ".join(text.split())
