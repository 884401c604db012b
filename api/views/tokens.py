"""The page where a person makes and revokes her tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import clock
from accounts.request import SignedInRequest
from api.forms import TokenForm
from api.models import Token


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: SignedInRequest) -> HttpResponse:
    """My tokens and a form for a new one, whose secret this answer shows and no other ever will."""
    now, person = clock.now(), request.user
    form = TokenForm(request.POST or None, person=person)
    made: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        token, secret = Token.objects.issue(
            person,
            name=said["name"],
            scope=said["scope"],
            now=now,
            expires_at=now + timedelta(days=said["days"]),
        )
        made, form = {"made": token, "secret": secret}, TokenForm(person=person)
    context = {"form": form, "rows": _rows(request, now), **made}
    return render(request, "api/tokens.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke(request: SignedInRequest, token_id: int) -> HttpResponse:
    """The token opens nothing from now on."""
    token = get_object_or_404(Token.objects.of(request.user), pk=token_id)
    token.revoke(clock.now())
    messages.success(
        request, gettext("“%(name)s” is revoked and opens nothing any more.") % {"name": token.name}
    )
    return redirect("api:tokens")


def _rows(request: SignedInRequest, now: datetime) -> list[dict[str, Any]]:
    """The person's tokens that were not revoked; TokenForm keeps them few."""
    return [
        {
            "token": token,
            "is_over": token.expires_at <= now,
            "ends_on": request.user.today(token.expires_at),
            "used_on": token.last_used_on,
        }
        for token in Token.objects.of(request.user).unrevoked()
    ]
