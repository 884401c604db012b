from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User

PREFIX = "wmk_"


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Scope(models.TextChoices):
    READ = "read", _("read")
    WRITE = "write", _("read and write")


class TokenQuerySet(models.QuerySet["Token"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def unrevoked(self) -> Self:
        return self.filter(revoked_at=None)

    def valid(self, now: datetime) -> Self:
        """Tokens that open something now: neither revoked nor over, of a person who may sign in."""
        return self.unrevoked().filter(expires_at__gt=now, person__is_active=True)

    def matching(self, secret: str) -> Self:
        return self.filter(digest=hashed(secret))

    def issue(
        self, person: User, *, name: str, scope: str, now: datetime, expires_at: datetime
    ) -> tuple[Token, str]:
        """Write a token and return it with its secret, which is shown once and kept only as SHA-256."""
        secret = PREFIX + secrets.token_urlsafe(32)
        token = self.create(
            person=person,
            name=name,
            scope=scope,
            digest=hashed(secret),
            created_at=now,
            expires_at=expires_at,
        )
        return token, secret


class Token(models.Model):
    """One personal key to the API: named, expiring, able to read or to read and write as its person."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    scope = models.CharField(_("may"), max_length=8, choices=Scope.choices, default=Scope.READ)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("expires at"))
    last_used_on = models.DateField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.name

    def revoke(self, now: datetime) -> None:
        """From now on the token opens nothing; revoking it again keeps the first time."""
        if self.revoked_at is None:
            self.revoked_at = now
            self.save(update_fields=["revoked_at"])

    def note_use(self, now: datetime) -> None:
        """Remember the day (in UTC) of the last use; writes at most once a day."""
        if self.last_used_on != now.date():
            self.last_used_on = now.date()
            self.save(update_fields=["last_used_on"])

    @property
    def may_write(self) -> bool:
        return self.scope == Scope.WRITE
