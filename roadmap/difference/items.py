"""Compares the items of two documents kind by kind: which came, went, moved, and which of their parts differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.sentences import NOTHING, Sentence
from accounts.sentences import sentence as _
from roadmap.difference.change import Change, Noun, Words
from roadmap.difference.order import moved

STAYS = _("What learners did with it stays.")


@dataclass(frozen=True, slots=True)
class Item:
    """One item as it stands in a document.

    `home` is the key of the place it stands in and `home_title` that place's title, which may change without a move;
    `texts` are compared word by word, `values` as a whole. Both are named by what a reader calls them.
    """

    title: str
    home: str = ""
    home_title: str = ""
    texts: Mapping[Words, str] = field(default_factory=dict)
    values: Mapping[Words, Words] = field(default_factory=dict)


Items = Mapping[str, Item]


def compare(noun: Noun, old: Items, new: Items) -> Iterator[Change]:
    """Added, removed, moved, renamed, reworded and otherwise changed items, in the order of `new`."""
    for key, item in new.items():
        if key not in old:
            yield Change("added", noun, item.title, place=_in(item))
    yield from removed(noun, old, new)
    for key, item in new.items():
        if key in old:
            yield from _of_one(noun, old[key], item)
    yield from reordered(noun, old, new)


def removed(noun: Noun, old: Items, new: Items) -> Iterator[Change]:
    note = STAYS if noun in _WITH_FACTS else NOTHING
    for key, item in old.items():
        if key not in new:
            yield Change("removed", noun, item.title, place=_from(item), note=note)


_WITH_FACTS: frozenset[Noun] = frozenset({"stage", "topic", "task", "placement", "quiz", "question"})


def _of_one(noun: Noun, was: Item, now: Item) -> Iterator[Change]:
    if was.title != now.title:
        yield Change("renamed", noun, now.title, was.title, now.title)
    if was.home != now.home:
        place = _("from “%(before)s” to “%(after)s”", before=was.home_title, after=now.home_title)
        yield Change("moved", noun, now.title, place=place)
    yield from parts(noun, was, now)


def parts(noun: Noun, was: Item, now: Item) -> Iterator[Change]:
    """Texts and values that differ."""
    for part, text in now.texts.items():
        if text != was.texts.get(part, ""):
            yield Change("reworded", noun, now.title, was.texts.get(part, ""), text, part, is_small=True)
    for part in dict.fromkeys((*was.values, *now.values)):
        before, after = was.values.get(part, ""), now.values.get(part, "")
        if before != after:
            yield Change("changed", noun, now.title, before, after, part, is_small=True)


def reordered(noun: Noun, old: Items, new: Items) -> Iterator[Change]:
    """Items that stand in another place of the same home."""
    for home in dict.fromkeys(item.home for item in new.values()):
        was, now = _at(home, old), _at(home, new)
        for key in moved(was, now):
            place = _(
                "from place %(before)s to place %(after)s",
                before=was.index(key) + 1,
                after=now.index(key) + 1,
            )
            yield Change("moved", noun, new[key].title, place=place, is_small=True)


def _at(home: str, items: Items) -> list[str]:
    return [key for key, item in items.items() if item.home == home]


def _in(item: Item) -> Sentence:
    return _("in “%(place)s”", place=item.home_title) if item.home_title else NOTHING


def _from(item: Item) -> Sentence:
    return _("from “%(place)s”", place=item.home_title) if item.home_title else NOTHING


def span(low: int, high: int) -> Words:
    """`4–8 h`, or nothing."""
    return _("%(low)s–%(high)s h", low=low, high=high) if high else ""


def listed(words: Sequence[Any]) -> str:
    return ", ".join(str(word) for word in words)


def plain(name: str) -> str:
    """A name of the format as a reader writes it: deep_dive, free-with-account."""
    return name.replace("_", " ").replace("-", " ")
