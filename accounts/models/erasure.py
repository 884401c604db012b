"""What goes with a row when it is deleted besides the rows that its keys name, on whatever floor they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.deletion import Collector
from django.db.models.fields.files import FieldFile

Doomed = list[tuple[type[models.Model], Iterable[models.Model]]]


def rows_that_go_with(row: models.Model) -> Doomed:
    """`row` and every row that its deletion takes along, by model."""
    collector = Collector(using="default", origin=row)
    collector.collect([row])
    return [*collector.data.items(), *((rows.model, rows) for rows in collector.fast_deletes)]


def files_of(doomed: Doomed) -> list[FieldFile]:
    """The stored files of these rows."""
    return [file for model, rows in doomed for file in _files(model, rows)]


def forget_at_the_desk(doomed: Doomed) -> None:
    """Delete what the desk's journal says about these rows: it calls them by names and addresses."""
    for model, rows in doomed:
        kind = ContentType.objects.get_for_model(model)
        if LogEntry.objects.filter(content_type=kind).exists():
            LogEntry.objects.filter(content_type=kind, object_id__in=[str(row.pk) for row in rows]).delete()


def forget(rows: models.QuerySet[models.Model]) -> None:
    """Delete these rows and what the desk's journal says about them."""
    forget_at_the_desk([(rows.model, rows)])
    rows.delete()


def end_sessions(doomed: Doomed) -> None:
    """Sign the person out everywhere: a session remembers by which address she came."""
    for model, rows in doomed:
        if model is UserSession:
            for session in rows:
                session.end()  # type: ignore[attr-defined]  # it is a UserSession


def _files(model: type[models.Model], rows: Iterable[models.Model]) -> Iterator[FieldFile]:
    fields = model._meta.concrete_fields  # noqa: SLF001  # Django documents it
    names = [field.attname for field in fields if isinstance(field, models.FileField)]
    if names:
        yield from (file for row in rows for name in names if (file := getattr(row, name)))
