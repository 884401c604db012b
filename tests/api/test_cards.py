"""Review cards through the API: the deck, front and back, an answer written once, settings."""

from datetime import timedelta

import pytest

from accounts import clock
from quizzes.models import Attempt, Card, CardReview, CardSettings, Quiz
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(caller):
    """Ines, who missed two of ten."""
    now = clock.now() - timedelta(hours=1)
    cast.take_quiz(cast.enrolled(cast.ines()), "base-quiz", points=8, now=now)
    Card.objects.gather(clock.now())
    return caller(cast.ines())


def test_the_deck_says_what_is_due_and_the_list_names_it(mine):
    deck = mine.get("cards/deck/").json()
    cards = mine.get("cards/").json()

    assert (deck["due"], deck["cards"], deck["seen"]) == (2, 2, 0)
    assert len(deck["days"]) == 7
    assert cards["count"] == 2
    assert {line["turn"] for line in cards["results"]} == {0}


def test_the_front_does_not_tell_and_the_back_does(mine):
    card = Card.objects.first()
    front, back = mine.get(f"cards/{card.pk}/"), mine.get(f"cards/{card.pk}/back/").json()

    assert b"CANARY" not in front.content
    assert "right" not in front.json()
    assert back["right"] is True
    assert "CANARY-WHY" in back["explanation"]
    assert list(back["choices"]) == ["not_yet", "hard", "good", "easy"]
    assert (back["quiz"], back["attempt"], back["slot"]) == ("base-quiz", 1, card.slot)


def test_an_answer_is_written_once_and_another_is_refused(mine):
    card = Card.objects.first()
    said = {"rating": "good", "turn": 0, "seconds": 9}
    foretold = mine.get(f"cards/{card.pk}/back/").json()["choices"]["good"]

    answers = [mine.post(f"cards/{card.pk}/reviews/", said) for _ in range(2)]
    other = mine.post(f"cards/{card.pk}/reviews/", {"rating": "easy", "turn": 0})
    early = mine.post(f"cards/{card.pk}/reviews/", {"rating": "easy", "turn": 1})

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["due_on"] == foretold
    assert (other.status_code, other.json()["code"]) == (409, "already_answered")
    assert (early.status_code, early.json()["code"]) == (409, "not_due")
    assert CardReview.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [({"turn": 0}, "rating"), ({"rating": "fine", "turn": 0}, "rating"), ({"rating": "good"}, "turn")],
)
def test_nonsense_is_refused_by_its_field(mine, said, field):
    answer = mine.post(f"cards/{Card.objects.first().pk}/reviews/", said)

    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {field}


def test_a_card_of_an_open_attempt_keeps_its_back_to_itself(mine):
    Quiz.objects.update(cooldown_hours=0)
    Quiz.objects.get(key="base-quiz").publish(None, clock.now())
    Attempt.objects.start(cast.ines(), Quiz.objects.get(key="base-quiz"), clock.now())
    card = Card.objects.first()

    back = mine.get(f"cards/{card.pk}/back/")

    assert (back.status_code, back.json()["code"]) == (409, "resting")
    assert b"CANARY" not in back.content
    assert mine.get("cards/").json()["count"] == 0
    assert mine.get("cards/deck/").json()["resting"] == 2


def test_settings_are_read_and_written_whole(mine):
    before = mine.get("cards/settings/").json()
    said = {"cards_a_day": 30, "new_a_day": 1, "minutes": 5, "retention_percent": 80, "uses_keys": True}

    assert before["cards_a_day"] == 20
    assert mine.put("cards/settings/", said).json() == said
    assert mine.put("cards/settings/", {**said, "minutes": 0}).status_code == 422
    assert CardSettings.objects.of(cast.ines()).minutes == 5
    assert mine.get("cards/deck/").json()["due"] == 1


def test_a_strangers_card_is_404(mine, caller):
    stranger, card = caller(cast.stranger()), Card.objects.first()

    assert stranger.get(f"cards/{card.pk}/").status_code == 404
    assert stranger.get(f"cards/{card.pk}/back/").status_code == 404
    assert stranger.post(f"cards/{card.pk}/reviews/", {"rating": "good", "turn": 0}).status_code == 404
    assert not CardReview.objects.exists()
