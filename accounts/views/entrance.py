"""Doors for people who are not signed in yet."""

from __future__ import annotations

from typing import Any

from allauth.account.views import ConfirmEmailView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.adapter import INVITATION
from accounts.models import Invitation


@require_safe
@never_cache
def invitation(request: HttpRequest) -> HttpResponse:
    """The link of an invitation: go on to sign-up, or learn why it no longer works."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    token = request.GET.get("token", "")
    found = Invitation.objects.open(clock.now()).with_token(token).first()
    if found is None or settings.SIGN_UP == "closed":
        return render(request, "accounts/invitation_over.html", status=410)
    request.session[INVITATION] = found.pk
    return redirect("account_signup")


class ConfirmEmail(ConfirmEmailView):  # type: ignore[misc]  # allauth is untyped
    """allauth's page, but a link used twice says so instead of being not found."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().post(*args, **kwargs)
        except Http404:
            return self.get(*args, **kwargs)  # type: ignore[no-any-return]  # as above
        return answer


confirm_email = ConfirmEmail.as_view()
