from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from authoring import packing
from authoring.models.dry_run import DryRun
from authoring.models.road_import import RoadImport
from authoring.models.roadmapsh_import import RoadmapshImport
from roadmap.models import Roadmap

KEPT_FOR = timedelta(hours=24)
MOST_OF_ONE = 5


class UploadIsOverError(Exception):
    """The upload was imported, replaced or has expired: there is nothing to import any more."""


class RoadUploadQuerySet(models.QuerySet["RoadUpload"]):
    def of(self, person: User) -> Self:
        return self.filter(by=person)

    def living(self, now: datetime) -> Self:
        """Those that can be looked at: waiting for their author's word, or imported a short while ago."""
        return self.filter(expires_at__gt=now)

    def forget(self, now: datetime) -> int:
        """Delete what has expired; how many went. Running it twice changes nothing."""
        return self.filter(expires_at__lte=now).delete()[0]

    @transaction.atomic
    def receive(self, by: User, name: str, data: bytes, now: datetime) -> RoadUpload:
        """Keep a zip until its author says what becomes of it; raises RoadImportRefusedError, and then keeps nothing.

        What has expired goes, and of one person's the oldest beyond a few.
        """
        _import_of(data).dry_run(now)
        self.forget(now)
        kept = self.of(by).order_by("-pk").values("pk")[: MOST_OF_ONE - 1]
        self.of(by).exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
        return self.create(
            by=by,
            name=name[-200:],
            data=data,
            digest=hashlib.sha256(data).hexdigest(),
            uploaded_at=now,
            expires_at=now + KEPT_FOR,
        )


class RoadUpload(models.Model):
    """One row is a road's zip that an author uploaded: waiting for her to confirm it, or imported a short while ago.

    `data` is empty once it is imported; `outcome` then says what was written.
    """

    by = models.ForeignKey(User, models.CASCADE, related_name="road_uploads", verbose_name=_("uploaded by"))
    name = models.CharField(_("file name"), max_length=200)
    data = models.BinaryField(_("zip"))
    digest = models.CharField(_("SHA-256"), max_length=64)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    expires_at = models.DateTimeField(_("expires at"))
    imported_at = models.DateTimeField(_("imported at"), null=True, blank=True)
    road = models.ForeignKey(
        Roadmap, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("road")
    )
    outcome = models.JSONField(_("outcome"), default=dict, blank=True)

    objects = RoadUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("uploaded road")
        verbose_name_plural = _("uploaded roads")
        indexes = [
            models.Index(fields=["expires_at"], name="uploads_by_expiry"),
            models.Index(fields=["by", "-id"], name="uploads_of_a_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(imported_at=None) | models.Q(data=b""),
                name="an_imported_upload_keeps_no_zip",
            )
        ]

    def __str__(self) -> str:
        return self.name

    # Acts

    @transaction.atomic
    def confirm(self, *, seen: str, publish: bool, changelog: str, now: datetime) -> None:
        """Import what the dry run with the fingerprint `seen` showed, and publish it if wanted: all of it or nothing.

        Raises UploadIsOverError, DraftChangedError, RoadImportRefusedError or DraftHasFaultsError.
        """
        if RoadUpload.objects.select_for_update(of=("self",)).filter(pk=self.pk).first() is None:
            raise UploadIsOverError  # newer ones took its place meanwhile
        self.refresh_from_db()
        if not self.is_waiting(now):
            raise UploadIsOverError
        road_import, number = self.road_import(), None
        if publish:
            changes, edition = road_import.publish(by=self.by, changelog=changelog, now=now, seen=seen)
            number = edition.number
        else:
            changes = road_import.save(now, seen=seen)
        self.data, self.imported_at, self.road = b"", now, road_import.road()
        self.outcome = {"changes": changes.by_act, "edition": number}
        self.save(update_fields=["data", "imported_at", "road", "outcome"])

    # Questions

    def is_waiting(self, now: datetime) -> bool:
        return self.imported_at is None and now < self.expires_at

    def road_import(self) -> RoadImport:
        """The road of the zip; raises UploadIsOverError when the zip is gone or is not the one that was uploaded."""
        data = bytes(self.data)
        if hashlib.sha256(data).hexdigest() != self.digest:
            raise UploadIsOverError
        return _import_of(data)

    def dry_run(self, now: datetime) -> DryRun:
        return self.road_import().dry_run(now)


def _import_of(data: bytes) -> RoadImport:
    """A zip of a road's folder, or of a road of a roadmap.sh checkout; raises RoadImportRefusedError."""
    unpacked = packing.unpack(data)
    return RoadmapshImport.of_files(unpacked) or RoadImport(packing.checked(unpacked))
