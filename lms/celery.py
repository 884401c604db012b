"""The Celery application: `celery -A lms`. Its settings are in lms/settings.py."""

import os
import warnings
from typing import Any

from celery import Celery
from kombu import transport
from kombu.transport import redis, virtual
from redis.exceptions import ConnectionError as RedisIsGoneError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")

# Root is no danger to a worker that reads JSON only; the container has a user of its own.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")


class QoS(redis.QoS):
    """Of a connection that is dead and does not say so, each acknowledgement fails and must not keep its place.

    With kombu 5.7.0 it does, and a worker whose places are all kept so asks for nothing any more.
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise


class Channel(redis.Channel):
    """A channel that says so when its connection is gone, and puts nothing back over it.

    A worker that loses Redis while it works still acknowledges what it had begun, or wants to put it back. With kombu
    5.7.0 it fails in looking for the connection that is no more, which it takes for a fault of its own, and ends.
    Tables know what waits, and Redis gives out again in time what was never acknowledged.
    """

    QoS = QoS
    do_restore = False

    def _connparams(self, *args: Any, **options: Any) -> Any:
        if getattr(self.connection, "client", None) is None:
            raise RedisIsGoneError("The connection to Redis was lost.")
        return super()._connparams(*args, **options)  # type: ignore[misc, unused-ignore]  # the stubs leave it out


class Transport(redis.Transport):
    """Redis, with channels as above."""

    Channel = Channel


transport.TRANSPORT_ALIASES |= dict.fromkeys(("redis", "rediss"), f"{__name__}:Transport")

app = Celery("waymark")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("lms.tick:Tick")  # by name: it needs models, which are not there yet
