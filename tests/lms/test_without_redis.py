"""Redis is gone: pages go on, people sign in, and guessing is still limited."""

import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.test import Client

from lms.cache import RedisOrNothing
from quizzes.models import Attempt
from tests import cast
from tests.progress.test_quiz_pages import begin, item, opened, send, url

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _redis_is_gone(settings) -> Iterator[None]:
    """A port where nobody listens; what one process counts by itself begins at nothing."""
    kept = settings.CACHES
    settings.CACHES = {
        "default": {**kept["default"], "LOCATION": "redis://127.0.0.1:9/0", "KEY_PREFIX": str(uuid4())}
    }
    cache = caches["default"]
    assert isinstance(cache, RedisOrNothing)
    cache._own_counts.clear()
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def sign_in(browser: Client, password: str, address: str = "ines@example.org", **more: Any):
    return browser.post(LOGIN, {"login": address, "password": password}, **more)


def test_it_is_really_gone():
    caches["default"].set("a", 1)
    assert caches["default"].get("a") is None


def test_the_pages_of_a_learner_go_on(client):
    client.force_login(cast.enrolled(cast.ines()).person)

    for address in (
        "/",
        "/today/",
        "/roads/trail-test/",
        "/roads/trail-test/stages/base/",
        "/evidence/",
        "/settings/",
    ):
        assert client.get(address).status_code == 200, address
    assert client.post("/roads/trail-test/resources/r-rocks/tick/", {"done": "1"}).status_code == 302
    assert cast.ines().ticks.count() == 1


def test_answers_are_kept(client):
    client.force_login(cast.enrolled(cast.ines()).person)
    attempt = begin(client)

    assert send(client, attempt, opened(client, attempt), item(1)).status_code == 200
    assert Attempt.objects.get(pk=attempt.pk).values() == {1: "true"}
    assert client.post(url("quiz_submit", attempt.number), {"confirmed": "1"}).status_code == 302


def test_the_api_goes_on(client):
    assert client.get("/api/v1/roads/").status_code == 200


def test_people_sign_in_and_out(client):
    cast.ines()

    assert sign_in(client, cast.PASSWORD)["Location"] == "/today/"
    assert client.get("/settings/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/settings/").status_code == 302


def test_guessing_is_still_limited(client):
    cast.ines()
    for guess in range(6):
        sign_in(Client(), f"wrong-{guess}")

    refused = sign_in(Client(), cast.PASSWORD)

    assert refused.status_code in {200, 429}
    assert "Too many tries" in refused.content.decode()


def test_nobody_else_is_held_up_by_it(client):
    cast.ines(), cast.tomas()
    for guess in range(6):
        sign_in(Client(), f"wrong-{guess}")

    assert sign_in(Client(), cast.PASSWORD, "tomas@example.org").status_code == 302


def test_the_house_says_that_it_is_not_ready(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["redis"]) == (503, "not ok")
    assert client.get("/healthz").status_code == 200
