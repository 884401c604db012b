"""What changes between two documents of a road, in words: what comes, goes, moves, is renamed, reworded, asked for.

`changes(old, new)` is all of it, what a reader should see first. Keys tell items apart, so one whose key changed is
one that went and one that came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from accounts.sentences import sentence as _
from roadmap.difference import readings, rules
from roadmap.difference.change import Change, Kind, Noun, Words
from roadmap.difference.items import STAYS, Item, Items, compare, parts, removed
from roadmap.difference.weave import Piece, weave
from roadmap.document import RoadDocument

__all__ = ["Change", "Kind", "Noun", "Piece", "Words", "changes", "weave"]


def changes(old: RoadDocument | None, new: RoadDocument) -> list[Change]:
    """What `new` has otherwise than `old`; all is added when there is no old. Big changes come first."""
    found = [*_first(new)] if old is None else [*_between(old, new)]
    return sorted(found, key=lambda change: change.is_small)  # sorting is stable


def _first(new: RoadDocument) -> Iterator[Change]:
    yield from compare("stage", {}, readings.stages(new))
    yield from _small(compare("topic", {}, readings.topics(new)))
    yield from _small(compare("task", {}, readings.tasks(new)))


def _between(old: RoadDocument, new: RoadDocument) -> Iterator[Change]:
    was, now = readings.road(old), readings.road(new)
    if was.title != now.title:
        yield Change("renamed", "road", now.title, was.title, now.title)
    yield from rules.gates(old, new)
    yield from _unfolded(compare("stage", readings.stages(old), readings.stages(new)), "moved", "reworded")
    yield from rules.hours(old, new)
    yield from _unless_stage_is_new(old, new, compare("topic", readings.topics(old), readings.topics(new)))
    yield from _unless_stage_is_new(old, new, compare("task", readings.tasks(old), readings.tasks(new)))
    yield from _placements(old, new)
    yield from _small(compare("criterion", readings.criteria(old), readings.criteria(new)))
    yield from _resources(readings.resources(old), readings.resources(new))
    yield from parts("road", was, now)
    yield from _small(compare("background", readings.backgrounds(old), readings.backgrounds(new)))
    yield from _small(compare("faq", readings.faq(old), readings.faq(new)))
    yield from _small(compare("related", readings.related(old), readings.related(new)))


def _small(found: Iterable[Change]) -> Iterator[Change]:
    return (change.small() for change in found)


def _unfolded(found: Iterable[Change], *kinds: Kind) -> Iterator[Change]:
    return (replace(change, is_small=change.is_small and change.kind not in kinds) for change in found)


def _unless_stage_is_new(old: RoadDocument, new: RoadDocument, found: Iterable[Change]) -> Iterator[Change]:
    """What comes or goes with its stage is small: the stage says it."""
    kept = {stage.title for stage in new.stages if stage.key in old.stage_by_key}
    kept |= {stage.title for stage in old.stages if stage.key in new.stage_by_key}
    for change in found:
        home = dict(change.place.values).get("place")
        is_with_stage = change.kind in {"added", "removed"} and home not in kept
        yield change.small() if is_with_stage else change


def _placements(old: RoadDocument, new: RoadDocument) -> Iterator[Change]:
    """Resources in the topics that are in both editions: what comes or goes with its topic, the topic says."""
    both = old.topic_by_key.keys() & new.topic_by_key.keys()
    was = {key: item for key, item in readings.placements(old).items() if item.home in both}
    now = {key: item for key, item in readings.placements(new).items() if item.home in both}
    gone = {key: item for key, item in was.items() if key not in now}
    come = {key: item for key, item in now.items() if key not in was}
    yield from _replaced(gone, come)
    yield from _unless_core(come, compare("placement", {}, come))
    yield from _unless_core(gone, removed("placement", gone, {}))
    stays = {key: item for key, item in now.items() if key in was}
    yield from compare("placement", {key: item for key, item in was.items() if key in now}, stays)


def _unless_core(items: Items, found: Iterator[Change]) -> Iterator[Change]:
    """One change an item, in their order: small unless the item must be ticked."""
    for item, change in zip(items.values(), found, strict=True):
        yield change if _is_core(item) else change.small()


def _replaced(gone: dict[str, Item], come: dict[str, Item]) -> Iterator[Change]:
    """One that went and one that came in the same topic and role; both are taken out of what is left to say."""
    for key, item in list(gone.items()):
        other = next((k for k, i in come.items() if (i.home, i.values) == (item.home, item.values)), None)
        if other is not None:
            instead = come.pop(other)
            del gone[key]
            place = _("in “%(place)s”", place=instead.home_title)
            yield Change(
                "replaced", "placement", instead.title, item.title, instead.title, place=place, note=STAYS
            )


def _is_core(item: Item) -> bool:
    return "core" in item.values.values()


def _resources(old: Items, new: Items) -> Iterator[Change]:
    """The library has no order, and that a resource came or went is said where it is placed."""
    both = [key for key in new if key in old]
    found = compare("resource", {key: old[key] for key in both}, {key: new[key] for key in both})
    return (change if change.kind == "renamed" else change.small() for change in found)
