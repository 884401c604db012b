"""What every answer carries, whoever made it."""

import codecs
import logging
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from structlog.contextvars import bound_contextvars

log = logging.getLogger("waymark.requests")
GetResponse = Callable[[HttpRequest], HttpResponse]
SECRETS = {"key", "token"}  # what addresses of letters, confirmations and resets call theirs


class RequestLog:
    """One line a request, and its id on every other line written meanwhile; no query strings, which may hold tokens."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        began = time.perf_counter()
        with bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            log.log(
                _weight(request.path),
                "request",
                extra={
                    "method": request.method,
                    "path": _without_secrets(request),
                    "status": response.status_code,
                    "milliseconds": round((time.perf_counter() - began) * 1000, 1),
                },
            )
        response["X-Request-ID"] = request_id
        return response


def _without_secrets(request: HttpRequest) -> str:
    """The address as the log may hold it: nobody resets a password with what she reads there."""
    path, named = request.path, request.resolver_match.kwargs if request.resolver_match else {}
    for name in SECRETS & set(named):
        path = path.replace(named[name], "…")
    return path


def _weight(path: str) -> int:
    """Files and health questions come by the dozen and say nothing new."""
    is_chatter = path.startswith(settings.STATIC_URL) or path in {"/healthz", "/readyz"}
    return logging.DEBUG if is_chatter else logging.INFO


class Shield:
    """Headers that keep other sites from reading, framing or guessing at ours, static files included."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class Legible:
    """Refuses what can't be read or kept: strange charsets, and a NUL in an address, which PostgreSQL can't store."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("An address holds no NUL.")
        if request.encoding and codecs.lookup(request.encoding).name not in {"utf-8", "ascii"}:
            raise BadRequest("What is sent here is UTF-8.")
        return self.get_response(request)


class PrivatePages:
    """A page drawn for a signed-in person is kept by no cache, shared or private."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _is_personal(request):
            response["Cache-Control"] = "no-store"
            patch_vary_headers(response, ("Cookie", "Authorization"))
        return response


def _is_personal(request: HttpRequest) -> bool:
    if "Authorization" in request.headers:
        return True
    return request.session.accessed and SESSION_KEY in request.session
