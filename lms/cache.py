"""The cache: Redis while it is there, and nothing at all while it is not. Losing it loses no fact."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


def raise_if_silent() -> None:
    """Raise RedisError where Redis does not answer: for the question whether this house is ready."""
    cache = caches["default"]
    if isinstance(cache, RedisOrNothing):
        cache._cache.get_client().ping()  # noqa: SLF001  # Django has no public way to the client


class RedisOrNothing(RedisCache):
    """Redis; when it does not answer, reads find nothing and writes are dropped, so that pages go on."""

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self._or(False, super().add, *args, **kwargs)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._or(default, super().get, key, default, version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._or(None, super().set, *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> int:
        return int(self._or(0, super().incr, *args, **kwargs))

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return self._or(False, super().touch, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._or(False, super().delete, *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return self._or(dict[Any, Any](), super().get_many, *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        return self._or(list[Any](), super().set_many, *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._or(None, super().delete_many, *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return self._or(False, super().has_key, *args, **kwargs)

    def _or(self, otherwise: Answer, ask: Callable[..., Any], *args: Any, **kwargs: Any) -> Answer:
        try:
            answer: Answer = ask(*args, **kwargs)
        except (NoConnection, NoAnswer) as trouble:
            log.warning("The cache does not answer: %s", trouble)
            return otherwise
        return answer
