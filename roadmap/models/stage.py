from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.history import History
from roadmap.models.archive import Archivable
from roadmap.models.edition import Edition
from roadmap.models.fields import key_field, position_field, refuse_bad_lines
from roadmap.models.roadmap import Roadmap


class StageQuerySet(models.QuerySet["Stage"]):
    def unarchived(self) -> Self:
        return self.filter(archived_at=None)


class Stage(Archivable):
    """One numbered stretch of a road as its authors edit it."""

    roadmap = models.ForeignKey(Roadmap, models.CASCADE, related_name="stages", verbose_name=_("road"))
    key = key_field()
    position = position_field()
    title = models.CharField(_("title"), max_length=120)
    summary = models.TextField(_("summary"), blank=True)
    why = models.TextField(_("why it matters"), blank=True)
    step_title = models.CharField(
        _("title in “how to follow”"), max_length=160, blank=True, help_text=_("As an act: “Build …”.")
    )
    step_body = models.TextField(_("text in “how to follow”"), blank=True)
    step_tags = models.JSONField(
        _("tags"), default=list, blank=True, validators=[refuse_bad_lines], help_text=_("A list of words.")
    )

    objects = StageQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ("roadmap", "position", "id")
        constraints = [models.UniqueConstraint(fields=["roadmap", "key"], name="one_stage_per_key_and_road")]

    def __str__(self) -> str:
        return self.title

    def is_published(self) -> bool:
        """True once an edition names it: its key is kept for good."""
        return Edition.objects.of(self.roadmap).with_stage(self.key).exists()


class GateKind(models.TextChoices):
    STAGE_PASSED = "stage_passed", _("stages passed")
    EVIDENCE_ACCEPTED = "evidence_accepted", _("evidence accepted")


class Gate(models.Model):
    """One requirement that must be met before a stage opens; a stage without gates is open from the start."""

    stage = models.ForeignKey(Stage, models.CASCADE, related_name="gates")
    kind = models.CharField(_("kind"), max_length=24, choices=GateKind.choices)
    stages = models.ManyToManyField(
        Stage, related_name="+", blank=True, verbose_name=_("stages that must be passed")
    )
    tasks = models.ManyToManyField(
        "roadmap.EvidenceTask", related_name="+", blank=True, verbose_name=_("evidence tasks that count")
    )
    at_least = models.PositiveSmallIntegerField(
        _("at least"), null=True, blank=True, help_text=_("How many of the evidence tasks must be accepted.")
    )
    because = models.TextField(_("because"), blank=True)
    position = position_field()

    history = History(m2m_fields=[stages, tasks])

    class Meta:
        verbose_name = _("gate")
        verbose_name_plural = _("gates")
        ordering = ("position", "id")

    def __str__(self) -> str:
        return f"{self.stage}: {self.get_kind_display()}"
