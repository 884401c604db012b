"""Which files go with a row when it is deleted: those of the rows that are deleted with it, on whatever floor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import models
from django.db.models.deletion import Collector
from django.db.models.fields.files import FieldFile


def files_that_go_with(row: models.Model) -> list[FieldFile]:
    """The stored files of `row` and of every row that its deletion takes along."""
    collector = Collector(using="default", origin=row)
    collector.collect([row])
    doomed: list[tuple[type[models.Model], Iterable[models.Model]]] = [
        *collector.data.items(),
        *((rows.model, rows) for rows in collector.fast_deletes),
    ]
    return [file for model, rows in doomed for file in _files(model, rows)]


def _files(model: type[models.Model], rows: Iterable[models.Model]) -> Iterator[FieldFile]:
    fields = model._meta.concrete_fields  # noqa: SLF001  # Django documents it
    names = [field.attname for field in fields if isinstance(field, models.FileField)]
    if names:
        yield from (file for row in rows for name in names if (file := getattr(row, name)))
