"""What every answer carries, whoever made it; and strangers' pages that need not be made again."""

from __future__ import annotations

import codecs
import logging
import time
import uuid
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import TypeGuard

from cachetools import LRUCache
from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import BadRequest
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import get_language_from_request
from structlog.contextvars import bind_contextvars, reset_contextvars

from accounts.request import PublicPage, theme_of
from lms.logs import REQUESTS, discreet

log = logging.getLogger(REQUESTS)
GetResponse = Callable[[HttpRequest], HttpResponse]
PUBLIC_BYTES_KEPT = 32 * 1024 * 1024


class RequestLog:
    """One line a request, and its id on every other line written meanwhile; no query strings, which may hold tokens."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        began = time.perf_counter()
        bound = bind_contextvars(request_id=request_id)
        try:
            response = self.get_response(request)
            weight = _weight(request.path)
            log.log(
                weight,
                "request",
                extra={
                    "request_id": request_id,
                    "method": request.method,
                    "path": request.path if weight == logging.DEBUG else discreet(request),
                    "status": response.status_code,
                    "milliseconds": round((time.perf_counter() - began) * 1000, 1),
                },
            )
        finally:
            reset_contextvars(**bound)
        response["X-Request-ID"] = request_id
        return response


def _weight(path: str) -> int:
    """Files and health questions come by the dozen and say nothing new."""
    is_chatter = path.startswith(settings.STATIC_URL) or path in {"/healthz", "/readyz"}
    return logging.DEBUG if is_chatter else logging.INFO


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A finished answer for strangers, and who knows whether it is still right."""

    content: bytes
    etag: str
    headers: dict[str, tuple[str, str]]
    holds: Callable[[], bool]

    @classmethod
    def of(cls, page: PublicPage) -> KeptPage:
        etag = page.headers["ETag"] = f'"{blake2b(page.content, digest_size=16).hexdigest()}"'
        return cls(
            page.content, etag, {name.lower(): (name, said) for name, said in page.items()}, page.holds
        )

    def is_right(self) -> bool:
        """False as well where the database does not say: the ordinary way knows what to answer then."""
        try:
            return self.holds()
        except DatabaseError:
            return False

    def answer(self, request: HttpRequest) -> HttpResponseBase | None:
        """The page, or 304 for a browser that has it."""
        response = HttpResponse(self.content)
        response.headers._store.update(self.headers)  # noqa: SLF001  # they were looked at when the page was made
        if "HTTP_IF_NONE_MATCH" in request.META:
            return get_conditional_response(request, etag=self.etag, response=response)
        return response


class PublicPages:
    """Answers whoever has no session with pages from this process's memory, each asked first whether it still holds.

    It stands before all that reads sessions, tokens and languages. What is kept was answered without any of them:
    to a request with neither session nor query, by a view that gave a PublicPage, and with no cookie set.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._lock = Lock()
        self._pages: LRUCache[Hashable, KeptPage] = LRUCache(
            PUBLIC_BYTES_KEPT, getsizeof=lambda page: len(page.content)
        )

    def __call__(self, request: HttpRequest) -> HttpResponseBase | None:
        if not _is_strangers(request):
            return self.get_response(request)
        name = (
            *(request.scheme, request.META.get("HTTP_HOST"), request.path),
            *(get_language_from_request(request), theme_of(request)),
        )
        with self._lock:
            page = self._pages.get(name)
        if page is None or not page.is_right():
            response = self.get_response(request)
            if not _is_for_all(response):
                return response
            page = KeptPage.of(response)
            with self._lock:
                self._pages[name] = page
        return page.answer(request)


def _is_strangers(request: HttpRequest) -> bool:
    """Whether all that this request can be told by is in the name of a kept page."""
    return (
        request.method == "GET"
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and not {"HTTP_AUTHORIZATION", "CONTENT_TYPE"} & request.META.keys()
        and not request.META.get("QUERY_STRING")
    )


def _is_for_all(response: HttpResponse) -> TypeGuard[PublicPage]:
    is_page = isinstance(response, PublicPage) and response.status_code == 200
    return is_page and not response.cookies and not settings.DEBUG


class Shield:
    """Headers that keep other sites from reading, framing or guessing at ours, static files included."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class ContentPolicy(CSPMiddleware):
    """django-csp, whose usual policy is put together once and not on each request."""

    @cached_property
    def usual(self) -> str:
        return build_policy()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The usual policy, unless this answer or its request asked for something else."""
        is_odd = hasattr(request, "_csp_nonce") or any(name.startswith("_csp") for name in vars(response))
        if is_odd or settings.DEBUG:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.usual)
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
