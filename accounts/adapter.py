"""How this house answers django-allauth: who may sign up, who a new person is, where she lands, how it writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.models import Invitation, User
from accounts.models.user import LEARNER, refuse_control_characters

INVITATION = "invitation"  # session key: the id of the invitation whose link was opened


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """One per request; allauth asks it whatever a house may decide for itself."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-mail and password don't match."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, or let us mail you a sign-in code."),
        "incorrect_code": _("This is not the code we sent."),
        "incorrect_password": _("This is not your password."),
        "rate_limited": _("Too many tries. Wait a few minutes."),
        "unverified_primary_email": _("Confirm your present address first."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        if settings.SIGN_UP == "invitation":
            return self.invitation(request, clock.now()) is not None
        return bool(settings.SIGN_UP == "open")

    def invitation(self, request: HttpRequest, now: datetime) -> Invitation | None:
        """The invitation whose link was opened in this session, while it can still be used."""
        opened: int = request.session.get(INVITATION, 0)
        return Invitation.objects.open(now).filter(pk=opened).first()

    def refuse_uninvited(self, email: str) -> None:
        """Raise ValidationError when sign-up is by invitation and this address has none."""
        if settings.SIGN_UP != "invitation":
            return
        invitation = self.invitation(self.request, clock.now())
        if invitation is None or invitation.email.lower() != email.lower():
            raise ValidationError(_("Your invitation is for another address. Use the one it was made for."))

    def clean_email(self, email: str) -> str:
        refuse_control_characters(email)
        return email

    def new_user(self, request: HttpRequest) -> User:
        return User(date_joined=clock.now())

    @transaction.atomic
    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """Write a new learner as the sign-up form says; her invitation is used up."""
        user.name = form.cleaned_data["name"]
        user.time_zone = form.cleaned_data["time_zone"]
        user.language = _known_language(translation.get_language())
        saved: User = super().save_user(request, user, form, commit=commit)
        if commit:
            saved.take_roles([LEARNER])
            if invitation := self.invitation(request, clock.now()):
                invitation.use(clock.now())
        return saved

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The landing page of the first of the person's roles that settings name one for."""
        roles = request.user.roles() if isinstance(request.user, User) else frozenset()
        for role, page in settings.LANDING_PAGES.items():
            if role in roles:
                return str(resolve_url(page))
        return str(super().get_login_redirect_url(request))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write in the person's language; links lead to the site's own address, whatever host was asked."""
        person = context.get("user")
        language = person.language if isinstance(person, User) else translation.get_language()
        own = {name: _on_this_site(url) for name, url in context.items() if name.endswith("_url")}
        with translation.override(language):
            super().send_mail(template_prefix, email, {**context, **own, "site_url": settings.SITE_URL})


def _known_language(language: str | None) -> str:
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _on_this_site(url: str) -> str:
    address = urlsplit(url)
    return f"{settings.SITE_URL}{address.path}" + (f"?{address.query}" if address.query else "")
