"""Fills the floor's database and prints a session key per person, as JSON on the last line."""

import json
from datetime import UTC, datetime

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.management import call_command

from bench.floor.models import Item, Letter

PEOPLE = 40
LETTERS = 1000


def main() -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)
    now = datetime.now(UTC)
    Item.objects.bulk_create(
        Item(
            group=number % 5,
            title=f"Item number {number} of a list that somebody reads",
            words="A sentence of the length that such lists have, cut where it gets too long for its line. "
            * 2,
            minutes=number % 180,
            made_at=now,
        )
        for number in range(500)
    )
    Letter.objects.bulk_create(Letter(address=f"person-{n}@example.org") for n in range(LETTERS))
    keys = [_session(User.objects.create(username=f"person-{n}")) for n in range(PEOPLE)]
    print(json.dumps({"sessions": keys}))


def _session(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key or ""


main()
