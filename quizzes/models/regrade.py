from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from quizzes import regrading
from quizzes.models.question import Question, QuestionVersion

CHUNK = 200
_STRAGGLE = timedelta(days=60)
_LOOKED_EVERY = timedelta(minutes=10)


class Policy(models.TextChoices):
    """Whose answers earn the points after a key was corrected."""

    CREDIT_ALL = regrading.Policy.CREDIT_ALL.value, _("full points for everybody who was asked")
    BOTH = regrading.Policy.BOTH.value, _("the old and the new answer are right")
    NEW_ONLY = regrading.Policy.NEW_ONLY.value, _("only the new answer is right")
    NONE = regrading.Policy.NONE.value, _("results stay as they are")


class RegradeQuerySet(models.QuerySet["Regrade"]):
    def of(self, question: Question) -> Self:
        return self.filter(after__question=question)

    def at_work(self) -> Self:
        """Those that have attempts before them."""
        return self.filter(finished_at=None)

    def lasting(self, now: datetime) -> Self:
        """Finished ones, not undone, for which attempts that were open when they began may still be handed in."""
        recent = self.filter(finished_at__isnull=False, undone_at=None, begun_at__gt=now - _STRAGGLE)
        return recent.exclude(policy=Policy.NONE)

    def to_look_after(self, now: datetime) -> Self:
        """Those among them for whose attempts nobody looked for a while."""
        return self.lasting(now).filter(looked_at__lt=now - _LOOKED_EVERY)

    def begin(
        self,
        before: QuestionVersion,
        after: QuestionVersion,
        *,
        policy: str,
        never_lower: bool,
        reason: str,
        by: User | None,
        now: datetime,
    ) -> Regrade:
        """Note that results are to be corrected; `Regrade.work` does it, here or by the clock."""
        return self.create(
            before=before,
            after=after,
            policy=policy,
            never_lower=never_lower,
            reason=reason,
            begun_at=now,
            begun_by=by,
        )


class Regrade(models.Model):
    """One correction of results after a question's answer changed: from which wording to which, by which policy.

    What it changed stands in gradings that name it; undoing it adds further ones. `cursor` is the last attempt that was
    looked at, `looked_at` when attempts that finished later were looked for, `changed` counts the attempts whose points
    it changed. It is at work until `finished_at`, and once more after it was undone.
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
    cursor = models.BigIntegerField(default=0, db_default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    changed = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = RegradeQuerySet.as_manager()

    class Meta:
        verbose_name = _("regrade")
        verbose_name_plural = _("regrades")
        ordering = ("-begun_at", "-id")
        indexes = [
            models.Index(fields=["begun_at"], condition=models.Q(finished_at=None), name="regrades_at_work")
        ]

    def __str__(self) -> str:
        return f"{self.before_id} → {self.after_id}"

    @property
    def is_undone(self) -> bool:
        return self.undone_at is not None

    def undo(self, by: User | None, now: datetime) -> None:
        """Take it back: results become what they would be without it, as `work` goes on. Once is enough."""
        with transaction.atomic():
            mine = Regrade.objects.select_for_update(no_key=True).get(pk=self.pk)
            if mine.undone_at is not None:
                return
            mine.undone_at, mine.undone_by, mine.cursor, mine.finished_at = now, by, 0, None
            mine.save(update_fields=["undone_at", "undone_by", "cursor", "finished_at"])
        self.refresh_from_db()
