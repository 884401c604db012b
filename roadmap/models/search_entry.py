from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models, transaction
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from roadmap.document import FaqEntry, PlacedResource, ResourceEntry, RoadDocument, StageEntry, TopicEntry
from roadmap.folding import indexed, plain
from roadmap.models.fields import key_field
from roadmap.models.roadmap import Roadmap
from roadmap.models.search_word import SearchWord

LONGEST = 20_000  # characters of one item's text that are found and shown
CHUNK = 500
NEVER = 2**31 - 1  # minutes of what nobody knows the length of, in the order of lengths
_MADE = {"id", "title_words", "words"}  # by the database

# The languages that PostgreSQL stems; a road in any other is found by the words as they stand.
_STEMMED = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch",
    "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

# A title is found by its words as they stand too: "What if" is made of words that say nothing in English.
_WRITE = """
INSERT INTO roadmap_searchentry ({columns}, title_words, words)
SELECT {columns},
       to_tsvector(%s::regconfig, said.title_said) || to_tsvector('simple', said.title_said),
       setweight(to_tsvector(%s::regconfig, said.title_said) || to_tsvector('simple', said.title_said), 'A')
         || setweight(to_tsvector(%s::regconfig, said.why_said), 'B')
         || setweight(to_tsvector(%s::regconfig, said.text_said), 'C')
  FROM jsonb_populate_recordset(NULL::roadmap_searchentry, %s::jsonb) WITH ORDINALITY entry
  JOIN ROWS FROM (jsonb_to_recordset(%s::jsonb) AS (title_said text, why_said text, text_said text))
       WITH ORDINALITY said USING (ordinality)
"""


def stemming(language: str) -> str:
    """The text search configuration of PostgreSQL for a road's language."""
    return _STEMMED.get(language.split("-", maxsplit=1)[0].lower(), "simple")


class Kind(models.TextChoices):
    ROAD = "road", _("Roadmap")
    STAGE = "stage", _("Stage")
    TOPIC = "topic", _("Topic")
    RESOURCE = "resource", _("Resource")
    FAQ = "faq", _("Question and answer")


class SearchEntryQuerySet(models.QuerySet["SearchEntry"]):
    def of(self, roadmap: Roadmap) -> Self:
        return self.filter(roadmap=roadmap)

    def readable(self) -> Self:
        """With their roads, without what only searching reads."""
        return self.select_related("roadmap").defer("words", "title_words", "text")

    def resources(self) -> Self:
        return self.filter(kind=Kind.RESOURCE)

    def covers(self, roads: Iterable[Roadmap]) -> dict[int, SearchEntry]:
        """What their current editions say of these roads as a whole, by the id of the road; one query."""
        entries = self.readable().filter(kind=Kind.ROAD, roadmap__in=[road.pk for road in roads])
        return {entry.roadmap_id: entry for entry in entries}

    def on(self, roads: models.QuerySet[Roadmap]) -> Self:
        """What stands on these roads."""
        return self.filter(roadmap__in=roads)

    @transaction.atomic
    def renew(self, roadmap: Roadmap, document: RoadDocument) -> None:
        """Write how the road's current edition is found; entries that say the same as before at their place stay."""
        stored = list(self.of(roadmap).defer("words", "title_words"))
        if document.language in {entry.language for entry in stored if entry.kind == Kind.ROAD}:
            self._replace(stored, list(_entries(roadmap, document)), document.language)
        else:
            self.rebuild(roadmap, document)  # every word is stemmed in another way

    @transaction.atomic
    def rebuild(self, roadmap: Roadmap, document: RoadDocument) -> int:
        """Write all of how the road's current edition is found anew; says how many entries."""
        entries = list(_entries(roadmap, document))
        stored = self.of(roadmap).only("title", "author", "why", "text")
        self._change(list(stored), entries, document.language)
        return len(entries)

    def _replace(self, stored: list[SearchEntry], entries: list[SearchEntry], language: str) -> None:
        before = {entry.said(): entry for entry in stored}
        after = {entry.said(): entry for entry in entries}
        gone = [entry for said, entry in before.items() if said not in after]
        self._change(gone, [entry for said, entry in after.items() if said not in before], language)

    def _change(self, gone: list[SearchEntry], new: list[SearchEntry], language: str) -> None:
        """Take entries out and put others in, and count their words."""
        if gone:
            self.filter(pk__in=[entry.pk for entry in gone]).delete()
        for first in range(0, len(new), CHUNK):
            self._write(new[first : first + CHUNK], stemming(language))
        more, fewer = (SearchWord.count_in(entry.spoken() for entry in some) for some in (new, gone))
        SearchWord.objects.change(more, fewer)

    def _write(self, entries: list[SearchEntry], stemmed: str) -> None:
        """Rows and their words in one statement, so that no row is written twice."""
        columns = _columns()
        rows = [{column: entry.__dict__[column] for column in columns} for entry in entries]
        said = [
            {
                "title_said": indexed(entry.title),
                "why_said": indexed(entry.why),
                "text_said": indexed(f"{entry.author} {entry.text}"),
            }
            for entry in entries
        ]
        statement = _WRITE.format(columns=", ".join(columns))
        with connection.cursor() as cursor:
            cursor.execute(statement, [stemmed] * 4 + [json.dumps(rows), json.dumps(said)])


class SearchEntry(models.Model):
    """One row is one item at one place of a road's current edition, as readers look for it.

    A resource has a row for each topic that it stands in. Each edition writes the rows that it changes, and all can be
    built again from the editions at any time (`manage.py rebuild_search`).
    """

    roadmap = models.ForeignKey(Roadmap, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    key = key_field()
    position = models.PositiveIntegerField(help_text=_("The place in the order of the road."))
    title = models.CharField(max_length=300)
    why = models.TextField(help_text=_("What it is for: the objective, the reason, the summary."))
    text = models.TextField()
    stage_key = models.CharField(max_length=80, blank=True)
    stage_number = models.PositiveSmallIntegerField(null=True)
    stage_title = models.CharField(max_length=300, blank=True)
    topic_key = models.CharField(max_length=80, blank=True)
    topic_title = models.CharField(max_length=300, blank=True)
    role = models.CharField(max_length=12, blank=True)
    author = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    type = models.CharField(max_length=16, blank=True)
    cost = models.CharField(max_length=20, blank=True)
    minutes_low = models.PositiveIntegerField(null=True)
    minutes_high = models.PositiveIntegerField(null=True)
    level = models.CharField(max_length=16, blank=True)
    language = models.CharField(max_length=12, blank=True)
    year = models.PositiveSmallIntegerField(null=True)
    title_words = SearchVectorField(null=True)
    words = SearchVectorField(null=True)

    objects = SearchEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        indexes = [
            models.Index(fields=["roadmap", "position"], name="entries_in_road_order"),
            models.Index(
                fields=["title", "key"], condition=models.Q(kind="resource"), name="library_in_title_order"
            ),
            models.Index(
                Coalesce("minutes_high", NEVER),
                "title",
                "key",
                condition=models.Q(kind="resource"),
                name="library_shortest_first",
            ),
            models.Index(
                -Coalesce("year", 0),
                "title",
                "key",
                condition=models.Q(kind="resource"),
                name="library_newest_first",
            ),
            models.Index(
                fields=["type", "cost"], condition=models.Q(kind="resource"), name="library_by_type_and_cost"
            ),
            models.Index(fields=["key"], condition=models.Q(kind="resource"), name="places_of_a_resource"),
            GinIndex(fields=["title_words"], name="found_by_title", fastupdate=False),
            GinIndex(fields=["words"], name="found_by_words", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_kind_display()})"

    def said(self) -> tuple[Any, ...]:
        """Everything of it that the database does not make: where it stands and what it says."""
        return tuple(self.__dict__[column] for column in _columns())

    def spoken(self) -> str:
        """All that it says, for the words that others may have meant."""
        return f"{self.title} {self.author} {self.why} {self.text}"

    @property
    def minutes(self) -> tuple[int, int] | None:
        """(low, high), or None when nobody knows."""
        return None if self.minutes_low is None else (self.minutes_low, self.minutes_high or self.minutes_low)


@cache
def _columns() -> list[str]:
    fields = SearchEntry._meta.concrete_fields  # noqa: SLF001  # documented by Django
    return [str(field.column) for field in fields if field.column not in _MADE]


def _entries(roadmap: Roadmap, document: RoadDocument) -> Iterator[SearchEntry]:
    """Everything on the road in its order, so `position` counts as the road does."""
    for position, fields in enumerate(_items(document), 1):
        texts = {name: plain(fields.pop(name, ""))[:LONGEST] for name in ("why", "text")}
        language = fields.pop("language", document.language)
        yield SearchEntry(roadmap=roadmap, position=position, language=language, **fields, **texts)


def _items(document: RoadDocument) -> Iterator[dict[str, Any]]:
    points = " ".join(point for group in document.learn for point in (group.title, *group.points))
    yield {
        "kind": Kind.ROAD,
        "key": document.key,
        "title": document.title,
        "level": document.level,
        "why": document.summary,
        "text": f"{document.audience} {document.choose_when} {points}",
    }
    for number, stage in enumerate(document.stages, 1):
        place = {"stage_key": stage.key, "stage_number": number, "stage_title": stage.title}
        yield {**place, **_stage(stage)}
        for topic in stage.topics:
            place |= {"topic_key": topic.key, "topic_title": topic.title}
            yield {**place, **_topic(topic)}
            for placed in topic.resources:
                yield {**place, **_resource(placed, document.resources[placed.resource])}
    for faq in document.faq:
        yield _faq(faq)


def _stage(stage: StageEntry) -> dict[str, Any]:
    tags = " ".join((stage.step.title, stage.step.body, *stage.step.tags))
    return {
        "kind": Kind.STAGE,
        "key": stage.key,
        "title": stage.title,
        "why": stage.summary,
        "text": f"{stage.why} {tags}",
    }


def _topic(topic: TopicEntry) -> dict[str, Any]:
    outcomes = " ".join(outcome.text for outcome in topic.outcomes)
    return {
        "kind": Kind.TOPIC,
        "key": topic.key,
        "title": topic.title,
        "why": topic.objective,
        "text": f"{outcomes} {topic.body}",
    }


def _resource(placed: PlacedResource, resource: ResourceEntry) -> dict[str, Any]:
    low, high = resource.minutes or (None, None)
    same = ("key", "title", "author", "url", "type", "cost", "language", "level", "year", "why")
    return {
        "kind": Kind.RESOURCE,
        "role": placed.role,
        "minutes_low": low,
        "minutes_high": high,
        **{name: getattr(resource, name) for name in same},
    }


def _faq(faq: FaqEntry) -> dict[str, Any]:
    return {"kind": Kind.FAQ, "key": faq.key, "title": faq.question, "text": faq.answer}
