"""What draft rows were: each change is kept, with who made it and when (django-simple-history)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import connection, models
from simple_history.models import HistoricalRecords
from simple_history.utils import get_m2m_field_name

from accounts import clock

Act = Literal["+", "~", "-"]

# Why nobody has signed a change: it came in a folder; the program did it; it was there when histories began.
FILES, PROGRAM, BEFORE = "files", "program", "before"


@dataclass
class Hand:
    """Who is changing drafts right now, and, where it is no edit at the desk, where the change comes from."""

    request: Any = None
    why: str = ""
    at: datetime | None = None

    def person(self) -> Any:
        """The signed-in person, asked for only when something is written."""
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    def reason(self) -> str:
        return self.why or ("" if self.person() else PROGRAM)

    def moment(self) -> datetime:
        if self.at is None:
            self.at = clock.now()
        return self.at


_hand: ContextVar[Hand | None] = ContextVar("hand", default=None)


@contextmanager
def signed(*, request: Any = None, why: str = "", at: datetime | None = None) -> Iterator[None]:
    """Changes of drafts made within are signed like this; what is left out stays as it was signed outside."""
    outer = _hand.get() or Hand()
    inner = Hand(request or outer.request, why or outer.why, at or outer.at)
    token = _hand.set(inner)
    try:
        yield
    finally:
        _hand.reset(token)


class History(HistoricalRecords):  # type: ignore[misc]  # untyped
    """The history of a model's rows. A save that changes nothing leaves no trace; bulk writes call `keep`."""

    _date_indexing = False  # a history is read row by row

    def _get_history_id_field(self) -> models.BigAutoField[Any, Any]:
        return models.BigAutoField(primary_key=True)

    def copy_fields(self, model: Any) -> dict[str, Any]:
        """Found by the row and by what it stands in, by nothing else."""
        fields: dict[str, Any] = super().copy_fields(model)
        for name, field in fields.items():
            found_by = isinstance(field, models.ForeignKey) or name == model._meta.pk.name  # noqa: SLF001
            field.db_index = field.db_index and found_by
        return fields

    def post_save(
        self, instance: Any, created: bool, using: Any = None, update_fields: Any = None, **kwargs: Any
    ) -> None:
        names = {name for field in self.fields_included(instance) for name in (field.name, field.attname)}
        if update_fields and not names & set(update_fields):
            return
        if created or self._differs(instance):
            super().post_save(instance, created, using=using, **kwargs)

    def create_historical_record(self, instance: Any, history_type: Act, using: Any = None) -> None:
        hand = _hand.get() or Hand()
        instance._history_date = hand.moment()  # noqa: SLF001  # the library's own door
        instance._change_reason = hand.reason()  # noqa: SLF001  # the same
        super().create_historical_record(instance, history_type, using=using)

    def get_history_user(self, instance: Any) -> Any:
        return (_hand.get() or Hand()).person()

    def _differs(self, instance: Any) -> bool:
        names = [field.attname for field in self.fields_included(instance)]
        kept = getattr(instance, self.manager_name).order_by("-history_id").values_list(*names).first()
        return kept is None or kept != tuple(getattr(instance, name) for name in names)


def keep(model: type[models.Model], pks: Iterable[int], act: Act) -> None:
    """Write the rows' present state into their history, in one statement: for rows that were written in bulk.

    Before a bulk deletion call it with "-", after anything else with "+" or "~".
    """
    wanted = list(pks)
    if not wanted:
        return
    hand = _hand.get() or Hand()
    person = hand.person()
    with connection.cursor() as cursor:
        values = [hand.moment(), act, person and person.pk, hand.reason(), wanted]
        cursor.execute(_statement(model), values)


def _statement(model: Any) -> str:
    kept = model.history.model
    quote, pk = connection.ops.quote_name, model._meta.pk.column  # noqa: SLF001  # Django documents it
    columns = ", ".join(quote(field.column) for field in kept.tracked_fields)
    links = "".join(_links(kept, field) for field in kept._history_m2m_fields)  # noqa: SLF001  # the library's own
    return (
        f"WITH kept AS (INSERT INTO {quote(kept._meta.db_table)}"  # noqa: S608, SLF001  # names of our own tables
        f" ({columns}, history_date, history_type, history_user_id, history_change_reason)"
        f" SELECT {columns}, %s, %s, %s, %s FROM {quote(model._meta.db_table)}"  # noqa: SLF001
        f" WHERE {quote(pk)} = ANY(%s) RETURNING history_id, {quote(pk)} AS pk){links} SELECT count(*) FROM kept"
    )


def _links(kept: Any, field: Any) -> str:
    """The part of the statement that keeps what a many-to-many field pointed at."""
    through, quote = field.remote_field.through, connection.ops.quote_name
    table = History.m2m_models[field]._meta.db_table  # noqa: SLF001  # Django documents it
    columns = [one.column for one in through._meta.fields]  # noqa: SLF001
    own = quote(through._meta.get_field(get_m2m_field_name(field)).column)  # noqa: SLF001
    names = ", ".join(map(quote, columns))
    values = ", ".join(f"t.{quote(column)}" for column in columns)
    return (
        f", {quote('to_' + field.name)} AS (INSERT INTO {quote(table)} (history_id, {names})"  # noqa: S608  # as above
        f" SELECT kept.history_id, {values} FROM {quote(through._meta.db_table)} t"  # noqa: SLF001
        f" JOIN kept ON kept.pk = t.{own})"
    )
