from __future__ import annotations

from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from authoring import packing
from authoring.models.dry_run import DryRun
from authoring.models.road_import import RoadImport
from authoring.models.roadmapsh_import import RoadmapshImport
from authoring.models.upload import Upload, UploadQuerySet
from roadmap.models import Roadmap


class RoadUploadQuerySet(UploadQuerySet["RoadUpload"]):
    @transaction.atomic
    def receive(self, by: User, name: str, data: bytes, now: datetime) -> RoadUpload:
        """Keep a zip until its author says what becomes of it; raises RoadImportRefusedError and then keeps nothing."""
        _import_of(data).dry_run(now)
        return self.keep(by, name, data, now)


class RoadUpload(Upload):
    """One row is a road's zip that an author uploaded: waiting for her to confirm it, or imported a short while ago."""

    road = models.ForeignKey(
        Roadmap, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("road")
    )

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

    # Acts

    @transaction.atomic
    def confirm(self, *, seen: str, publish: bool, changelog: str, now: datetime) -> None:
        """Import what the dry run with the fingerprint `seen` showed, and publish it if wanted: all of it or nothing.

        Raises UploadIsOverError, DraftChangedError, RoadImportRefusedError or DraftHasFaultsError.
        """
        self.lock(now)
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

    def road_import(self) -> RoadImport:
        """The road of the zip; raises UploadIsOverError."""
        return _import_of(self.content())

    def dry_run(self, now: datetime) -> DryRun:
        return self.road_import().dry_run(now)


def _import_of(data: bytes) -> RoadImport:
    """A zip of a road's folder, or of a road of a roadmap.sh checkout; raises RoadImportRefusedError."""
    unpacked = packing.unpack(data)
    return RoadmapshImport.of_files(unpacked) or RoadImport(packing.checked(unpacked))
