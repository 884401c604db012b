"""What a page is drawn in, the signed-in person's own time zone; and that what she changes is signed by her."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User
from accounts.models.history import signed

GetResponse = Callable[[HttpRequest], HttpResponse]
IN_UTC = "/api/v1/"  # machines read it, whoever they sign in as


class OwnTimeZone:
    """Times on a person's pages, and times she types, are those of her zone; strangers read UTC."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = None if request.path.startswith(IN_UTC) else _zone(request)
        with timezone.override(zone):
            return self.get_response(request)


def _zone(request: HttpRequest) -> str | None:
    if SESSION_KEY in request.session and isinstance(request.user, User):
        return request.user.time_zone
    return None


class SignedChanges:
    """Drafts that are changed while a request is answered are changed by whoever is signed in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with signed(request=request):
            return self.get_response(request)
