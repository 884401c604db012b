"""What changes between two documents of a road, item by item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from roadmap.document import RoadDocument

Kind = Literal["added", "removed", "renamed", "moved", "edited"]
Noun = Literal["road", "stage", "topic", "task", "resource", "placement", "quiz"]


@dataclass(frozen=True, slots=True)
class Change:
    """One item that is not what it was. `before` and `after` are titles when renamed, places when moved."""

    kind: Kind
    noun: Noun
    title: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class _Item:
    """`home` is the key of the place it stands in, `place` that place's title, which may change without a move."""

    title: str
    home: str
    place: str
    content: Any


def changes(old: RoadDocument | None, new: RoadDocument) -> list[Change]:
    """What `new` has otherwise than `old`, from the road down to its resources; all is added when there is no old."""
    found: list[Change] = []
    if old is not None:
        found += _renamed("road", old.title, new.title)
        found += [Change("edited", "road", new.title)] if _road(old) != _road(new) else []
    for noun, items in _KINDS.items():
        before = items(old) if old else {}
        found += _of_kind(noun, before, items(new))
    return found


def _of_kind(noun: Noun, old: Mapping[str, _Item], new: Mapping[str, _Item]) -> Iterator[Change]:
    if noun != "resource":  # that it came or went is said where it is placed
        yield from (
            Change("added", noun, new[key].title, after=new[key].place) for key in new if key not in old
        )
        yield from (Change("removed", noun, old[key].title, old[key].place) for key in old if key not in new)
    for key in [key for key in new if key in old]:
        was, now = old[key], new[key]
        if noun != "placement":  # its name is that of the resource
            yield from _renamed(noun, was.title, now.title)
        if was.home != now.home:
            yield Change("moved", noun, now.title, was.place, now.place)
        if was.content != now.content:
            yield Change("edited", noun, now.title)
    if noun == "resource":
        return  # the library has no order
    for home in dict.fromkeys(item.home for item in new.values()):
        if moved := _out_of_order(_at(home, old), _at(home, new)):
            yield Change("moved", noun, new[moved].title)


def _renamed(noun: Noun, before: str, after: str) -> list[Change]:
    return [Change("renamed", noun, after, before, after)] if before != after else []


def _out_of_order(old: Mapping[str, _Item], new: Mapping[str, _Item]) -> str:
    """The first key that stands elsewhere among those that are in both, or nothing."""
    kept = [key for key in new if key in old]
    order = [key for key in old if key in new]
    return next((key for key, other in zip(kept, order, strict=True) if key != other), "")


def _at(home: str, items: Mapping[str, _Item]) -> dict[str, _Item]:
    return {key: item for key, item in items.items() if item.home == home}


def _road(document: RoadDocument) -> dict[str, Any]:
    return document.model_dump(exclude={"title", "stages", "resources"})


def _stages(document: RoadDocument) -> dict[str, _Item]:
    parts = {"title", "topics", "evidence"}
    return {
        stage.key: _Item(stage.title, "", "", stage.model_dump(exclude=parts)) for stage in document.stages
    }


def _topics(document: RoadDocument) -> dict[str, _Item]:
    return {
        topic.key: _Item(
            topic.title, stage.key, stage.title, topic.model_dump(exclude={"title", "resources"})
        )
        for stage in document.stages
        for topic in stage.topics
    }


def _tasks(document: RoadDocument) -> dict[str, _Item]:
    return {
        task.key: _Item(task.title, stage.key, stage.title, task.model_dump(exclude={"title"}))
        for stage in document.stages
        for task in stage.evidence
    }


def _placements(document: RoadDocument) -> dict[str, _Item]:
    """Resources by the topic they stand in: the same one may stand in several."""
    return {
        f"{topic.key}/{placed.resource}": _Item(
            document.resources[placed.resource].title, topic.key, topic.title, placed.role
        )
        for stage in document.stages
        for topic in stage.topics
        for placed in topic.resources
    }


def _resources(document: RoadDocument) -> dict[str, _Item]:
    return {
        key: _Item(entry.title, "", "", entry.model_dump(exclude={"title"}))
        for key, entry in document.resources.items()
    }


_KINDS: dict[Noun, Any] = {
    "stage": _stages,
    "topic": _topics,
    "task": _tasks,
    "placement": _placements,
    "resource": _resources,
}
