from __future__ import annotations

from typing import Self

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models.history import History, keep
from roadmap.models.archive import Archivable
from roadmap.models.edition import Edition
from roadmap.models.fields import key_field, position_field, refuse_bad_hours
from roadmap.models.roadmap import Roadmap
from roadmap.models.stage import Stage


class TopicQuerySet(models.QuerySet["Topic"]):
    def unarchived(self) -> Self:
        return self.filter(archived_at=None)

    @transaction.atomic
    def move_to(self, stage: Stage) -> int:
        """Put them behind the last topic of another stage of their road, in the order they stand in."""
        Stage.objects.select_for_update(no_key=True).get(pk=stage.pk)
        others = self.filter(roadmap=stage.roadmap_id).exclude(stage=stage)
        moving = list(
            others.order_by("stage__position", "position", "id").select_for_update(no_key=True, of=("self",))
        )
        last = Topic.objects.filter(stage=stage).aggregate(last=models.Max("position"))["last"] or 0
        for position, topic in enumerate(moving, last + 1):
            topic.stage, topic.position = stage, position
        Topic.objects.bulk_update(moving, ["stage", "position"], batch_size=500)
        keep(Topic, [topic.pk for topic in moving], "~")
        return len(moving)


class Topic(Archivable):
    """One subject within a stage as its authors edit it: what it is for, what to study, how long it takes."""

    roadmap = models.ForeignKey(Roadmap, models.CASCADE, related_name="topics", verbose_name=_("road"))
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="topics", verbose_name=_("stage"))
    key = key_field()
    position = position_field()
    title = models.CharField(_("title"), max_length=160)
    objective = models.TextField(_("objective"), blank=True)
    outcomes = models.JSONField(
        _("outcomes"), default=list, blank=True, help_text=_("A list of {bloom, text}.")
    )
    body = models.TextField(_("what matters here"), blank=True, help_text=_("Markdown."))
    prerequisites = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="+", verbose_name=_("prerequisites")
    )
    hours = models.JSONField(
        _("hours"),
        default=dict,
        blank=True,
        validators=[refuse_bad_hours],
        help_text=_('Per background: low and high, as in {"software-engineer": [9, 14]}.'),
    )

    objects = TopicQuerySet.as_manager()
    history = History(m2m_fields=[prerequisites])

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ("stage", "position", "id")
        constraints = [models.UniqueConstraint(fields=["roadmap", "key"], name="one_topic_per_key_and_road")]

    def __str__(self) -> str:
        return self.title

    def is_published(self) -> bool:
        """True once an edition names it: its key is kept for good."""
        return Edition.objects.of(self.roadmap).with_topic(self.key).exists()
