from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from accounts.models.history import keep, signed
from authoring.models.upsert import CHUNK
from quizzes.models import PaperItem, PaperPool, Question, Quiz
from roadmap.keys import MAX_LENGTH
from roadmap.models import (
    Background,
    EvidenceTask,
    Faq,
    Gate,
    Placement,
    Related,
    Roadmap,
    RubricCriterion,
    Stage,
    Topic,
)


class RoadCopy:
    """A road's living drafts on their way into a road of their own, to be adapted: private, nothing published.

    Resources are the house's and are shared. Questions are copied under new keys, so that whoever adapts the copy
    never changes what learners of the other road are asked.
    """

    def __init__(self, road: Roadmap) -> None:
        self.road = road
        self.twins: dict[type[Model], dict[int, int]] = {}

    @transaction.atomic
    def save(self, key: str, title: str, now: datetime) -> Roadmap:
        """Write the whole copy or nothing."""
        with signed(at=now):
            Roadmap.objects.select_for_update(no_key=True).get(pk=self.road.pk)
            copy = self._copy_road(key, title)
            road, stage = {"roadmap": self.road}, {"roadmap": self.road, "archived_at": None}
            inside = {**stage, "stage__archived_at": None}
            for front in (Background, Faq, Related):
                self._copy(front, QuerySet(front).filter(**road))
            self._copy(Stage, Stage.objects.filter(**stage))
            for part in (Topic, EvidenceTask, Quiz):
                self._copy(part, QuerySet(part).filter(**inside))
            self._copy(Placement, Placement.objects.filter(topic__in=self.twins[Topic]))
            self._copy(RubricCriterion, RubricCriterion.objects.filter(task__in=self.twins[EvidenceTask]))
            self._copy(Gate, Gate.objects.filter(stage__in=self.twins[Stage]))
            self._copy_questions(key)
            self._link(Topic, Topic.prerequisites.through)
            self._link(Gate, Gate.stages.through, Gate.tasks.through)
            for model, pks in self.twins.items():
                keep(model, pks.values(), "+")
        return copy

    def _copy_road(self, key: str, title: str) -> Roadmap:
        copy: Roadmap = _twin(self.road)
        copy.key, copy.title, copy.is_public, copy.archived_at = key, title, False, None
        copy.current_edition = None
        copy.position = Roadmap.objects.count() + 1
        copy.save()
        self.twins[Roadmap] = {self.road.pk: copy.pk}
        return copy

    def _copy_questions(self, key: str) -> None:
        items = PaperItem.objects.filter(quiz__in=self.twins[Quiz])
        pools = PaperPool.objects.filter(quiz__in=self.twins[Quiz])
        stands = Q(pk__in=items.values("question"))
        drawn = Q(archived_at=None, topic__in=self.twins[Topic]) if pools.exists() else Q(pk__in=())
        asked = list(Question.objects.filter(stands | drawn).order_by("pk"))
        taken = set(Question.objects.values_list("key", flat=True))
        names: dict[int, str] = {}
        for question in asked:
            names[question.pk] = _free(_renamed(question.key, self.road.key, key), taken)
            taken.add(names[question.pk])
        self._copy(Question, asked, names)
        self._copy(PaperItem, items)
        self._copy(PaperPool, pools)

    def _copy(self, model: type[Model], rows: Iterable[Any], names: dict[int, str] | None = None) -> None:
        """Twins of the rows; what they stand in is the copy's own, what is the house's stays."""
        found = list(rows)
        twins = [self._at_home(_twin(row)) for row in found]
        for row, twin in zip(found, twins, strict=True):
            if names:
                twin.key = names[row.pk]
        QuerySet(model).bulk_create(twins, batch_size=CHUNK)
        self.twins[model] = {row.pk: twin.pk for row, twin in zip(found, twins, strict=True)}

    def _at_home(self, twin: Any) -> Any:
        for field in twin._meta.concrete_fields:  # noqa: SLF001  # Django documents it
            if field.is_relation and field.related_model in self.twins:
                old = getattr(twin, field.attname)
                setattr(twin, field.attname, self.twins[field.related_model].get(old))
        if isinstance(twin, Quiz):
            twin.current_version = None
        return twin

    def _link(self, model: type[Model], *throughs: Any) -> None:
        """The many-to-many links of the twins among each other."""
        for through in throughs:
            own, other = (field for field in through._meta.fields if field.is_relation)  # noqa: SLF001
            ours = {
                f"{own.name}__in": self.twins[model],
                f"{other.name}__in": self.twins[other.related_model],
            }
            links = [self._at_home(_twin(link)) for link in through.objects.filter(**ours)]
            through.objects.bulk_create(links, batch_size=CHUNK)


def _twin(row: Any) -> Any:
    """The same values in a row that is not saved yet."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]  # noqa: SLF001
    return type(row)(**{field.attname: getattr(row, field.attname) for field in fields})


def _renamed(key: str, old: str, new: str) -> str:
    return key.replace(old, new, 1) if old in key else f"{new}-{key}"


def _free(key: str, taken: set[str]) -> str:
    """The key, short enough and, where it is taken, with the first number that is not."""
    key = key[: MAX_LENGTH - 4].rstrip("-")
    number = 2
    free = key
    while free in taken:
        free, number = f"{key}-{number}", number + 1
    return free
