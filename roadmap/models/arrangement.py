from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models, transaction
from django.db.models import Count, F, TextField
from django.db.models.functions import Concat

from accounts.models.history import keep
from roadmap.models.resource import Placement, Resource
from roadmap.models.stage import Stage
from roadmap.models.topic import Topic

PLACES_NAMED = 3
_TOPIC_FIELDS = ("title", "key", "position", "stage_id", "hours", "archived_at")


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
        self._place(topics, now)
        for arranged in topics:
            if arranged.topic.pk not in before:
                arranged.topic.save()
        changed = [
            arranged.topic
            for arranged in topics
            if arranged.topic.pk in before and _values(arranged.topic) != _values(before[arranged.topic.pk])
        ]
        _update(Topic, changed, _TOPIC_FIELDS)
        _write_placements(before, topics)

    def _place(self, topics: Sequence[ArrangedTopic], now: datetime) -> None:
        """Count positions: here from 1, in other stages behind what is there; what is archived keeps its own."""
        behind: dict[int, int] = {}
        here = 0
        for arranged in topics:
            topic = arranged.topic
            if arranged.is_archived:
                topic.archived_at = topic.archived_at or now
            elif topic.stage_id == self.stage.pk:
                topic.position = here = here + 1
            else:
                last = behind.get(topic.stage_id) or _last_position(topic.stage_id)
                topic.position = behind[topic.stage_id] = last + 1


def _last_position(stage_id: int) -> int:
    return Topic.objects.filter(stage=stage_id).aggregate(last=models.Max("position"))["last"] or 0


def _values(topic: Topic) -> list[Any]:
    return [getattr(topic, name) for name in _TOPIC_FIELDS]


def _write_placements(before: Mapping[int, Topic], topics: Sequence[ArrangedTopic]) -> None:
    """In as many statements for a thousand rows as for one."""
    new: list[Placement] = []
    changed: list[Placement] = []
    for arranged in topics:
        was = before.get(arranged.topic.pk)
        found = {placement.resource_id: placement for placement in was.placements.all()} if was else {}
        for position, (resource, role) in enumerate(arranged.resources, 1):
            placement = found.pop(resource.pk, None)
            if placement is None:
                new.append(Placement(topic=arranged.topic, resource=resource, role=role, position=position))
            elif (placement.role, placement.position) != (role, position):
                placement.role, placement.position = role, position
                changed.append(placement)
        for placement in found.values():
            placement.delete()
    _update(Placement, changed, ("role", "position"))
    keep(Placement, [placement.pk for placement in Placement.objects.bulk_create(new)], "+")


def _update(model: type[models.Model], rows: Sequence[Any], names: Sequence[str]) -> None:
    """Write these fields of the rows, and what the rows are now into their histories."""
    if rows:
        model._default_manager.bulk_update(rows, names, batch_size=500)  # noqa: SLF001  # Django documents it
        keep(model, [row.pk for row in rows], "~")


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
