"""Looking for what stands on roads: a question, what narrows it, the hits of a page and the counts beside the filters.

A question that much answers is ranked and counted over the first three hundred titles that say it and, where those are
fewer, as many texts: nobody reads further, and counting all would take longer than the page may.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection, models

from roadmap.folding import Question, flat, question
from roadmap.models.roadmap import Roadmap
from roadmap.models.search_entry import Kind, SearchEntry, stemming
from roadmap.snippet import CLOSE, OPEN, marked, snippet, spans

MOST = 300  # titles, and texts, that are ranked
LENGTHS = (30, 60, 180)  # minutes that a resource may be asked to stay within
ROADS_COUNTED = 8
BEST, SHORTEST, IN_ORDER = "best", "shortest", "road"

Params = list[Any]
Sql = tuple[str, Params]

# One item has a row for each place where it stands; a resource is one item in the whole house.
_ITEM = "e.kind, CASE WHEN e.kind = 'resource' THEN 0 ELSE e.roadmap_id END, e.key"
# The same as a number, which is counted faster; two items in 2^64 share one.
_NUMBER = """
hashtextextended(e.kind || '/' || e.key, CASE WHEN e.kind = 'resource' THEN 0 ELSE e.roadmap_id END)
"""
_RANK = """
ts_rank_cd('{0.05, 0.1, 0.4, 1.0}', e.words, %s::tsquery, 1)
  * CASE e.kind WHEN 'road' THEN 1.6 WHEN 'stage' THEN 1.3 WHEN 'topic' THEN 1.2 ELSE 1 END
"""
_ORDERS = {
    BEST: "rank DESC, road_id, position, id",
    SHORTEST: "minutes NULLS LAST, rank DESC, id",
    IN_ORDER: "road_id, position, id",
}
_FOUND = """
by_title AS MATERIALIZED (SELECT e.id FROM roadmap_searchentry e WHERE e.title_words @@ %s::tsquery AND {where}),
titled AS MATERIALIZED (SELECT id FROM by_title LIMIT %s),
by_text AS MATERIALIZED (SELECT e.id FROM roadmap_searchentry e WHERE e.words @@ %s::tsquery AND {where}),
said AS MATERIALIZED (
  SELECT id FROM by_text WHERE {texts} AND (SELECT count(*) FROM titled) < %s LIMIT %s
),
found AS MATERIALIZED (SELECT id FROM titled UNION SELECT id FROM said)
"""
_HITS = """
WITH {found},
items AS (
  SELECT DISTINCT ON ({item}) e.id, e.roadmap_id AS road_id, e.position, e.minutes_high AS minutes, {rank} AS rank
    FROM found JOIN roadmap_searchentry e USING (id)
   ORDER BY {item}, e.roadmap_id <> ALL (%s), e.roadmap_id, e.position
)
SELECT id, count(*) OVER (), (SELECT array_agg(id) FROM found) FROM items ORDER BY {order} LIMIT %s OFFSET %s
"""
_COUNTS = """
WITH {found},
rows AS (
  SELECT e.kind, e.type, e.cost, e.minutes_high AS minutes, e.roadmap_id, e.stage_key, {number} AS item, {fits}
    FROM found JOIN roadmap_searchentry e USING (id)
)
SELECT 'kind', kind, count(DISTINCT item) FROM rows WHERE {but_kind} GROUP BY kind
UNION ALL
SELECT 'type', type, count(DISTINCT item) FROM rows WHERE {but_type} AND kind = 'resource' GROUP BY type
UNION ALL
SELECT 'cost', cost, count(DISTINCT item) FROM rows WHERE {but_cost} AND kind = 'resource' GROUP BY cost
UNION ALL
SELECT 'minutes', length::text, count(DISTINCT item)
  FROM rows JOIN unnest(%s) length ON minutes <= length WHERE {but_minutes} GROUP BY length
UNION ALL
SELECT 'road', roadmap_id::text, count(DISTINCT item) FROM rows WHERE {but_road} GROUP BY roadmap_id
UNION ALL
SELECT 'stage', stage_key, count(DISTINCT item)
  FROM rows WHERE {but_stage} AND fits_road AND %s AND stage_key <> '' GROUP BY stage_key
"""
_IS_ANSWERED = "WITH {found} SELECT EXISTS (SELECT FROM found)"
_MARK = "SELECT ts_headline(stemmed, text, %s::tsquery, %s) FROM unnest(%s::regconfig[], %s::text[]) t (stemmed, text)"
_MARKS = f"HighlightAll=true, StartSel={OPEN}, StopSel={CLOSE}"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the hits must be; empty asks for nothing. `without` names resources that shall not be shown."""

    kinds: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    minutes: int | None = None
    road: int | None = None
    stages: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def conditions(self) -> dict[str, Sql]:
        """A condition over the entry `e` for each thing that can be asked; TRUE where nothing is."""
        return {
            "kind": _one_of("e.kind", self.kinds),
            "type": _one_of("e.type", self.types),
            "cost": _one_of("e.cost", self.costs),
            "minutes": ("e.minutes_high <= %s", [self.minutes]) if self.minutes else _ALL,
            "road": ("e.roadmap_id = %s", [self.road]) if self.road else _ALL,
            "stage": _one_of("e.stage_key", self.stages),
            "without": (
                ("NOT (e.kind = 'resource' AND e.key = ANY (%s))", [list(self.without)])
                if self.without
                else _ALL
            ),
        }

    def __bool__(self) -> bool:
        return self != Narrowing()


_ALL: Sql = ("TRUE", [])


def _one_of(column: str, values: Sequence[str]) -> Sql:
    return (f"{column} = ANY (%s)", [list(values)]) if values else _ALL


class Hit(NamedTuple):
    """One item found: its entry, its title and a piece of its text as HTML with the words found marked."""

    entry: SearchEntry
    title: str
    snippet: str


class Hits(NamedTuple):
    """The hits of one page; `total` is of all pages, and there are more than that when `is_more`.

    `ranked` are ids of all entries that were ranked, so that they need not be found again to be counted.
    """

    hits: list[Hit]
    total: int
    is_more: bool
    ranked: Sequence[int] = ()


Counts = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Search:
    """What somebody looks for on the roads she may see. `own` are ids of roads she is on: their places come first."""

    roads: models.QuerySet[Roadmap]
    typed: str
    narrowing: Narrowing = field(default_factory=Narrowing)
    order: str = BEST
    own: Collection[int] = ()
    titles_only: bool = False
    shortest_beginning: int = 3

    @cached_property
    def question(self) -> Question:
        return question(self.typed, shortest_beginning=self.shortest_beginning)

    @cached_property
    def tsquery(self) -> str:
        """The question as PostgreSQL asks it: in the languages of the roads, each with its own stems."""
        if not self.question:
            return ""
        languages = self.roads.order_by().values_list("language", flat=True).distinct()
        stemmed = sorted({"simple", *map(stemming, languages)})
        with connection.cursor() as cursor:
            cursor.execute(*_asked(self.question, stemmed))
            return str(cursor.fetchone()[0] or "")

    def hits(self, size: int, offset: int = 0) -> Hits:
        """Items `offset` to `offset + size` in the order asked for."""
        if not self.tsquery:
            return Hits([], 0, False)
        found, params = self._found(self.narrowing)
        statement = _HITS.format(found=found, item=_ITEM, rank=_RANK, order=_ORDERS[self.order])
        with connection.cursor() as cursor:
            cursor.execute(statement, [*params, self.tsquery, list(self.own), size, offset])
            rows = cursor.fetchall()
        ids = [row[0] for row in rows]
        total, ranked = rows[0][1:] if rows else (0, [])
        return Hits(self._marked(ids), total, len(ranked) >= MOST, ranked)

    def is_answered(self) -> bool:
        """True when anything at all is found."""
        if not self.tsquery:
            return False
        found, params = self._found(self.narrowing)
        with connection.cursor() as cursor:
            cursor.execute(_IS_ANSWERED.format(found=found), params)
            return bool(cursor.fetchone()[0])

    def counts(self, hits: Hits) -> Counts:
        """How many items there are beside each filter, were it chosen; other filters hold. Names of filters as keys.

        `hits` are those of this search.
        """
        if not self.tsquery:
            return {}
        found, params = self._found(Narrowing())
        if not self.narrowing and hits.total:
            found, params = "found AS (SELECT unnest(%s::bigint[]) AS id)", [list(hits.ranked)]
        conditions = self.narrowing.conditions()
        fits = ", ".join(f"{sql} AS fits_{name}" for name, (sql, _params) in conditions.items())
        others = {f"but_{name}": _all_but(name, conditions) for name in conditions}
        statement = _COUNTS.format(found=found, number=_NUMBER, fits=fits, **others)
        params += [value for _sql, values in conditions.values() for value in values]
        counts: Counts = {}
        with connection.cursor() as cursor:
            cursor.execute(statement, [*params, list(LENGTHS), bool(self.narrowing.road)])
            for name, value, count in cursor.fetchall():
                counts.setdefault(name, {})[value] = count
        return counts

    def respelled(self, typed: str) -> Search:
        """The same search with other words and nothing that narrows it."""
        return replace(self, typed=typed, narrowing=Narrowing())

    def _found(self, narrowing: Narrowing) -> Sql:
        """Tables `titled`, `said` and `found`: ids of at most MOST entries whose titles say it, then of those whose
        texts do; texts are not asked where titles are enough to fill all that is ranked.

        Planned as if all were read, so by index, and read only as far as LIMIT goes: so work MATERIALIZED tables.
        """
        roads, road_params = self.roads.order_by().values("pk").query.sql_with_params()
        conditions = [*narrowing.conditions().values(), (f"e.roadmap_id IN ({roads})", list(road_params))]
        where = " AND ".join(sql for sql, _params in conditions if sql != "TRUE")
        params = [self.tsquery, *(value for _sql, values in conditions for value in values)]
        tables = _FOUND.format(where=where, texts="FALSE" if self.titles_only else "TRUE")
        return tables, [*params, MOST, *params, MOST, MOST]

    def _marked(self, ids: list[int]) -> list[Hit]:
        """The entries in this order, with what was found in them marked; only these are asked for marks."""
        unread = ("words", "title_words")
        entries = SearchEntry.objects.select_related("roadmap").defer(*unread).in_bulk(ids)
        texts = [(entries[pk].title, f"{entries[pk].why} {entries[pk].text}".strip()) for pk in ids]
        stemmed = [stemming(entries[pk].roadmap.language) for pk in ids for _text in range(2)]
        flattened = [flat(text) for pair in texts for text in pair]
        with connection.cursor() as cursor:
            cursor.execute(_MARK, [self.tsquery, _MARKS, stemmed, flattened])
            found = [spans(text) for (text,) in cursor.fetchall()]
        return [
            Hit(entries[pk], marked(title, found[2 * n]), snippet(text, found[2 * n + 1]))
            for n, (pk, (title, text)) in enumerate(zip(ids, texts, strict=True))
        ]


def _asked(asked: Question, stemmed: list[str]) -> Sql:
    """The statement that makes one tsquery of a question: as it is said, or with its last word only begun."""
    begun = f"'{asked.begun}':*" if asked.begun else ""
    return (
        """
        SELECT string_agg(DISTINCT q, ' | ') FROM (
          SELECT websearch_to_tsquery(c, %s)::text AS q FROM unnest(%s::regconfig[]) c
          UNION ALL
          SELECT (websearch_to_tsquery(c, %s) && to_tsquery(c, %s))::text FROM unnest(%s::regconfig[]) c WHERE %s <> ''
        ) said WHERE q <> ''
        """,
        [asked.web, stemmed, asked.head, begun, stemmed, begun],
    )


def _all_but(name: str, conditions: dict[str, Sql]) -> str:
    """All filters hold but this one; those of stages only together with their road."""
    apart = {name, "stage"} if name == "road" else {name}
    return " AND ".join(f"coalesce(fits_{other}, FALSE)" for other in conditions if other not in apart)


__all__ = ["BEST", "IN_ORDER", "SHORTEST", "Counts", "Hit", "Hits", "Kind", "Narrowing", "Search"]
