"""The doors of an attempt against whoever sends more, other or stranger things than the player does."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from quizzes.models import Attempt
from tests import cast

pytestmark = pytest.mark.django_db
LAST = 2**63 - 1


@pytest.fixture
def ines(client):
    """A browser in which Ines is signed in and has begun the quiz."""
    client.force_login(cast.enrolled(cast.ines()).person)
    client.post(url("quiz_start"))
    return client


@pytest.fixture
def attempt(ines) -> Attempt:
    return Attempt.objects.get()


def url(name: str, *rest: object) -> str:
    return reverse(f"progress:{name}", args=["trail-test", "base-quiz", *rest])


def opened(browser) -> int:
    return int(browser.get(url("quiz", 1)).context["epoch"])


def save(browser, epoch: int, *items: dict[str, object]):
    body = json.dumps({"epoch": epoch, "items": items})
    return browser.post(url("quiz_save", 1), data=body, content_type="application/json")


def item(slot: int, value: object, sequence: int = 1, client_id: object = None) -> dict[str, object]:
    return {"slot": slot, "sequence": sequence, "client_id": str(client_id or uuid4()), "value": value}


def test_a_form_with_more_parts_than_a_question_can_have_keeps_as_many_as_it_can(ines, attempt):
    more = {f"q1.part-{number}": "x" for number in range(60)}
    answer = ines.post(url("quiz", 1), {"epoch": opened(ines), **more})

    assert answer.status_code == 302
    assert attempt.values() == {1: {f"part-{number}": "x" for number in range(50)}}


def test_the_highest_sequence_does_not_stop_her_from_choosing(ines, attempt):
    older, newer = opened(ines), opened(ines)
    save(ines, newer, item(4, "true", LAST))
    save(ines, older, item(4, "false", LAST))
    answer = ines.post(url("quiz_differences", 1), {"slot": "4", "take": "overtaken"})

    assert answer.status_code == 302
    assert attempt.values() == {4: "false"}
    assert attempt.answers.differences() == []


@pytest.mark.parametrize(
    ("how", "headers", "status"),
    [("head", {}, 200), ("get", {"Sec-Purpose": "prefetch"}, 503), ("get", {"Sec-Purpose": "prefetch;prerender"}, 503)],
)  # fmt: skip
def test_a_browser_that_only_looks_ahead_takes_nothing_over(ines, attempt, how, headers, status):
    epoch = opened(ines)
    assert getattr(ines, how)(url("quiz", 1), headers=headers).status_code == status

    assert save(ines, epoch, item(1, "true")).status_code == 200
    assert attempt.values() == {1: "true"}


def test_what_is_read_changes_nothing(ines, attempt):
    epoch = opened(ines)
    for name in ("quiz_state", "quiz_differences", "quiz_submit"):
        assert ines.get(url(name, 1)).status_code == 200
    for name in ("quiz_save", "quiz_flag"):
        assert ines.get(url(name, 1), {"flag": "2"}).status_code == 405
    assert ines.get(url("quiz_result", 1)).status_code == 302

    attempt.refresh_from_db()
    assert (attempt.epoch, attempt.flagged, attempt.finished_at) == (epoch, [], None)


def test_an_epoch_that_nobody_opened_yet_overtakes_nothing(ines, attempt):
    epoch = opened(ines)
    assert save(ines, epoch + 50, item(1, "false")).status_code == 409
    save(ines, epoch, item(1, "true"))

    assert attempt.values() == {1: "true"}
    assert attempt.answers.overtaken().get().value == "false"


def test_names_of_saves_of_another_attempt_stand_in_nobodys_way(ines, attempt):
    name = uuid4()
    save(ines, opened(ines), item(1, "true", client_id=name))
    other = cast.stranger()
    cast.enrolled(other)
    ines.force_login(other)
    ines.post(url("quiz_start"))
    save(ines, opened(ines), item(1, "false", client_id=name))

    assert attempt.values() == {1: "true"}
    assert Attempt.objects.get(person=other).values() == {1: "false"}


@pytest.mark.parametrize("slot", ["0", "99", "-1", "²", "1e3", "9" * 30, ""])
def test_a_flag_of_no_question_changes_nothing(ines, attempt, slot):
    assert ines.post(url("quiz_flag", 1), {"flag": slot}).status_code == 204
    attempt.refresh_from_db()
    assert attempt.flagged == []


def test_nothing_of_a_finished_attempt_is_chosen_or_flagged(ines, attempt):
    older, newer = opened(ines), opened(ines)
    save(ines, newer, item(1, "true"))
    save(ines, older, item(1, "false"))
    ines.post(url("quiz_submit", 1), {"confirmed": "1"})
    chosen = ines.post(url("quiz_differences", 1), {"slot": "1", "take": "overtaken"})
    ines.post(url("quiz_flag", 1), {"flag": "1"})

    assert chosen.headers["Location"] == url("quiz_result", 1)
    attempt.refresh_from_db()
    assert (attempt.values(), attempt.flagged) == ({1: "true"}, [])
    assert attempt.receipt_holds()
