from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models.user import User

VALID_FOR = timedelta(days=14)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def to(self, email: str) -> Self:
        return self.filter(email__iexact=email)

    def open(self, now: datetime) -> Self:
        return self.filter(used_at=None, expires_at__gt=now)

    def with_token(self, token: str) -> Self:
        return self.filter(token_hash=_hashed(token))

    def invite(self, email: str, *, by: User | None, now: datetime) -> tuple[Invitation, str]:
        """Write an invitation; returns it with the token, which is shown once and kept only as a hash."""
        token = secrets.token_urlsafe(24)
        invitation = self.create(
            email=email, token_hash=_hashed(token), invited_by=by, invited_at=now, expires_at=now + VALID_FOR
        )
        return invitation, token


class Invitation(models.Model):
    """One e-mail address that may sign up while sign-up is by invitation."""

    email = models.EmailField(_("e-mail address"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("invited by"),
    )
    invited_at = models.DateTimeField(verbose_name=_("invited at"))
    expires_at = models.DateTimeField(verbose_name=_("expires at"))
    used_at = models.DateTimeField(null=True, blank=True, verbose_name=_("used at"))

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-invited_at",)
        indexes = [models.Index(Lower("email"), name="invitation_by_email")]

    def __str__(self) -> str:
        return self.email

    def use(self, now: datetime) -> None:
        self.used_at = now
        self.save(update_fields=["used_at"])
