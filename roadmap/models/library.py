"""The library of the house: every resource once that stands on a road its reader may see, in an order, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, models

from roadmap.models.roadmap import Roadmap
from roadmap.models.search_entry import NEVER, SearchEntry

TITLE, SHORTEST, NEWEST = "title", "shortest", "newest"
MOST_COUNTED = 1000

# What each order sorts by, before title and key; the indexes of SearchEntry say the same.
_FIRST = {TITLE: "", SHORTEST: f"COALESCE(e.minutes_high, {NEVER}), ", NEWEST: "COALESCE(e.year, 0) * -1, "}
_PAGE = """
SELECT DISTINCT ON ({order}) e.id FROM roadmap_searchentry e
 WHERE e.kind = 'resource' AND {where} {after} ORDER BY {order}, e.id DESC LIMIT %s
"""
_COUNT = """
SELECT count(*) FROM (
  SELECT DISTINCT e.title, e.key FROM roadmap_searchentry e WHERE e.kind = 'resource' AND {where} LIMIT %s) counted
"""


class Shelf(NamedTuple):
    """One page of the library; `after` is the key that the next page begins after, empty on the last."""

    entries: list[SearchEntry]
    after: str


@dataclass(frozen=True)
class Library:
    """The resources on these roads that are as asked for; empty values ask for nothing."""

    roads: models.QuerySet[Roadmap]
    types: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    minutes: int | None = None
    order: str = TITLE

    def page(self, size: int, after: str = "") -> Shelf:
        """So many resources that come after the one with this key: found by index, however far it is."""
        order = f"{_FIRST[self.order]}e.title, e.key"
        where, params = self._where()
        follows, more = self._follows(order, after)
        with connection.cursor() as cursor:
            cursor.execute(_PAGE.format(order=order, where=where, after=follows), [*params, *more, size + 1])
            ids = [pk for (pk,) in cursor.fetchall()]
        found = SearchEntry.objects.readable().in_bulk(ids[:size])
        entries = [found[pk] for pk in ids[:size]]
        return Shelf(entries, entries[-1].key if len(ids) > size else "")

    def count(self) -> tuple[int, bool]:
        """How many there are, and whether there are more than that: nobody waits for counting a hundred thousand."""
        where, params = self._where()
        with connection.cursor() as cursor:
            cursor.execute(_COUNT.format(where=where), [*params, MOST_COUNTED + 1])
            (count,) = cursor.fetchone()
        return min(count, MOST_COUNTED), count > MOST_COUNTED

    def places(self, key: str) -> list[SearchEntry]:
        """Where one resource stands, the newest writing of it first; empty when its reader may not see it."""
        return list(
            SearchEntry.objects.readable().resources().on(self.roads).filter(key=key).order_by("-pk")[:100]
        )

    def _where(self) -> tuple[str, list[Any]]:
        roads, params = self.roads.order_by().values("pk").query.sql_with_params()
        parts, values = [f"e.roadmap_id IN ({roads})"], list(params)
        for column, wanted in (
            ("type", self.types),
            ("cost", self.costs),
            ("level", self.levels),
            ("language", self.languages),
        ):
            if wanted:
                parts.append(f"e.{column} = ANY (%s)")
                values.append(list(wanted))
        if self.minutes:
            parts.append("e.minutes_high <= %s")
            values.append(self.minutes)
        return " AND ".join(parts), values

    def _follows(self, order: str, after: str) -> tuple[str, list[Any]]:
        """A condition for what stands behind this key, by the row that was shown; none for a key that is not there."""
        where, params = self._where()
        if not after or "\x00" in after:
            return "", []
        last = (
            f"SELECT {order} FROM roadmap_searchentry e WHERE e.kind = 'resource' AND e.key = %s AND {where} "  # noqa: S608  # our own words
            "ORDER BY e.id DESC LIMIT 1"
        )
        with connection.cursor() as cursor:
            cursor.execute(last, [after, *params])
            row = cursor.fetchone()
        if row is None:
            return "", []
        return f"AND ({order}) > ({', '.join(['%s'] * len(row))})", list(row)
