"""The cache: Redis while it is there, and nothing at all while it is not. Losing it loses no fact."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

COUNTS_OF_TRIES = "allauth:rl:"  # how allauth begins the keys of its limits on signing in and the like


def raise_if_silent() -> None:
    """Raise RedisError where Redis does not answer: for the question whether this house is ready."""
    cache = caches["default"]
    if isinstance(cache, RedisOrNothing):
        cache._cache.get_client().ping()  # noqa: SLF001  # Django has no public way to the client


class OneClient(RedisCacheClient):
    """Django makes a new client for each word with Redis, which takes longer than the word. One is enough a thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._made: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        index = self._get_connection_pool_index(write)  # type: ignore[attr-defined]  # unknown to Django's stubs
        if index not in self._made:
            self._made[index] = super().get_client(key, write=write)
        return self._made[index]


class RedisOrNothing(RedisCache):
    """Redis; when it does not answer, reads find nothing and writes are dropped, so that pages go on.

    Tries are counted all the same, by each process for itself: without counts nobody could sign in, or anybody guess
    without end.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = OneClient
        self._own_counts = LocMemCache("counts of tries", {"OPTIONS": {"MAX_ENTRIES": 10_000}})

    def add(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return self._or(False, "add", key, *args, **kwargs)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._or(default, "get", key, default, version)

    def set(self, key: Any, *args: Any, **kwargs: Any) -> None:
        self._or(None, "set", key, *args, **kwargs)

    def incr(self, key: Any, *args: Any, **kwargs: Any) -> int:
        return int(self._or(0, "incr", key, *args, **kwargs))

    def touch(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return self._or(False, "touch", key, *args, **kwargs)

    def delete(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return self._or(False, "delete", key, *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return self._or(dict[Any, Any](), "get_many", *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        return self._or(list[Any](), "set_many", *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._or(None, "delete_many", *args, **kwargs)

    def has_key(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return self._or(False, "has_key", key, *args, **kwargs)

    def _or(self, otherwise: Answer, act: str, *args: Any, **kwargs: Any) -> Answer:
        ask: Callable[..., Answer] = getattr(super(), act)
        try:
            return ask(*args, **kwargs)
        except RedisError as trouble:  # gone, hung, full, read-only: whatever it is, pages go on
            log.warning("The cache does not answer: %s", trouble)
        if str(args[0]).startswith(COUNTS_OF_TRIES):
            own: Callable[..., Answer] = getattr(self._own_counts, act)
            return own(*args, **kwargs)
        return otherwise
