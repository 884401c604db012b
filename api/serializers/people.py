from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from accounts.models import User
from api.models import Token
from api.serializers.shape import Shape


class TokenLine(Shape):
    """The token that is used."""

    name: str
    scope: str = Field(description="read, or write (which reads as well).")
    expires_at: datetime


class Me(Shape):
    """The person who asks."""

    id: int
    name: str
    email: str
    time_zone: str
    language: str
    roles: list[str] = Field(description="Of learner, mentor, author, admin.")
    today: date = Field(description="The date on this person's calendar now.")
    token: TokenLine | None = Field(description="Null behind a session.")


def me(person: User, token: Token | None, now: datetime) -> Me:
    return Me(
        id=person.pk,
        name=person.name,
        email=person.email,
        time_zone=person.time_zone,
        language=person.language,
        roles=sorted(person.roles()),
        today=person.today(now),
        token=TokenLine.model_validate(token) if token else None,
    )
