from __future__ import annotations

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.history import History
from roadmap.models.archive import Archivable
from roadmap.models.edition import Edition
from roadmap.models.fields import key_field, position_field, refuse_bad_hours
from roadmap.models.roadmap import Roadmap
from roadmap.models.stage import Stage

HAND_IN_KINDS = ("link", "text", "file")


def every_kind() -> list[str]:
    return list(HAND_IN_KINDS)


def refuse_bad_kinds(kinds: object) -> None:
    """Raise ValidationError unless `kinds` is a non-empty list out of link, text, file."""
    if not isinstance(kinds, list) or not kinds or not set(kinds) <= set(HAND_IN_KINDS):
        raise ValidationError(_("Choose from link, text and file, at least one."))


class EvidenceTaskQuerySet(models.QuerySet["EvidenceTask"]):
    def unarchived(self) -> Self:
        return self.filter(archived_at=None)


class EvidenceTask(Archivable):
    """One piece of work that a learner hands in and a mentor reviews, as its authors edit it."""

    roadmap = models.ForeignKey(
        Roadmap, models.CASCADE, related_name="evidence_tasks", verbose_name=_("road")
    )
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="evidence_tasks", verbose_name=_("stage"))
    key = key_field()
    position = position_field()
    title = models.CharField(_("title"), max_length=160)
    brief = models.TextField(_("brief"), help_text=_("Markdown: what to hand in, on what, how it is judged."))
    accepts = models.JSONField(_("handed in as"), default=every_kind, validators=[refuse_bad_kinds])
    is_required = models.BooleanField(_("required to finish the road"), default=True)
    promise_days = models.PositiveSmallIntegerField(_("a mentor answers within (days)"), default=3)
    hours = models.JSONField(_("hours"), default=dict, blank=True, validators=[refuse_bad_hours])

    objects = EvidenceTaskQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("evidence task")
        verbose_name_plural = _("evidence tasks")
        ordering = ("stage", "position", "id")
        constraints = [models.UniqueConstraint(fields=["roadmap", "key"], name="one_task_per_key_and_road")]

    def __str__(self) -> str:
        return self.title

    def is_published(self) -> bool:
        """True once an edition names it: its key is kept for good."""
        return Edition.objects.of(self.roadmap).with_task(self.key).exists()


class RubricCriterion(models.Model):
    """One line of a task's rubric with its four levels, from not yet to exceeds."""

    task = models.ForeignKey(EvidenceTask, models.CASCADE, related_name="criteria")
    key = key_field()
    title = models.CharField(_("title"), max_length=200)
    must_meet = models.BooleanField(_("must be met"), default=False)
    not_yet = models.TextField(_("not yet"))
    developing = models.TextField(_("developing"))
    meets = models.TextField(_("meets"))
    exceeds = models.TextField(_("exceeds"))
    position = position_field()

    history = History()

    class Meta:
        verbose_name = _("rubric criterion")
        verbose_name_plural = _("rubric criteria")
        ordering = ("position", "id")
        constraints = [models.UniqueConstraint(fields=["task", "key"], name="one_criterion_per_key_and_task")]

    def __str__(self) -> str:
        return self.title
