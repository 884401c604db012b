"""Personal tokens: the page that makes them, and what they open."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from redis.exceptions import ConnectionError as NoConnection

from accounts import clock
from accounts.models import User
from api.models import Token
from tests.api.conftest import Caller, secret_of
from tests.cast import enrolled, ines, stranger

pytestmark = pytest.mark.django_db

PAGE = "/settings/tokens/"


@pytest.fixture
def signed_in(client):
    client.force_login(ines())
    return client


def make(client, **said):
    return client.post(PAGE, {"name": "My laptop", "scope": "read", "days": "30", **said})


def test_somebody_not_signed_in_is_sent_to_sign_in(client):
    assert "/accounts/login/" in client.get(PAGE)["Location"]


def test_a_new_token_is_shown_once_and_opens_the_api(signed_in):
    answer = make(signed_in)
    secret = answer.context["secret"]

    assert secret in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert secret not in signed_in.get(PAGE).content.decode()
    assert Caller(secret).get("me/").json()["email"] == "ines@example.org"


def test_of_the_secret_only_its_digest_is_kept(signed_in):
    secret = make(signed_in).context["secret"]

    kept = [str(value) for value in Token.objects.values().get().values()]
    assert not [value for value in kept if secret[4:] in value]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "This field is required."),
        ("days", "0", "greater than or equal to 1"),
        ("days", "9999", "less than or equal to 366"),
        ("scope", "everything", "not one of the available choices"),
    ],
)
def test_a_token_that_cannot_be_says_why_and_is_not_made(signed_in, field, value, said):
    answer = make(signed_in, **{field: value})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Token.objects.exists()


def test_there_are_twenty_tokens_at_most(signed_in):
    for _number in range(20):
        secret_of(ines())

    answer = make(signed_in)

    assert answer.status_code == 422
    assert "Revoke one that you don&#x27;t use first." in answer.content.decode()


def test_a_revoked_token_opens_nothing_any_more(signed_in):
    secret = make(signed_in).context["secret"]
    caller = Caller(secret)
    before = caller.get("me/").status_code

    signed_in.post(f"{PAGE}{Token.objects.get().pk}/revoke/")

    assert (before, caller.get("me/").status_code) == (200, 401)
    signed_in.get(PAGE)  # says so once
    assert "My laptop" not in signed_in.get(PAGE).content.decode()


def test_nobody_revokes_somebody_elses_token(signed_in):
    secret = secret_of(stranger())

    answer = signed_in.post(f"{PAGE}{Token.objects.get().pk}/revoke/")

    assert answer.status_code == 404
    assert Caller(secret).get("me/").status_code == 200


def test_a_token_that_is_over_opens_nothing(client):
    secret = secret_of(ines(), days=3)
    caller = Caller(secret)
    before = caller.get("me/").status_code

    clock.move(timedelta(days=3, seconds=1))

    assert (before, caller.get("me/").status_code) == (200, 401)


def test_a_person_who_is_switched_off_is_not_let_in():
    caller = Caller(secret_of(ines()))
    before = caller.get("me/").status_code

    User.objects.get_queryset().filter(pk=ines().pk).update(is_active=False)

    assert (before, caller.get("me/").status_code) == (200, 401)


@pytest.mark.parametrize("header", ["Bearer wmk_wrong", "Bearer", "Bearer  ", "bearer é"])
def test_a_wrong_token_is_refused_with_a_challenge(client, header):
    answer = client.get("/api/v1/me/", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="waymark"'
    assert answer.json()["code"] == "authentication_failed"


def test_without_a_token_the_same_challenge_is_given(nobody):
    answer = nobody.get("me/")

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="waymark"')
    assert answer.json()["code"] == "not_authenticated"


def test_a_reading_token_reads_and_does_not_write(caller):
    enrolled(ines())
    reader, writer = caller(ines(), "read"), caller(ines(), "write")
    tick = "enrollments/trail-test/ticks/r-rocks/"

    assert reader.get("enrollments/trail-test/ticks/").status_code == 200
    refused = reader.put(tick)
    assert (refused.status_code, refused.json()["code"]) == (403, "read_only_token")
    assert reader.delete(tick).status_code == 403
    assert writer.put(tick).status_code == 200


def test_a_token_is_found_by_one_question_and_its_use_noted_once_a_day(caller):
    asks = caller(ines())
    asks.get("me/")
    day = Token.objects.get().last_used_on

    with CaptureQueriesContext(connection) as asked:
        asks.get("me/")

    about_tokens = [query["sql"] for query in asked if "api_token" in query["sql"]]
    assert day == clock.now().date()
    assert len(about_tokens) == 1
    assert about_tokens[0].startswith("SELECT")


def test_the_look_up_uses_the_index_of_digests():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT * FROM api_token WHERE digest = 'x' AND revoked_at IS NULL")
        plan = " ".join(row[0] for row in cursor.fetchall())

    assert "Index Scan" in plan


def test_a_session_may_write_only_with_its_csrf_token():
    enrolled(ines())
    client = Client(enforce_csrf_checks=True)
    client.force_login(ines())
    client.get(PAGE)
    tick = "/api/v1/enrollments/trail-test/ticks/r-rocks/"

    without = client.put(tick)
    having = client.put(tick, headers={"X-CSRFToken": client.cookies["csrftoken"].value})

    assert client.get("/api/v1/me/").json()["token"] is None
    assert (without.status_code, having.status_code) == (403, 200)


def test_too_many_requests_in_a_minute_are_held_up(caller, settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    asks = caller(ines())

    codes = [asks.get("me/").status_code for _time in range(8)]

    assert codes[0] == 200
    assert codes[-1] == 429  # a minute may turn in between, never two
    assert int(asks.get("me/")["Retry-After"]) <= 60


def test_while_the_cache_is_away_nobody_is_held_up(caller, settings, monkeypatch):
    def away(*_args, **_more):
        raise NoConnection

    settings.API_REQUESTS_PER_MINUTE = 1
    asks = caller(ines())
    monkeypatch.setattr("lms.cache.OneClient.get_client", away)

    assert {asks.get("me/").status_code for _time in range(4)} == {200}


def test_the_page_asks_few_questions(signed_in, django_assert_max_num_queries):
    for _number in range(12):
        secret_of(ines())

    with django_assert_max_num_queries(5):
        signed_in.get(PAGE)
