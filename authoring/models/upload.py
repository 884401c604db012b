from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User

KEPT_FOR = timedelta(hours=24)
MOST_OF_ONE = 5

U = TypeVar("U", bound="Upload")


class UploadIsOverError(Exception):
    """The upload was imported, replaced or has expired: there is nothing to import any more."""


class UploadQuerySet(models.QuerySet[U]):
    def of(self, person: User) -> Self:
        return self.filter(by=person)

    def living(self, now: datetime) -> Self:
        """Those that can be looked at: waiting for their author's word, or imported a short while ago."""
        return self.filter(expires_at__gt=now)

    def forget(self, now: datetime) -> int:
        """Delete what has expired; how many went. Running it twice changes nothing."""
        return self.filter(expires_at__lte=now).delete()[0]

    def keep(self, by: User, name: str, data: bytes, now: datetime, **more: Any) -> U:
        """Keep a file until its author says what becomes of it.

        What has expired goes, and of one person's the oldest beyond a few.
        """
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
            **more,
        )


class Upload(models.Model):
    """What uploads of all kinds are: waiting for their author's word, or imported a short while ago.

    `data` is empty once it is imported; `outcome` then says what was written.
    """

    by = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("uploaded by"))
    name = models.CharField(_("file name"), max_length=200)
    data = models.BinaryField(_("file"))
    digest = models.CharField(_("SHA-256"), max_length=64)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    expires_at = models.DateTimeField(_("expires at"))
    imported_at = models.DateTimeField(_("imported at"), null=True, blank=True)
    outcome = models.JSONField(_("outcome"), default=dict, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def lock(self, now: datetime) -> None:
        """Nobody else imports it until the transaction is over.

        Raises UploadIsOverError, also where newer uploads took its place meanwhile.
        """
        rows = type(self)._default_manager.select_for_update(of=("self",))  # noqa: SLF001  # Django's public name for it
        if rows.filter(pk=self.pk).first() is None:
            raise UploadIsOverError
        self.refresh_from_db()
        if not self.is_waiting(now):
            raise UploadIsOverError

    def is_waiting(self, now: datetime) -> bool:
        return self.imported_at is None and now < self.expires_at

    def content(self) -> bytes:
        """The file; raises UploadIsOverError when it is gone or is not the one that was uploaded."""
        data = bytes(self.data)
        if hashlib.sha256(data).hexdigest() != self.digest:
            raise UploadIsOverError
        return data
