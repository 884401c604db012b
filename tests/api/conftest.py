"""Callers of the API: each speaks JSON as one person of the cast, by a token of hers."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import clock
from accounts.models import User
from api.models import Token


class Caller:
    """Asks below /api/v1/ with a token; without one it asks as nobody."""

    def __init__(self, secret: str = "") -> None:
        self.client = Client(headers={"Authorization": f"Bearer {secret}"} if secret else {})

    def get(self, path: str, **query: Any):
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path: str, body: Any = None):
        return self._send("post", path, body)

    def put(self, path: str, body: Any = None):
        return self._send("put", path, body)

    def delete(self, path: str):
        return self.client.delete(f"/api/v1/{path}")

    def upload(self, path: str, fields: dict[str, Any]):
        return self.client.post(f"/api/v1/{path}", fields)

    def _send(self, method: str, path: str, body: Any):
        return getattr(self.client, method)(
            f"/api/v1/{path}", {} if body is None else body, content_type="application/json"
        )


def secret_of(person: User, scope: str = "write", days: int = 30) -> str:
    """A new token of this person."""
    now = clock.now()
    return Token.objects.issue(
        person, name="test", scope=scope, now=now, expires_at=now + timedelta(days=days)
    )[1]


@pytest.fixture
def caller(db):
    """Call it with a person to speak as her; `scope` read makes a token that may not write."""

    def speaks_as(person: User, scope: str = "write") -> Caller:
        return Caller(secret_of(person, scope))

    return speaks_as


@pytest.fixture
def nobody(db):
    return Caller()
