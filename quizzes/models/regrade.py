from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from quizzes.models.question import QuestionVersion


class Policy(models.TextChoices):
    """Whose answers earn the points after a key was corrected."""

    CREDIT_ALL = "credit_all", _("full points for everybody who was asked")
    BOTH = "both", _("the old and the new answer are right")
    NEW_ONLY = "new_only", _("only the new answer is right")
    NONE = "none", _("results stay as they are")


class Regrade(models.Model):
    """One correction of results after a question's answer changed: from which wording to which, by which policy.

    What it changed stands in gradings that name it; undoing it adds further ones. `changed` counts the attempts whose
    points it changed, once it is finished.
    """

    before = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="+")
    after = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="regrades")
    policy = models.CharField(_("policy"), max_length=12, choices=Policy.choices)
    never_lower = models.BooleanField(_("nobody loses points"), default=True)
    reason = models.CharField(_("reason"), max_length=200)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    changed = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("regrade")
        verbose_name_plural = _("regrades")
        ordering = ("-begun_at", "-id")

    def __str__(self) -> str:
        return f"{self.before_id} → {self.after_id}"
