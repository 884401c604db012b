"""Shapes of what there is to learn. They are the edition's own document, with the edition's number beside it."""

from __future__ import annotations

from datetime import date, datetime
from threading import Lock

from cachetools import LRUCache
from pydantic import Field

from api.serializers.shape import Page, Shape
from roadmap.document import ResourceEntry, RoadDocument, StageEntry
from roadmap.models import Edition, Roadmap

BYTES_OF_ANSWERS = 16 * 1024 * 1024


class RoadLine(Shape):
    """A road in the list of roads."""

    key: str
    title: str
    level: str
    language: str
    summary: str
    last_updated_on: date | None


class RoadPage(Page[RoadLine]):
    """Roads in the order authors gave them."""


class Road(RoadDocument):
    """A road as its newest edition says it. Texts are Markdown; stages and resources refer to each other by key."""

    edition: int = Field(description="Number of the edition; it never changes once published.")
    published_at: datetime


class StageOfRoad(StageEntry):
    """One stage of the newest edition, with the resources it places."""

    number: int = Field(description="Counted from 1.")
    edition: int
    resources: dict[str, ResourceEntry]


# Editions never change, so neither do these; keys are (edition id, stage key or nothing).
_lock = Lock()
_answers: LRUCache[tuple[int, str], bytes] = LRUCache(BYTES_OF_ANSWERS, getsizeof=len)


def road_json(roadmap: Roadmap, stage_key: str = "") -> bytes:
    """The Road, or one StageOfRoad of it, as JSON, kept in this process per edition.

    Needs `roadmap` with its current edition selected; raises KeyError for a stage the road does not have.
    """
    key = (roadmap.studied_edition_id, stage_key)
    with _lock:
        kept = _answers.get(key)
    if kept is None:
        kept = _written(roadmap, stage_key)
        with _lock:
            if len(kept) <= BYTES_OF_ANSWERS:
                _answers[key] = kept
    return kept


def _written(roadmap: Roadmap, stage_key: str) -> bytes:
    document, edition = Edition.objects.document(roadmap.studied_edition_id), roadmap.current_edition
    if edition is None:
        raise ValueError(roadmap.key)
    shape = _stage(document, stage_key, edition) if stage_key else _road(document, edition)
    return shape.model_dump_json().encode()


def _road(document: RoadDocument, edition: Edition) -> Road:
    return Road.model_construct(**dict(document), edition=edition.number, published_at=edition.published_at)


def _stage(document: RoadDocument, key: str, edition: Edition) -> StageOfRoad:
    stage = document.stage_by_key[key]
    placed = {placed.resource for topic in stage.topics for placed in topic.resources}
    return StageOfRoad.model_construct(
        **dict(stage),
        number=document.number_of(key),
        edition=edition.number,
        resources={key: entry for key, entry in document.resources.items() if key in placed},
    )
