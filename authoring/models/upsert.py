from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models.history import keep

M = TypeVar("M", bound=Model)

CHUNK = 500


class Changes:
    """What an import changes: per act (added, changed, restored, archived, removed) and kind of thing, which ones."""

    def __init__(self) -> None:
        self.by_act: dict[str, dict[str, list[str]]] = {}

    def note(self, act: str, kind: str, names: Iterable[str]) -> None:
        found = list(names)
        if found:
            self.by_act.setdefault(act, {}).setdefault(kind, []).extend(found)

    def count(self, act: str, kind: str = "") -> int:
        """How many things of this kind, or of all kinds, were added, changed, ..."""
        kinds = self.by_act.get(act, {})
        return len(kinds.get(kind, ())) if kind else sum(len(names) for names in kinds.values())

    def names(self, act: str, kind: str) -> list[str]:
        """Which things of a kind were added, changed, ..."""
        return self.by_act.get(act, {}).get(kind, [])

    def __bool__(self) -> bool:
        return bool(self.by_act)


class Upsert(Generic[M]):
    """Rows of one model that are to look as given: new ones are added, others changed in place.

    `name` gives what tells the rows of `among` apart; `by` names the unique constraint behind it. Two queries at
    most per 500 rows that differ, none for rows that look right already.
    """

    def __init__(
        self,
        among: QuerySet[M],
        *,
        by: Sequence[str],
        name: Callable[[Any], Hashable],
        fields: Sequence[str],
        changes: Changes,
    ) -> None:
        self.model = among.model
        self.by = list(by)
        self.name = name
        self.fields = list(fields)
        self.columns = [_column(self.model, field) for field in fields]
        self.changes = changes
        self.kind = str(self.model._meta.verbose_name)  # noqa: SLF001  # Django documents it
        self.rows: dict[Hashable, M] = {name(row): row for row in among}

    def put(self, wanted: Sequence[M]) -> dict[Hashable, M]:
        """Write what differs; answers with all rows by name, with their ids."""
        new = [row for row in wanted if self.name(row) not in self.rows]
        old = [row for row in wanted if self.name(row) in self.rows]
        archived = [row for row in old if getattr(self.rows[self.name(row)], "archived_at", None)]
        differing = [row for row in old if self._differs(self.rows[self.name(row)], row)]
        back = {self.name(row) for row in archived}
        self._note("added", new)
        self._note("restored", archived)
        self._note("changed", [row for row in differing if self.name(row) not in back])
        self._write([*new, *differing])
        keep(self.model, self._pks(new), "+")
        keep(self.model, self._pks(differing), "~")
        return self.rows

    def archive_others(self, wanted: Iterable[Hashable], now: datetime) -> None:
        """Put away the living rows that are not wanted any more."""
        gone = [row for row in self._others(wanted) if getattr(row, "archived_at", None) is None]
        if gone:
            self._stored(gone).update(archived_at=now)
            keep(self.model, self._pks(gone), "~")
            self._note("archived", gone)

    def delete_others(self, wanted: Iterable[Hashable]) -> None:
        """Delete the rows that are not wanted any more: only where no fact of a learner points at them."""
        if gone := self._others(wanted):
            self._stored(gone).delete()
            self._note("removed", gone)

    def _write(self, rows: list[M]) -> None:
        if not rows:
            return
        written = QuerySet[M](self.model).bulk_create(
            rows,
            batch_size=CHUNK,
            update_conflicts=True,
            unique_fields=self.by,
            update_fields=self.fields,
        )
        self.rows |= {self.name(row): row for row in written}

    def _pks(self, rows: Iterable[M]) -> list[int]:
        return [self.rows[self.name(row)].pk for row in rows]

    def _differs(self, old: M, new: M) -> bool:
        return any(getattr(old, column) != getattr(new, column) for column in self.columns)

    def _others(self, wanted: Iterable[Hashable]) -> list[M]:
        keep = set(wanted)
        return [row for name, row in self.rows.items() if name not in keep]

    def _stored(self, rows: Iterable[M]) -> QuerySet[M]:
        return QuerySet(self.model).filter(pk__in=[row.pk for row in rows])

    def _note(self, act: str, rows: Iterable[M]) -> None:
        self.changes.note(act, self.kind, (str(row) for row in rows))


def key_of(row: Any) -> str:
    """The name of rows that have a key: unique on their road, or in the house."""
    return str(row.key)


def one_of(texts: Iterable[str]) -> RawSQL:
    """For `key__in`: texts as one list that PostgreSQL joins; hundreds of parameters it compares with every row."""
    return RawSQL("SELECT unnest(%s::text[])", [list(texts)])


def _column(model: type[Model], field: str) -> str:
    """The attribute that holds the field's own value: `stage_id` for `stage`, so that comparing reads nothing."""
    meta = model._meta  # noqa: SLF001  # Django documents it
    return str(getattr(meta.get_field(field), "attname", field))
