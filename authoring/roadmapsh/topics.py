"""One file of a topic: its title, its text, its links. Whatever is in the file, something is made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from accounts.sentences import sentence as _
from authoring.roadmapsh import names
from authoring.roadmapsh.links import MOST, Link, Reader, ToRoad, has_badge, is_link
from authoring.roadmapsh.report import Note
from roadmap.document import CONTROL

_TITLE = re.compile(r"#[ \t]+(?P<title>.*?)[ \t]*#*[ \t]*")
_ITEM = re.compile(r"[ \t]*[-*+][ \t]+(?P<text>\S.*)")
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})")
_LEAD_IN = re.compile(r"\b(?:following|learn more|resources|visit)\b", re.IGNORECASE)
_GROUP_TITLE = re.compile(r"[ \t]*<ResourceGroupTitle>[^<]*</ResourceGroupTitle>[ \t]*")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file says. `title` is empty when it has no heading."""

    title: str
    body: str
    links: tuple[Link, ...] = ()
    roads: tuple[ToRoad, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass
class _List:
    """A list in the file: the lines it takes, and its items, each with its lines."""

    first: int
    last: int
    items: list[tuple[int, list[str]]] = field(default_factory=list)

    def is_of_links(self) -> bool:
        return any(is_link(" ".join(parts)) for _line, parts in self.items)

    def looks_like_links(self) -> bool:
        return any("](" in part for _line, parts in self.items for part in parts)


def parse(data: bytes, file: str) -> Parsed:
    """The topic of a file, with all that was odd about it."""
    text, notes = _text(data, file)
    lines = text.split("\n")
    fenced = _fenced(lines)
    reader = Reader(file)
    title, gone = _heading(lines, fenced)
    found: list[Link | ToRoad] = []
    for number, line in enumerate(lines):
        if number not in fenced and (has_badge(line) or _GROUP_TITLE.fullmatch(line)):
            found += reader.badges(line, number + 1)
            gone.add(number)
    lists = _lists(lines, fenced)
    chosen = _last(lists, _List.is_of_links) or _last(lists, _List.looks_like_links)
    if chosen:
        for first, parts in chosen.items:
            found += reader.item(parts, first + 1)
        gone |= set(range(chosen.first, chosen.last + 1))
    gone |= _lead_in(lines, fenced, gone, chosen.first if chosen else len(lines))
    body = "\n".join(line for number, line in enumerate(lines) if number not in gone)
    links = tuple(_once(link for link in found if isinstance(link, Link)))
    if len(links) > MOST:
        notes.append(
            Note("many", file, None, _("The topic has %(count)s links. All were kept.", count=len(links)))
        )
    return Parsed(
        title,
        re.sub(r"\n{3,}", "\n\n", body).strip(),
        links,
        tuple(link for link in found if isinstance(link, ToRoad)),
        (*notes, *reader.notes),
    )


def _text(data: bytes, file: str) -> tuple[str, list[Note]]:
    notes = []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("utf-8-sig", "replace")
        notes.append(Note("text", file, None, _("The file is not UTF-8; some letters are lost.")))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if CONTROL.search(text):
        text = CONTROL.sub("", text)
        notes.append(Note("text", file, None, _("Control characters were taken out.")))
    return text, notes


def _fenced(lines: Sequence[str]) -> set[int]:
    """Numbers of the lines that are code."""
    inside, mark = set(), ""
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if mark or fence:
            inside.add(number)
        if fence and not mark:
            mark = fence["mark"]
        elif fence and fence["mark"].startswith(mark) and not line.strip().strip(mark[0]):
            mark = ""
    return inside


def _heading(lines: Sequence[str], fenced: set[int]) -> tuple[str, set[int]]:
    for number, line in enumerate(lines):
        if number not in fenced and len(line) < 1000 and (found := _TITLE.fullmatch(line)):
            return found["title"], {number}
    return "", set()


def _lists(lines: Sequence[str], fenced: set[int]) -> list[_List]:
    lists: list[_List] = []
    is_open = after_blank = False
    for number, line in enumerate(lines):
        item = None if number in fenced else _ITEM.fullmatch(line)
        if item:
            if not is_open:
                lists.append(_List(number, number))
            lists[-1].items.append((number, [item["text"].strip()]))
            lists[-1].last = number
            is_open, after_blank = True, False
        elif not line.strip():
            after_blank = True
        elif is_open and number not in fenced and not after_blank and not line.startswith("#"):
            lists[-1].items[-1][1].append(line.strip())
            lists[-1].last = number
        else:
            is_open = after_blank = False
    return lists


def _last(lists: Sequence[_List], is_so: Callable[[_List], bool]) -> _List | None:
    return next((found for found in reversed(lists) if is_so(found)), None)


def _lead_in(lines: Sequence[str], fenced: set[int], gone: set[int], end: int) -> set[int]:
    """The lines “Visit the following resources to learn more:” that stand right above the links, or at the end."""
    number = end - 1
    while number >= 0 and (not lines[number].strip() or number in gone):
        number -= 1
    if number < 0 or number in fenced or len(lines[number]) > 300:
        return set()
    line = lines[number].strip()
    is_short = end < len(lines) and len(line) < 80
    return {number} if _LEAD_IN.search(line) and (line.endswith(":") or is_short) else set()


def _once(links: Iterable[Link]) -> Iterable[Link]:
    """A resource stands once in a topic."""
    by_address: dict[str | None, Link] = {}
    for link in links:
        by_address.setdefault(names.normal(link.url), link)
    return by_address.values()
