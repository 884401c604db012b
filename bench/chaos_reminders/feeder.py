"""Puts tasks into the queue all the time, as beats and other work do."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self
from uuid import uuid4

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from bench.chaos_reminders.house import House
from lms import places

QUEUE = "celery"
PAUSE = 0.1  # seconds
EXPIRES = 20  # seconds after which a task that nobody took is worth nothing


class Feeder:
    """While it is entered, the queue holds about `most` tasks of this name; each is put there `times` times."""

    def __init__(self, house: House, task: str, *, most: int, times: int = 1) -> None:
        self.pushed = 0
        self._house, self._task, self._most, self._times = house, task, most, times
        url = places.broker_url(places.socket_redis_url(house.valkey.socket, house.valkey.password))
        self._app = Celery("chaos", broker=url, set_as_current=False)
        self._app.conf.broker_transport_options = {"socket_timeout": 2, "socket_connect_timeout": 2}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._feed, name="feeder", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join(10)
        self._app.close()

    def push(self, task: str, times: int = 1) -> str:
        """Put one task there, so many times; its id, or nothing when Redis does not answer."""
        name = str(uuid4())
        try:
            with self._app.connection_for_write() as connection:
                for _ in range(times):
                    self._app.send_task(
                        task, task_id=name, expires=EXPIRES, retry=False, connection=connection
                    )
        except (OperationalError, RedisError, OSError):
            return ""
        return name

    def _feed(self) -> None:
        with self._house.queue() as queue:
            while not self._is_over.wait(PAUSE):
                try:
                    waiting = queue.llen(QUEUE)
                except (RedisError, OSError):
                    continue
                if waiting < self._most and self.push(self._task, self._times):
                    self.pushed += 1
