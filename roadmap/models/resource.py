from __future__ import annotations

import re
from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models.history import History, keep
from roadmap.models.archive import Archivable
from roadmap.models.edition import Edition
from roadmap.models.fields import key_field, position_field
from roadmap.models.roadmap import Level
from roadmap.models.topic import Topic


class ResourceType(models.TextChoices):
    VIDEO = "video", _("Video")
    BOOK = "book", _("Book")
    DOCS = "docs", _("Docs")
    COURSE = "course", _("Course")
    ARTICLE = "article", _("Article")
    PAPER = "paper", _("Paper")
    INTERACTIVE = "interactive", _("Interactive")
    TOOL = "tool", _("Tool")
    DATASET = "dataset", _("Dataset")
    REPOSITORY = "repository", _("Repository")
    PODCAST = "podcast", _("Podcast")


class Cost(models.TextChoices):
    FREE = "free", _("Free")
    FREE_WITH_ACCOUNT = "free-with-account", _("Free with an account")
    PAID = "paid", _("Paid")
    MIXED = "mixed", _("Partly free")


RESOURCE_WORDS = SearchVector("title", "author", "key", config="simple")  # as the index below has it
_LOOKED_AT = 300


class ResourceQuerySet(models.QuerySet["Resource"]):
    def unarchived(self) -> Self:
        return self.filter(archived_at=None)

    @transaction.atomic
    def reclassify(self, **given: str) -> int:
        """Give them this type, cost or level; answers how many were something else before."""
        same = self.filter(**given).order_by().values("pk")
        others = list(self.exclude(pk__in=same).select_for_update(no_key=True).values_list("pk", flat=True))
        Resource.objects.filter(pk__in=others).update(**given)
        keep(Resource, others, "~")
        return len(others)

    def suggested(self, typed: str) -> Self:
        """Those whose title, author or key has words that begin with all that were typed, nearest titles first.

        Of more than a few hundred only some are looked at: who types two letters goes on typing.
        """
        words = re.findall(r"\w+", typed)[:8]
        if not words:
            return self.none()
        beginnings = SearchQuery(
            " & ".join(f"{word}:*" for word in words), config="simple", search_type="raw"
        )
        some = self.alias(words=RESOURCE_WORDS).filter(words=beginnings).order_by()
        nearest = models.Case(
            models.When(title__istartswith=typed.strip(), then=0),
            default=1,
            output_field=models.IntegerField(),
        )
        return self.filter(pk__in=some.values("pk")[:_LOOKED_AT]).order_by(nearest, "title", "pk")


class Resource(Archivable):
    """One thing to study, in the library of the whole house; a Placement puts it on a road."""

    key = key_field(unique=True)
    title = models.CharField(_("title"), max_length=200)
    author = models.CharField(_("author"), max_length=200, blank=True)
    url = models.URLField(_("address"), max_length=1000)
    type = models.CharField(_("type"), max_length=16, choices=ResourceType.choices)
    cost = models.CharField(_("cost"), max_length=20, choices=Cost.choices, default=Cost.FREE)
    minutes_low = models.PositiveIntegerField(_("minutes, at least"), null=True, blank=True)
    minutes_high = models.PositiveIntegerField(_("minutes, at most"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=12, default="en")
    level = models.CharField(_("level"), max_length=16, choices=Level.choices, default=Level.BEGINNER)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    why = models.TextField(_("why this one"), blank=True)

    objects = ResourceQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ("title", "id")
        indexes = [GinIndex(RESOURCE_WORDS, name="resources_by_their_words")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(minutes_low=None, minutes_high=None)
                | models.Q(minutes_high__gte=models.F("minutes_low")),
                name="a_resource_takes_low_to_high_minutes",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def move_to(self, url: str) -> None:
        """Give it another address in the draft; learners get it with the next edition. Raises ValidationError."""
        self.url = Resource._meta.get_field("url").clean(url, self)
        self.save(update_fields=["url"])

    def is_published(self) -> bool:
        """True once an edition of any road names it: its key is kept for good."""
        return Edition.objects.with_resource(self.key).exists()


class Role(models.TextChoices):
    CORE = "core", _("Core")
    PRACTICE = "practice", _("Practice")
    REFERENCE = "reference", _("Reference")
    DEEP_DIVE = "deep_dive", _("Deep dive")
    ALTERNATIVE = "alternative", _("Alternative")


class Placement(models.Model):
    """One resource put into one topic, with the part it plays there."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="placements")
    resource = models.ForeignKey(
        Resource, models.PROTECT, related_name="placements", verbose_name=_("resource")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.CORE)
    position = position_field()

    history = History()

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["topic", "resource"], name="a_resource_stands_once_in_a_topic")
        ]

    def __str__(self) -> str:
        return f"{self.resource} ({self.get_role_display()})"
