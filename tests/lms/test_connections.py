"""Kept connections to PostgreSQL: used without a question while silent, replaced once the server has ended them."""

import pytest
from django.db import connection, connections

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session() -> int:
    """The number under which the server knows this connection."""
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def _end(session: int) -> None:
    """Have the server end that session, and wait until it has."""
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [session])
    finally:
        other.close()


def test_a_silent_connection_is_used_without_a_question(session, monkeypatch):
    monkeypatch.setattr(connection.connection, "cursor", None)

    assert connection.is_usable()


def test_a_connection_that_the_server_ended_is_replaced(session):
    _end(session)
    if not connection.is_usable():
        connection.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (session,)
