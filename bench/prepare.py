"""Fills the product's database as its own commands do, and prints what the scenes need, as JSON on the last line."""

from __future__ import annotations

import json
import secrets
import string
import sys
from datetime import datetime
from typing import Any
from uuid import uuid4

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.management import call_command
from django.urls import reverse

from accounts import clock
from accounts.models import User
from bench.queries import count_queries
from bench.scenes import ROAD
from mentoring.models import Mentorship
from progress.models import Enrollment
from quizzes.models import Attempt, Quiz
from quizzes.saves import SavedItem

PEOPLE = 40
STAGE = "math"


def main(learners: int, submits: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    road = str(settings.BASE_DIR / "content" / ROAD)
    call_command("road_import", road, publish=True, verbosity=0, stdout=sys.stderr)
    call_command("make_bench_data", learners=max(learners, submits + 2 + PEOPLE), stdout=sys.stderr)
    data = _data(clock.now(), submits + 2)
    data["full_attempts"], counted = data["full_attempts"][:-2], data["full_attempts"][-2:]
    print(json.dumps({**data, "queries": count_queries({**data, "full_attempts": counted})}))


def _data(now: datetime, submits: int) -> dict[str, Any]:
    people = list(User.objects.in_role("learner").order_by("id")[: submits + PEOPLE])
    quiz = Quiz.objects.select_related("roadmap", "current_version").get(
        roadmap__key=ROAD, key=f"{STAGE}-quiz"
    )
    document = Enrollment.objects.on(ROAD).select_related("roadmap")[0].document
    return {
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "csrf": "".join(secrets.choice(string.ascii_letters) for _ in range(32)),
        "stage": STAGE,
        "learners": [_person(person) for person in people[:PEOPLE]],
        "mentors": [_person(mentor) for mentor in _mentors()],
        "resources": sorted(document.stage_by_key[STAGE].core_keys()),
        "open_attempts": [_open_attempt(person, quiz, now) for person in people[:PEOPLE]],
        "full_attempts": [_full_attempt(person, quiz, now) for person in people[PEOPLE:]],
    }


def _mentors() -> list[User]:
    """Mentors of learners by name: the queue of a hundred learners, half of whom wait."""
    return list(User.objects.filter(pk__in=Mentorship.objects.exclude(learner=None).values("mentor")))


def _person(person: User) -> dict[str, Any]:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "accounts.permissions.SignIn"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return {"session": session.session_key}


def _open_attempt(person: User, quiz: Quiz, now: datetime) -> dict[str, Any]:
    """An attempt under way, and the body of a save with the words SEQUENCE and CLIENT to fill in."""
    attempt = Attempt.objects.start(person, quiz, now)
    epoch = attempt.open(now)
    item = {"slot": attempt.slots[0].slot, "sequence": "SEQUENCE", "client_id": "CLIENT", "value": "a"}
    body = json.dumps({"epoch": epoch, "items": [item]}).replace('"SEQUENCE"', "SEQUENCE")
    return {**_person(person), "save_url": _door("quiz_save", attempt), "save": body}


def _full_attempt(person: User, quiz: Quiz, now: datetime) -> dict[str, Any]:
    """An attempt with all its answers saved, to be handed in."""
    attempt = Attempt.objects.start(person, quiz, now)
    epoch = attempt.open(now)
    items = [
        SavedItem.model_validate({"slot": slot.slot, "sequence": 1, "client_id": uuid4(), "value": "a"})
        for slot in attempt.slots
    ]
    attempt.save_answers(epoch, items, now)
    return {**_person(person), "submit_url": _door("quiz_submit", attempt), "epoch": epoch}


def _door(name: str, attempt: Attempt) -> str:
    return reverse(f"progress:{name}", args=[ROAD, attempt.quiz.key, attempt.number])


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
