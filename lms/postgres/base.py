"""Django's PostgreSQL, asked less: a kept connection is looked at instead of pinged before each request."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import ConnStatus


class DatabaseWrapper(base.DatabaseWrapper):
    """See docs/decisions/0007-connections.md."""

    def is_usable(self) -> bool:
        """Whether a kept connection still has somebody at its other end.

        A server that ended a session has said so on its socket. A silent one is alive as far as this machine can
        know, and only one with something to say is asked by a query.
        """
        return _is_silent(self.connection) or super().is_usable()


def _is_silent(connection: Any) -> bool:
    if connection is None or connection.closed or connection.pgconn.status != ConnStatus.OK:
        return False
    waiting = select.poll()
    waiting.register(connection.pgconn.socket, select.POLLIN)
    return not waiting.poll(0)
