from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, NamedTuple, Self

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from accounts.models.history import History
from roadmap.models.archive import Archivable
from roadmap.models.fields import key_field, position_field

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class Level(models.TextChoices):
    BEGINNER = "beginner", _("Beginner")
    INTERMEDIATE = "intermediate", _("Intermediate")
    ADVANCED = "advanced", _("Advanced")


class Signpost(NamedTuple):
    """What a reader's page must know of a road each time: the edition studied now, who may see it, whose it is."""

    edition_id: int
    is_public: bool
    is_listed: bool
    source: str = ""
    licence: str = ""
    notice: str = ""


_SIGNPOSTS = """
SELECT key, current_edition_id, is_public, is_public AND archived_at IS NULL, source, licence, notice
  FROM roadmap_roadmap WHERE key = ANY(%s) AND current_edition_id IS NOT NULL
"""


class RoadmapQuerySet(models.QuerySet["Roadmap"]):
    def signposts(self, keys: Iterable[str]) -> dict[str, Signpost]:
        """The published ones of these roads by key: one query, and no row of it is ever made into a Roadmap."""
        with connection.cursor() as cursor:
            cursor.execute(_SIGNPOSTS, [list(keys)])
            return {key: Signpost(*rest) for key, *rest in cursor.fetchall()}

    def published(self) -> Self:
        return self.filter(current_edition__isnull=False)

    def unarchived(self) -> Self:
        return self.filter(archived_at=None)

    def open_to(self, person: User) -> Self:
        """Roads that this person may go on: what is not public is for people at the desk."""
        return self.published() if person.is_staff else self.published().filter(is_public=True)

    def findable_by(self, person: User | AnonymousUser, own: Collection[int] = ()) -> Self:
        """Roads that this person finds things on: open to her and not archived, or her own, by id."""
        theirs = models.Q(archived_at=None) if person.is_staff else models.Q(archived_at=None, is_public=True)
        return self.published().filter(theirs | models.Q(pk__in=own) if own else theirs)

    def listed(self) -> Self:
        """Roads that everybody may see: published, public and not archived."""
        return self.published().unarchived().filter(is_public=True)


class Roadmap(Archivable):
    """One road as its authors edit it; learners study the edition that `current_edition` names."""

    key = key_field(unique=True)
    title = models.CharField(_("title"), max_length=120)
    level = models.CharField(_("level"), max_length=16, choices=Level.choices, default=Level.BEGINNER)
    language = models.CharField(_("language"), max_length=12, default="en")
    summary = models.TextField(_("summary"), help_text=_("One to three sentences, plain text."))
    audience = models.TextField(_("audience"), blank=True)
    choose_when = models.TextField(_("when to choose this path"), blank=True, help_text=_("Markdown."))
    hours_per_week = models.PositiveSmallIntegerField(
        _("hours a week"), default=10, help_text=_("The pace that the months of each background assume.")
    )
    learn = models.JSONField(
        _("what you'll learn"), default=list, blank=True, help_text=_("A list of groups: title and points.")
    )
    recommended = models.JSONField(
        _("recommended resources"), default=list, blank=True, help_text=_("Keys of resources, in order.")
    )
    last_updated_on = models.DateField(_("last updated"), null=True, blank=True)
    is_public = models.BooleanField(_("public"), default=True)
    source = models.CharField(
        _("source"),
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text=_("Where it was imported from."),
    )
    source_ref = models.CharField(_("its name there"), max_length=200, blank=True, default="", db_default="")
    licence = models.CharField(_("licence"), max_length=200, blank=True, default="", db_default="")
    notice = models.TextField(
        _("notice"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Shown on the road’s page. A road with a notice stays private."),
    )
    position = position_field()
    current_edition = models.ForeignKey(
        "roadmap.Edition", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = RoadmapQuerySet.as_manager()
    history = History(excluded_fields=["current_edition"])

    class Meta:
        verbose_name = _("roadmap")
        verbose_name_plural = _("roadmaps")
        ordering = ("position", "key")
        indexes = [models.Index(fields=["is_public", "position", "key"], name="roads_in_list_order")]

    def __str__(self) -> str:
        return self.title

    def is_published(self) -> bool:
        """True once it has an edition: its key is kept for good."""
        return self.current_edition_id is not None

    @property
    def studied_edition_id(self) -> int:
        """Id of the edition that learners study; raises ValueError on a road that was never published."""
        if self.current_edition_id is None:
            raise ValueError(f"The road {self.key} has no edition yet.")
        return self.current_edition_id


class Background(models.Model):
    """One starting point of learners on one road, with the months its author expects from there."""

    roadmap = models.ForeignKey(Roadmap, models.CASCADE, related_name="backgrounds")
    key = key_field()
    title = models.CharField(_("title"), max_length=80)
    months_low = models.PositiveSmallIntegerField(_("months, at least"))
    months_high = models.PositiveSmallIntegerField(_("months, at most"))
    leads_to = models.CharField(_("leads to"), max_length=80, blank=True)
    position = position_field()

    history = History()

    class Meta:
        verbose_name = _("background")
        verbose_name_plural = _("backgrounds")
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["roadmap", "key"], name="one_background_per_key_and_road"),
            models.CheckConstraint(
                condition=models.Q(months_high__gte=models.F("months_low")),
                name="a_background_takes_low_to_high_months",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Faq(models.Model):
    """One frequently asked question of one road with its answer."""

    roadmap = models.ForeignKey(Roadmap, models.CASCADE, related_name="faqs")
    key = key_field()
    question = models.CharField(_("question"), max_length=200)
    answer = models.TextField(_("answer"), help_text=_("Markdown."))
    position = position_field()

    history = History()

    class Meta:
        verbose_name = _("frequently asked question")
        verbose_name_plural = _("frequently asked questions")
        ordering = ("position", "id")
        constraints = [models.UniqueConstraint(fields=["roadmap", "key"], name="one_faq_per_key_and_road")]

    def __str__(self) -> str:
        return self.question


class Related(models.Model):
    """One pointer from a road to another that may suit better; the other need not exist here yet."""

    roadmap = models.ForeignKey(Roadmap, models.CASCADE, related_name="related")
    key = key_field()
    title = models.CharField(_("title"), max_length=120)
    choose_when = models.TextField(_("choose it when"))
    difference = models.TextField(_("difference"), blank=True)
    position = position_field()

    history = History()

    class Meta:
        verbose_name = _("related road")
        verbose_name_plural = _("related roads")
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["roadmap", "key"], name="one_pointer_per_related_road")
        ]

    def __str__(self) -> str:
        return self.title
