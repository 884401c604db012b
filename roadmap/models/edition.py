from __future__ import annotations

from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Self

from cachetools import LRUCache
from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from roadmap.document import RoadDocument
from roadmap.models.roadmap import Roadmap
from roadmap.models.search_entry import SearchEntry

if TYPE_CHECKING:
    from accounts.models import User


BYTES_OF_DOCUMENTS = 64 * 1024 * 1024


class _Kept(NamedTuple):
    document: RoadDocument
    size: int


# Editions never change, so what is kept here is never stale; a typed document takes about ten times its JSON.
_lock = Lock()
_documents: LRUCache[int, _Kept] = LRUCache(BYTES_OF_DOCUMENTS, getsizeof=lambda kept: 10 * kept.size)


class EditionDates(NamedTuple):
    number: int
    published_at: datetime
    first_published_at: datetime


class EditionQuerySet(models.QuerySet["Edition"]):
    def of(self, roadmap: Roadmap) -> Self:
        return self.filter(roadmap=roadmap)

    def with_stage(self, key: str) -> Self:
        return self.filter(document__stages__contains=[{"key": key}])

    def with_topic(self, key: str) -> Self:
        return self.filter(document__stages__contains=[{"topics": [{"key": key}]}])

    def with_task(self, key: str) -> Self:
        return self.filter(document__stages__contains=[{"evidence": [{"key": key}]}])

    def with_resource(self, key: str) -> Self:
        return self.filter(document__resources__has_key=key)

    def document(self, edition_id: int) -> RoadDocument:
        """The typed document of an edition, from this process's memory after the first time; at most one query."""
        with _lock:
            kept = _documents.get(edition_id)
        if kept is None:
            text = self.values_list(Cast("document", models.TextField()), flat=True).get(pk=edition_id)
            kept = _Kept(RoadDocument.model_validate_json(text), len(text))
            with _lock:
                _documents[edition_id] = kept
        return kept.document

    def spell(self, edition_id: int) -> EditionDates:
        """When this edition was published, and when the first one of its road was."""
        found = self.filter(pk=edition_id).values_list(
            "number", "published_at", models.Min("roadmap__editions__published_at")
        )
        return EditionDates(*found.get())

    @transaction.atomic
    def publish(
        self, roadmap: Roadmap, document: RoadDocument, *, by: User | None, changelog: str, now: datetime
    ) -> Edition:
        """Freeze `document` as the road's next edition and make it the one that learners study.

        Callers validate the document first; publishing the same content again still makes an edition.
        """
        road = Roadmap.objects.select_for_update(no_key=True).get(pk=roadmap.pk)
        last = self.of(road).order_by("-number").values_list("number", flat=True).first()
        edition = self.create(
            roadmap=road,
            number=(last or 0) + 1,
            published_at=now,
            published_by=by,
            changelog=changelog,
            document=document.model_dump(mode="json"),
            digest=document.digest(),
        )
        Roadmap.objects.filter(pk=road.pk).update(current_edition=edition)
        roadmap.current_edition = edition
        SearchEntry.objects.renew(road, document)
        return edition


class Edition(models.Model):
    """One published, unchangeable state of a road; `document` is a RoadDocument holding keys, never ids."""

    roadmap = models.ForeignKey(Roadmap, models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField(_("number"))
    published_at = models.DateTimeField(_("published at"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changelog = models.TextField(_("changelog"), blank=True)
    document = models.JSONField()
    digest = models.CharField(max_length=64)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ("roadmap", "-number")
        constraints = [
            models.UniqueConstraint(fields=["roadmap", "number"], name="editions_of_a_road_are_numbered_once")
        ]

    def __str__(self) -> str:
        return f"{self.roadmap} {self.number}"
