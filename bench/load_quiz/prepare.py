"""Fills the house with learners who are signed in, and prints what the scenes need, as JSON on the last line."""

from __future__ import annotations

import json
import secrets
import string
import sys
from datetime import timedelta

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.urls import reverse

from accounts import clock
from accounts.models import User
from bench.scenes import ROAD
from progress.models import Enrollment
from quizzes.models import QuestionVersion, Quiz


def main(learners: int) -> None:
    call_command("migrate", verbosity=0)
    road = str(settings.BASE_DIR / "content" / ROAD)
    call_command("road_import", road, publish=True, verbosity=0, stdout=sys.stderr)
    call_command("make_bench_data", learners=learners, stdout=sys.stderr)
    stage = Enrollment.objects.on(ROAD).select_related("roadmap")[0].document.stages[0]
    quiz = Quiz.objects.of_road(ROAD).select_related("current_version").get(key=stage.quiz)
    print(
        json.dumps(
            {
                "session_cookie": settings.SESSION_COOKIE_NAME,
                "csrf_cookie": settings.CSRF_COOKIE_NAME,
                "csrf": "".join(secrets.choice(string.ascii_letters) for _ in range(32)),
                "quiz": reverse("progress:quiz_start", args=[ROAD, quiz.key]),
                "learners": _signed_in(list(User.objects.in_role("learner").order_by("id")[:learners])),
                "right": _right_values(quiz),
            }
        )
    )


def _signed_in(people: list[User]) -> list[dict[str, object]]:
    """A session for each, written at once; the first request of each finds it in the database, not in the cache."""
    encode = SessionStore().encode
    until = clock.now() + timedelta(days=14)
    sessions = Session.objects.bulk_create(
        Session(
            session_key=secrets.token_hex(16), session_data=encode(_session_of(person)), expire_date=until
        )
        for person in people
    )
    return [
        {"id": person.pk, "session": session.session_key}
        for person, session in zip(people, sessions, strict=True)
    ]


def _session_of(person: User) -> dict[str, str]:
    return {
        SESSION_KEY: str(person.pk),
        BACKEND_SESSION_KEY: "accounts.permissions.SignIn",
        HASH_SESSION_KEY: person.get_session_auth_hash(),
    }


def _right_values(quiz: Quiz) -> dict[int, object]:
    """An answer that earns everything, by the id of the question's version."""
    assert quiz.current_version is not None
    versions = [question.version for question in quiz.current_version.sheet.questions]
    return {pk: body.right_value() for pk, body in QuestionVersion.objects.bodies(versions).items()}


if __name__ == "__main__":
    main(int(sys.argv[1]))
