"""Rows that many tests begin with: built once in a process, written back as they were in every later test."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction

Rows = dict[str, list[str]]  # each row of a table as JSON
_kept: dict[str, Rows] = {}


def rebuilt(name: str, build: Callable[[], object]) -> None:
    """Let there be what `build` writes, by writing its rows of the first time again, under the same ids.

    Sequences never go back, so the ids stay free.
    """
    if name in _kept:
        with transaction.atomic():  # keys are looked at when it ends
            for table, rows in _kept[name].items():
                _write(table, rows)
        return
    before = _all_rows()
    build()
    after = _all_rows()
    if any(set(rows) - set(after.get(table, ())) for table, rows in before.items()):
        return  # it changed rows that were there, as words of the search that other roads have, too: not to be kept
    new = {table: [row for row in rows if row not in before.get(table, ())] for table, rows in after.items()}
    _kept[name] = {table: rows for table, rows in new.items() if rows}


def _all_rows() -> Rows:
    with connection.cursor() as cursor:
        tables = [table for table in connection.introspection.table_names(cursor) if _has_rows(table)]
        found: Rows = {}
        for table in tables:
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')  # noqa: S608  # our own tables
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def _has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')  # noqa: S608  # as above
        return bool(cursor.fetchone()[0])


def _write(table: str, rows: list[str]) -> None:
    columns = ", ".join(f'"{column}"' for column in _columns(table))
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({columns})'  # noqa: S608  # as above
            f' SELECT {columns} FROM jsonb_populate_recordset(NULL::"{table}", %s::jsonb)'
            " ON CONFLICT DO NOTHING",  # words of the search are shared by all roads
            [f"[{','.join(rows)}]"],
        )


_written: dict[str, list[str]] = {}


def _columns(table: str) -> list[str]:
    """All but those that the database makes by itself."""
    if table not in _written:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = %s AND table_schema = 'public' AND is_generated = 'NEVER'",
                [table],
            )
            _written[table] = [name for (name,) in cursor.fetchall()]
    return _written[table]
