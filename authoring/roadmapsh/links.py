"""The links of a topic: `- [@type@title](url)`, and what people made of that form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.roadmapsh import names
from authoring.roadmapsh.report import Kind, Note

MOST = 8  # as the guide for contributors there says
LONGEST = 4_000

# Their types and ours. A feed is news without an end: an article that nobody has to finish.
TYPES = {
    "official": "docs",
    "opensource": "repository",
    "article": "article",
    "course": "course",
    "podcast": "podcast",
    "video": "video",
    "book": "book",
    "feed": "article",
}
_BADGES = {
    "read": "article",
    "watch": "video",
    "course": "course",
    "book": "book",
    "podcast": "podcast",
    "official website": "docs",
    "official docs": "docs",
}

_STRICT = re.compile(r"\[(?P<title>(?:\\.|[^\[\]\\])*)\]\(<?(?P<url>\S+?)>?(?:\s+\"[^\"]*\")?\)")
_LOOSE = re.compile(r"\[(?P<title>[^\[\]]{0,1000})\]+\s*\(\s*<?(?P<url>https?://[^\s>]+)")
_TYPED = re.compile(r"@\s*(?P<type>[^@\s]{1,40})\s*@(?P<title>.*)", re.DOTALL)
_HALF_TYPED = re.compile(
    rf"(?:(?P<before>{'|'.join(TYPES)}|roadmap)@|@(?P<after>{'|'.join(TYPES)}|roadmap)\b)(?P<title>.*)",
    re.DOTALL | re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\([\\<>\[\]])")
_ROAD = re.compile(r"https?://(?:www\.)?roadmap\.sh/(?P<slug>[a-z0-9-]+)/?(?:[?#].*)?", re.IGNORECASE)
_BADGE = re.compile(r"<BadgeLink\b(?P<attributes>[^>]{0,2000})>(?P<title>[^<]{0,1000})</BadgeLink>")
_ATTRIBUTE = re.compile(r"(?P<name>[A-Za-z]+)\s*=\s*(?:'(?P<one>[^']*)'|\"(?P<two>[^\"]*)\")")


@dataclass(frozen=True, slots=True)
class Link:
    """One thing to study. `is_feed`: news that never end."""

    type: str
    title: str
    url: str
    is_feed: bool = False


@dataclass(frozen=True, slots=True)
class ToRoad:
    """A pointer to another of their roads."""

    slug: str
    title: str


def is_link(text: str) -> bool:
    """Whether an item of a list is one link and nothing else."""
    return len(text) <= LONGEST and _STRICT.fullmatch(text.strip()) is not None


def has_badge(text: str) -> bool:
    return len(text) <= LONGEST and _BADGE.search(text) is not None


class Reader:
    """Reads the links of one file and notes what was odd about them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.notes: list[Note] = []

    def item(self, parts: list[str], line: int) -> list[Link | ToRoad]:
        """What an item of a list links to; it may be broken over lines."""
        for text in (" ".join(parts), "".join(parts)):
            if len(text) <= LONGEST and (found := _STRICT.fullmatch(text.strip())):
                if len(parts) > 1:
                    self._note("link", line, _("The link is broken over lines. It was read as one."))
                read = self._typed(found["title"], found["url"], line)
                return [read] if read else []
        return self._loose(" ".join(parts)[:LONGEST], line)

    def badges(self, text: str, line: int) -> Iterator[Link | ToRoad]:
        """The links of 2022: `<BadgeLink badgeText='Read' href='…'>title</BadgeLink>`."""
        for found in _BADGE.finditer(text):
            pairs = _ATTRIBUTE.finditer(found["attributes"])
            given = {pair["name"]: pair["one"] or pair["two"] or "" for pair in pairs}
            said = given.get("badgeText", "Read").strip()
            kind = _BADGES.get(said.lower())
            if kind is None:
                self._unknown(said, line)
            if link := self._link(kind or "article", found["title"], given.get("href", ""), line):
                yield link

    def _loose(self, text: str, line: int) -> list[Link | ToRoad]:
        read: list[Link | ToRoad] = []
        for found in _LOOSE.finditer(text):
            url = found["url"].rstrip(".,;")
            while url.endswith(")") and url.count(")") > url.count("("):
                url = url[:-1].rstrip(".,;")
            if link := self._typed(found["title"], url, line):
                read.append(link)
        if read:
            self._note("link", line, _("The link is malformed. It was read as well as it could be."))
        else:
            self._note("link", line, _("No link could be read here; it was left out."))
        return read

    def _typed(self, title: str, url: str, line: int) -> Link | ToRoad | None:
        title = _ESCAPED.sub(r"\1", title).strip()
        kind = "article"
        if typed := _TYPED.fullmatch(title):
            kind, title = typed["type"], typed["title"]
        elif half := _HALF_TYPED.fullmatch(title):
            kind, title = half["before"] or half["after"], half["title"].lstrip("@")
            self._note("link", line, _("An “@” is missing before or after the type."))
        if kind != kind.lower() or kind.lower() not in (*TYPES, "roadmap"):
            self._unknown(kind, line)
        kind = kind.lower()
        if kind == "roadmap":
            return self._to_road(title, url, line)
        return self._link(TYPES.get(kind, "article"), title, url, line, is_feed=kind == "feed")

    def _link(self, kind: str, title: str, url: str, line: int, *, is_feed: bool = False) -> Link | None:
        url = url.strip()
        normal = names.normal(url)
        if normal is None:
            self._note("link", line, _("This is no address of the web; it was left out."))
            return None
        return Link(kind, " ".join(title.split()) or normal.removeprefix("https://"), url, is_feed)

    def _to_road(self, title: str, url: str, line: int) -> ToRoad | None:
        found = _ROAD.fullmatch(url.strip())
        if found is None:
            self._note("link", line, _("This does not lead to a road; it was left out."))
            return None
        return ToRoad(found["slug"].lower(), " ".join(title.split()))

    def _unknown(self, kind: str, line: int) -> None:
        shown = _("There is no type “%(type)s”. It was read as an article.", type=kind[:40])
        if kind.lower() in TYPES:
            shown = _("The type “%(type)s” is written small.", type=kind[:40])
        self._note("type", line, shown)

    def _note(self, kind: Kind, line: int, what: Sentence) -> None:
        self.notes.append(Note(kind, self.file, line, what))
