from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models, transaction
from django.db.models import Count, F, TextField
from django.db.models.functions import Concat

from roadmap.models.resource import Placement, Resource
from roadmap.models.stage import Stage
from roadmap.models.topic import Topic

PLACES_NAMED = 3


@dataclass(slots=True)
class ArrangedTopic:
    """One topic as it shall be: its values set on the row, its resources as (resource, role) in order."""

    topic: Topic
    resources: list[tuple[Resource, str]] = field(default_factory=list)
    is_archived: bool = False


class Arrangement:
    """One stage with its living topics and what is placed in them, in order: read and written as one thing."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def topics(self) -> list[Topic]:
        """The living topics in order, each with its placements and their resources: two queries."""
        placed = Placement.objects.select_related("resource").order_by("position", "id")
        living = Topic.objects.filter(stage=self.stage).unarchived().order_by("position", "id")
        return list(living.prefetch_related(models.Prefetch("placements", placed)))

    def other_places(self, resources: Sequence[Resource]) -> dict[int, tuple[int, list[str]]]:
        """By resource: in how many living topics of other stages it stands, and the names of the first three."""
        return {row["resource"]: (row["count"], row["names"]) for row in _elsewhere(self.stage, resources)}

    def lock(self) -> None:
        """Hold the stage, its topics and their placements as they are until the transaction ends."""
        stages = Stage.objects.filter(pk=self.stage.pk)
        topics = Topic.objects.filter(stage=self.stage).order_by("pk")
        placements = Placement.objects.filter(topic__stage=self.stage).order_by("pk")
        for rows in (stages, topics, placements):
            list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))

    @transaction.atomic
    def write(self, topics: Sequence[ArrangedTopic], now: datetime) -> None:
        """Save the stage and make its topics and their resources what is said, in this order.

        A topic whose stage is another one goes behind the last topic there. Rows that stay as they are, are not
        written. The caller locks the rows and says that nobody else changed them.
        """
        self.stage.save()
        before = {topic.pk: topic for topic in self.topics()}
        position = 0
        for arranged in topics:
            if arranged.topic.stage_id == self.stage.pk and not arranged.is_archived:
                position += 1
            _write_topic(before.get(arranged.topic.pk), arranged, self._place(arranged, position), now)

    def _place(self, arranged: ArrangedTopic, position: int) -> int:
        if arranged.topic.stage_id == self.stage.pk:
            return position
        last = Topic.objects.filter(stage=arranged.topic.stage_id).aggregate(last=models.Max("position"))
        return (last["last"] or 0) + 1


def _write_topic(before: Topic | None, arranged: ArrangedTopic, position: int, now: datetime) -> None:
    topic = arranged.topic
    if not arranged.is_archived:
        topic.position = position
    if before is None or _values(before) != _values(topic):
        topic.save()
    _write_placements(list(before.placements.all()) if before else [], arranged)
    if arranged.is_archived:
        topic.archive(now)


def _values(topic: Topic) -> dict[str, Any]:
    return {name: getattr(topic, name) for name in ("title", "key", "position", "stage_id", "hours")}


def _write_placements(before: Sequence[Placement], arranged: ArrangedTopic) -> None:
    found = {placement.resource_id: placement for placement in before}
    for position, (resource, role) in enumerate(arranged.resources, 1):
        placement = found.pop(resource.pk, None) or Placement(topic=arranged.topic, resource=resource)
        if (placement.pk, placement.role, placement.position) != (placement.pk or 0, role, position):
            placement.role, placement.position = role, position
            placement.save()
    for placement in found.values():
        placement.delete()


def _elsewhere(stage: Stage, resources: Sequence[Resource]) -> Iterable[Mapping[str, Any]]:
    named = Concat(
        "topic__title",
        models.Value(" ("),
        "topic__roadmap__title",
        models.Value(")"),
        output_field=TextField(),
    )
    places = Placement.objects.filter(
        resource__in=[resource.pk for resource in resources],
        topic__archived_at=None,
        topic__stage__archived_at=None,
    )
    return (
        places.exclude(topic__stage=stage)
        .order_by()
        .values("resource")
        .annotate(count=Count("pk"), all_names=ArrayAgg(named, order_by=named))
        .values("resource", "count", names=F("all_names")[:PLACES_NAMED])
    )
