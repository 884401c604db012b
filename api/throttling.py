"""How often somebody may ask in a minute, counted in the cache; while that is away, nobody is held up."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

MINUTE = 60


class PerMinute(BaseThrottle):
    """Counts the requests of one person, or of one address without a person, in the running minute."""

    def allow_request(self, request: Request, view: Any) -> bool:
        person = request.user.pk
        limit = settings.API_REQUESTS_PER_MINUTE if person else settings.API_REQUESTS_PER_MINUTE_WITHOUT_TOKEN
        who = f"person-{person}" if person else f"address-{self.get_ident(request)}"
        return _count(f"api-{who}-{int(time.time() // MINUTE)}") <= limit

    def wait(self) -> float:
        return MINUTE - time.time() % MINUTE


def _count(key: str) -> int:
    """This request's number under the key."""
    if cache.add(key, 1, 2 * MINUTE):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # it is over meanwhile, or the cache is away
        return 1
