from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache, partial
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.append_only import ERASING, NO_LONGER_ERASING
from accounts.models import erasure
from accounts.models.invitation import Invitation

LEARNER, MENTOR, AUTHOR, ADMIN = "learner", "mentor", "author", "admin"
ROLES = (LEARNER, MENTOR, AUTHOR, ADMIN)
# From one zone to the next by index, since the people of a house are many and their zones few.
_ZONES = """
WITH RECURSIVE zone (name) AS (
    SELECT min(time_zone) FROM accounts_user
    UNION ALL
    SELECT (SELECT min(time_zone) FROM accounts_user WHERE time_zone > zone.name) FROM zone WHERE name IS NOT NULL)
SELECT name FROM zone WHERE name IS NOT NULL
"""
AT_THE_DESK = frozenset({AUTHOR, ADMIN})
_ROLES = """
SELECT name FROM auth_group JOIN accounts_user_groups ON group_id = auth_group.id WHERE user_id = %s
"""


def refuse_unknown_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone known to this machine."""
    if name not in available_timezones():
        raise ValidationError(_("%(zone)s is not a time zone we know."), params={"zone": name})


def refuse_control_characters(address: str) -> None:
    """Raise ValidationError for what an address may hold in quotes, but would end a line in a letter's head."""
    if any(unicodedata.category(character) == "Cc" for character in address):
        raise ValidationError(_("An address without control characters, please."))


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def in_role(self, role: str) -> Self:
        return self.filter(groups__name=role)


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def active(self) -> UserQuerySet:
        return self.get_queryset().active()

    def in_role(self, role: str) -> UserQuerySet:
        return self.get_queryset().in_role(role)

    def with_roles(self, pk: int) -> User | None:
        """The person with her roles already read: one query, put together once and not each time."""
        names, statement = _with_roles()
        with connection.cursor() as cursor:
            cursor.execute(statement, [pk])
            row = cursor.fetchone()
        if row is None:
            return None
        person = User.from_db(self.db, names, row[:-1])
        person._roles = frozenset(row[-1])  # noqa: SLF001  # this very module's
        return person

    def time_zones(self) -> list[str]:
        """The time zones that people live in, in the order of their names."""
        with connection.cursor() as cursor:
            cursor.execute(_ZONES)
            return [name for (name,) in cursor.fetchall()]

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Write a person. `email` is kept as typed, but unique regardless of case."""
        if not email:
            raise ValueError("A person needs an e-mail address.")
        fields.setdefault("date_joined", clock.now())
        user = self.model(email=email.strip(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    @transaction.atomic
    def create_confirmed(
        self, email: str, password: str | None = None, *, roles: Iterable[str] = (), **fields: Any
    ) -> User:
        """Write a person in these roles whose address somebody vouches for: no letter has to confirm it."""
        user = self.create_user(email, password, **fields)
        user.emailaddress_set.create(email=user.email.lower(), verified=True, primary=True)  # type: ignore[attr-defined]  # allauth's, untyped
        user.take_roles(roles)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Write an admin from the server's own command line: whoever sits there needs no letter first."""
        return self.create_confirmed(email, password, roles=[ADMIN], **{**fields, "is_superuser": True})


@cache
def _with_roles() -> tuple[list[str], str]:
    """The fields of a person, and the statement that reads them and her roles."""
    fields = User._meta.concrete_fields  # noqa: SLF001  # Django's own way to a model's fields
    columns = ", ".join(str(field.column) for field in fields)
    roles = f"ARRAY({_ROLES % 'accounts_user.id'})"
    return (
        [field.attname for field in fields],
        f"SELECT {columns}, {roles} FROM accounts_user WHERE id = %s",  # noqa: S608  # names of columns
    )


class User(AbstractBaseUser, PermissionsMixin):
    """One person who can sign in, known by e-mail address; what she may do follows from her groups."""

    email = models.EmailField(
        _("e-mail address"), max_length=254, unique=True, validators=[refuse_control_characters]
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[refuse_unknown_zone]
    )
    language = models.CharField(
        _("language"), max_length=12, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    is_staff = models.BooleanField(
        _("may open the desk"), default=False, help_text=_("Authors and admins work at the desk.")
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Switch off instead of deleting a person.")
    )
    date_joined = models.DateTimeField(_("joined at"))

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("email",)
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_person_per_email_whatever_the_case",
                violation_error_message=_("There is a person with this e-mail address already."),
            )
        ]
        indexes = [models.Index(fields=["time_zone"], name="people_by_time_zone")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    @transaction.atomic
    def take_roles(self, roles: Iterable[str]) -> None:
        """Be in exactly these roles from now on; authors and admins may open the desk."""
        wanted = frozenset(roles)
        if unknown := wanted - set(ROLES):
            raise ValueError(f"There is no role {', '.join(sorted(unknown))}.")
        self.groups.set([Group.objects.get_or_create(name=role)[0] for role in sorted(wanted)])
        self.is_staff = bool(wanted & AT_THE_DESK)
        self.save(update_fields=["is_staff"])
        self._roles = wanted

    @transaction.atomic
    def erase(self) -> None:
        """Delete the person and every row and file about her; what she decided about others stays, unsigned."""
        for address in {self.email, *self.emailaddress_set.values_list("email", flat=True)}:  # type: ignore[attr-defined]  # allauth's
            erasure.forget(Invitation.objects.to(address))
        doomed = erasure.rows_that_go_with(self)
        files = erasure.files_of(doomed)
        erasure.forget_at_the_desk(doomed)
        erasure.end_sessions(doomed)
        with connection.cursor() as cursor:
            cursor.execute(ERASING)
            self.delete()
            cursor.execute(NO_LONGER_ERASING)
        for file in files:
            transaction.on_commit(partial(file.storage.delete, str(file.name)), robust=True)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def initials(self) -> str:
        words = (self.name or self.email).split()
        return "".join(word[0] for word in words[:2]).upper()

    def today(self, now: datetime) -> date:
        """The date on this person's calendar at `now`."""
        return now.astimezone(self.zone).date()

    def roles(self) -> frozenset[str]:
        """Names of the groups this person is in; read once per object."""
        if not hasattr(self, "_roles"):
            self._roles = self._read_roles()
        return self._roles

    def _read_roles(self) -> frozenset[str]:
        """Every page asks it, so it is asked without a queryset."""
        with connection.cursor() as cursor:
            cursor.execute(_ROLES, [self.pk])
            return frozenset(name for (name,) in cursor.fetchall())

    def is_mentor(self) -> bool:
        return MENTOR in self.roles()

    def is_admin(self) -> bool:
        return self.is_superuser or ADMIN in self.roles()
