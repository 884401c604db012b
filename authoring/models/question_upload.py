from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Self

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from authoring.exchange import formats
from authoring.exchange.questions import Reading
from authoring.models.question_import import Placing, Plan, QuestionImport
from authoring.models.road_upload import KEPT_FOR, MOST_OF_ONE, UploadIsOverError

__all__ = ["QuestionUpload"]


class QuestionUploadQuerySet(models.QuerySet["QuestionUpload"]):
    def of(self, person: User) -> Self:
        return self.filter(by=person)

    def living(self, now: datetime) -> Self:
        """Those that can be looked at: waiting for their author's word, or imported a short while ago."""
        return self.filter(expires_at__gt=now)

    def forget(self, now: datetime) -> int:
        """Delete what has expired; how many went. Running it twice changes nothing."""
        return self.filter(expires_at__lte=now).delete()[0]

    @transaction.atomic
    def receive(self, by: User, name: str, data: bytes, format_name: str, now: datetime) -> QuestionUpload:
        """Keep a file until its author says what becomes of it; raises UnreadableError, and then keeps nothing.

        What has expired goes, and of one person's the oldest beyond a few.
        """
        found, _reading = formats.read(data, name=name, format_name=format_name)
        self.forget(now)
        kept = self.of(by).order_by("-pk").values("pk")[: MOST_OF_ONE - 1]
        self.of(by).exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
        return self.create(
            by=by,
            name=name[-200:],
            data=data,
            digest=hashlib.sha256(data).hexdigest(),
            format=found.name,
            uploaded_at=now,
            expires_at=now + KEPT_FOR,
        )


class QuestionUpload(models.Model):
    """One row is a file of questions that an author uploaded: waiting for her word, or imported a short while ago.

    `data` is empty once it is imported; `outcome` then says what was written.
    """

    by = models.ForeignKey(
        User, models.CASCADE, related_name="question_uploads", verbose_name=_("uploaded by")
    )
    name = models.CharField(_("file name"), max_length=200)
    data = models.BinaryField(_("file"))
    digest = models.CharField(_("SHA-256"), max_length=64)
    format = models.CharField(_("format"), max_length=24)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    expires_at = models.DateTimeField(_("expires at"))
    imported_at = models.DateTimeField(_("imported at"), null=True, blank=True)
    outcome = models.JSONField(_("outcome"), default=dict, blank=True)

    objects = QuestionUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("uploaded questions")
        verbose_name_plural = _("uploaded questions")
        indexes = [
            models.Index(fields=["expires_at"], name="question_uploads_by_expiry"),
            models.Index(fields=["by", "-id"], name="question_uploads_of_a_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(imported_at=None) | models.Q(data=b""),
                name="an_imported_upload_keeps_no_questions",
            )
        ]

    def __str__(self) -> str:
        return self.name

    # Acts

    @transaction.atomic
    def confirm(self, placing: Placing, now: datetime) -> Plan:
        """Import what the file holds, all of it or nothing; raises UploadIsOverError or QuestionsCrossedError."""
        locked = QuestionUpload.objects.select_for_update().filter(pk=self.pk)
        if not locked.values_list("pk", flat=True).first():
            raise UploadIsOverError  # a newer upload of hers took its place
        self.refresh_from_db()
        if not self.is_waiting(now):
            raise UploadIsOverError
        plan = QuestionImport(self.reading(), placing, self.name).save(now)
        self.data, self.imported_at, self.outcome = b"", now, plan.outcome()
        self.save(update_fields=["data", "imported_at", "outcome"])
        return plan

    # Questions

    def is_waiting(self, now: datetime) -> bool:
        return self.imported_at is None and now < self.expires_at

    def reading(self) -> Reading:
        """What the file holds; raises UploadIsOverError when it is gone or is not the one that was uploaded."""
        data = bytes(self.data)
        if hashlib.sha256(data).hexdigest() != self.digest:
            raise UploadIsOverError
        return formats.read(data, name=self.name, format_name=self.format)[1]

    def plan(self, placing: Placing) -> Plan:
        return QuestionImport(self.reading(), placing, self.name).plan()
