from __future__ import annotations

from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from authoring.exchange import formats
from authoring.exchange.questions import Reading
from authoring.models.question_import import Placing, Plan, QuestionImport
from authoring.models.upload import Upload, UploadQuerySet


class QuestionUploadQuerySet(UploadQuerySet["QuestionUpload"]):
    @transaction.atomic
    def receive(self, by: User, name: str, data: bytes, format_name: str, now: datetime) -> QuestionUpload:
        """Keep a file until its author says what becomes of it; raises UnreadableError, and then keeps nothing."""
        found, _reading = formats.read(data, name=name, format_name=format_name)
        return self.keep(by, name, data, now, format=found.name)


class QuestionUpload(Upload):
    """One row is a file of questions that an author uploaded: waiting for her word, or imported a short while ago."""

    format = models.CharField(_("format"), max_length=24)

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

    @transaction.atomic
    def confirm(self, placing: Placing, now: datetime) -> Plan:
        """Import what the file holds, all of it or nothing; raises UploadIsOverError or QuestionsCrossedError."""
        self.lock(now)
        plan = QuestionImport(self.reading(), placing, self.name).save(now)
        self.data, self.imported_at, self.outcome = b"", now, plan.outcome()
        self.save(update_fields=["data", "imported_at", "outcome"])
        return plan

    def reading(self) -> Reading:
        """What the file holds; raises UploadIsOverError."""
        return formats.read(self.content(), name=self.name, format_name=self.format)[1]

    def plan(self, placing: Placing) -> Plan:
        return QuestionImport(self.reading(), placing, self.name).plan()
