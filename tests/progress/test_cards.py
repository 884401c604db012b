"""The pages of review cards: a session of fronts and backs, settings, cards put aside; strangers and open quizzes."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts import clock
from accounts.models import User
from quizzes.memory import Rating
from quizzes.models import Attempt, Card, CardReview, CardSession, CardSettings, Quiz
from tests import cast

pytestmark = pytest.mark.django_db

DECK, SESSION, NEXT, UNDO = "/cards/", "/cards/session/", "/cards/next/", "/cards/undo/"


@pytest.fixture
def ines() -> User:
    """On the road, with a quiz behind her in which she missed seven of ten."""
    now = clock.now() - timedelta(hours=2)
    cast.take_quiz(cast.enrolled(cast.ines()), "base-quiz", points=3, now=now)
    Card.objects.gather(clock.now())
    return cast.ines()


@pytest.fixture
def learner(ines, client: Client) -> Client:
    client.force_login(ines)
    return client


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]  # the test client's


def begun(learner: Client) -> Card:
    """The card on the front of a session that was begun."""
    assert learner.post(SESSION)["Location"] == NEXT
    return learner.get(NEXT).context["card"]


def rate(learner: Client, card: Card, rating: Rating, turn: int | None = None) -> str:
    said = {"rating": int(rating), "turn": card.turn if turn is None else turn}
    return str(learner.post(f"/cards/{card.pk}/review/", said, follow=True).content)


class TestDeck:
    def test_it_says_what_is_due_and_offers_a_session(self, learner):
        shown = text(learner.get(DECK))

        assert "7 due, about 4 min" in shown
        assert "Review 7 cards" in shown
        assert "at most 20 a day are shown" in shown

    def test_opening_it_gathers_what_was_missed_a_moment_ago(self, learner, ines):
        Card.objects.all().delete()

        assert "7 due" in text(learner.get(DECK))

    def test_who_has_no_cards_is_told_where_they_come_from(self, client):
        client.force_login(cast.stranger())

        assert "No cards yet" in text(client.get(DECK))

    def test_settings_are_kept_and_hold(self, learner, ines):
        said = {"cards_a_day": "5", "new_a_day": "2", "minutes": "15", "retention_percent": "85"}

        assert learner.post(DECK, said).status_code == 302

        mine = CardSettings.objects.of(ines)
        assert (mine.cards_a_day, mine.new_a_day, mine.minutes, mine.retention_percent) == (5, 2, 15, 85)
        assert not mine.uses_keys
        assert "2 due" in text(learner.get(DECK))

    def test_settings_out_of_bounds_are_refused_and_what_was_typed_stays(self, learner, ines):
        said = {"cards_a_day": "5000", "new_a_day": "2", "minutes": "15", "retention_percent": "85"}

        answer = learner.post(DECK, said)

        assert answer.status_code == 422
        assert 'value="5000"' in text(answer)
        assert not CardSettings.objects.exists()

    @pytest.mark.parametrize("cards", [3, 7])
    def test_it_costs_as_many_queries_whatever_there_is(self, learner, django_assert_num_queries, cards):
        for card in Card.objects.all()[:cards]:
            card.suspend(clock.now())
        learner.get(DECK)

        with django_assert_num_queries(9):
            learner.get(DECK)


class TestToday:
    def test_it_says_how_many_cards_are_due_and_begins_a_session(self, learner):
        shown = text(learner.get("/today/"))

        assert "7 due, about 4 min" in shown
        assert f'action="{SESSION}"' in shown

    def test_without_cards_it_says_nothing_of_them(self, learner):
        Card.objects.all().delete()

        assert f'action="{SESSION}"' not in text(learner.get("/today/"))


class TestSession:
    def test_front_back_and_answer_in_turn_until_all_are_known(self, learner, ines):
        learner.post(SESSION)
        for number in range(7):
            front = learner.get(NEXT)
            assert f"Card {number + 1} of 7" in text(front)
            card = front.context["card"]
            back = text(learner.get(f"/cards/{card.pk}/answer/"))
            assert "How was it?" in back
            assert "CANARY-WHY" in back
            rate(learner, card, Rating.GOOD)

        end = learner.get(NEXT, follow=True)
        assert end.redirect_chain == [(SESSION, 302)]
        assert "7 cards answered." in text(end)
        assert CardReview.objects.filter(session=CardSession.objects.get()).count() == 7

    def test_a_card_not_known_yet_comes_back_in_the_session(self, learner):
        first = begun(learner)
        shown = rate(learner, first, Rating.NOT_YET)
        assert "It comes back in this session." in shown
        assert "Card 2 of 8" in shown
        for _ in range(6):
            rate(learner, learner.get(NEXT).context["card"], Rating.GOOD)

        assert learner.get(NEXT).context["card"] == first

    def test_it_ends_when_its_minutes_are_over(self, learner):
        card = begun(learner)
        clock.move(timedelta(minutes=9, seconds=50))
        assert learner.get(NEXT).context["card"] == card
        clock.move(timedelta(minutes=11))
        rate(learner, card, Rating.GOOD)
        end = learner.get(NEXT, follow=True)

        assert end.redirect_chain == [(SESSION, 302)]
        assert "1 card answered." in text(end)
        assert "Review 6 cards" in text(end)

    def test_there_is_none_before_it_is_begun(self, learner):
        assert learner.get(NEXT).url == DECK
        assert learner.get(SESSION).url == DECK

    def test_the_back_shows_what_was_chosen_and_where_to_read_it_again(self, learner):
        card = begun(learner)

        back = text(learner.get(f"/cards/{card.pk}/answer/", {f"q{card.slot}": "false", "shown": "1"}))

        assert "You, right" not in back
        assert f"question {card.slot} of attempt 1" in back
        assert f"/roads/trail-test/quizzes/base-quiz/attempts/1/result/#q{card.slot}" in back
        assert "#topic-" in back
        assert "#resource-" in back

    def test_each_answer_says_when_the_card_comes_back(self, learner):
        card = begun(learner)

        back = learner.get(f"/cards/{card.pk}/answer/")

        said = [when for _value, _word, when in back.context["answers"]]
        assert said[:3] == ["in this session", "in this session", "in 2 days"]
        assert re.fullmatch(r"in [6-9]|1\d days|in \d+ days", said[3])

    def test_the_seconds_since_the_front_are_kept(self, learner):
        card = begun(learner)
        shown = int(clock.now().timestamp()) - 20

        learner.post(f"/cards/{card.pk}/review/", {"rating": "3", "turn": "0", "shown": shown})

        assert CardReview.objects.get().seconds in range(20, 40)

    def test_two_clicks_write_one_review_and_a_second_tab_goes_on(self, learner):
        card = begun(learner)
        rate(learner, card, Rating.GOOD)
        rate(learner, card, Rating.GOOD)
        shown = rate(learner, card, Rating.EASY)

        assert "answered or moved meanwhile" in shown
        assert CardReview.objects.get().rating == Rating.GOOD

    @pytest.mark.parametrize(
        "said", [{}, {"rating": "5", "turn": "0"}, {"rating": "x" * 50}, {"rating": "3"}]
    )
    def test_nonsense_writes_nothing_and_asks_again(self, learner, said):
        card = begun(learner)

        answer = learner.post(f"/cards/{card.pk}/review/", said)

        assert answer.url == f"/cards/{card.pk}/answer/"
        assert not CardReview.objects.exists()

    def test_the_last_answer_is_taken_back(self, learner):
        card = begun(learner)
        shown = rate(learner, card, Rating.EASY)
        assert "Card 1 marked <b>Easy</b>" in shown

        learner.post(UNDO, {"review": CardReview.objects.get().pk})

        front = learner.get(NEXT)
        assert "Card 1 of 7" in text(front)
        assert "marked" not in text(front)
        card.refresh_from_db()
        assert card.reviewed_at is None

    @pytest.mark.parametrize("review", ["", "x", "0", "9" * 30])
    def test_nothing_to_take_back_is_said(self, learner, review):
        begun(learner)

        assert "nothing to take back" in text(learner.post(UNDO, {"review": review}, follow=True))

    def test_a_card_put_aside_is_listed_and_comes_back_when_she_wants(self, learner):
        card = begun(learner)
        learner.post(f"/cards/{card.pk}/suspension/")
        assert learner.get(NEXT).context["card"] != card
        assert f"/cards/{card.pk}/suspension/" in text(learner.get(DECK))

        learner.post(f"/cards/{card.pk}/suspension/", {"aside": "0"})

        assert "7 due" in text(learner.get(DECK))

    @pytest.mark.parametrize("known", [0, 5])
    def test_front_and_back_cost_as_many_queries_whatever_there_is(
        self, learner, django_assert_num_queries, known
    ):
        card = begun(learner)
        for _ in range(known):
            rate(learner, card, Rating.GOOD)
            card = learner.get(NEXT).context["card"]
        learner.get(f"/cards/{card.pk}/answer/")

        with django_assert_num_queries(9):
            learner.get(NEXT)
        with django_assert_num_queries(11):
            learner.get(f"/cards/{card.pk}/answer/")


class TestWhoMaySee:
    @pytest.mark.parametrize("door", ["answer", "review", "suspension"])
    def test_strangers_get_404(self, ines, client, door):
        card = Card.objects.of(ines).first()
        client.force_login(cast.stranger())
        ask = client.get if door == "answer" else client.post

        answer = ask(f"/cards/{card.pk}/{door}/", {"rating": "3", "turn": "0"})

        assert answer.status_code == 404
        assert not CardReview.objects.exists()
        assert not Card.objects.suspended().exists()

    def test_the_front_tells_neither_what_is_right_nor_why(self, learner):
        learner.post(SESSION)

        assert "CANARY" not in text(learner.get(NEXT))

    def test_no_page_shows_the_answer_to_a_question_of_an_open_attempt(self, learner, ines):
        card = begun(learner)
        Quiz.objects.update(cooldown_hours=0)
        Quiz.objects.get(key="base-quiz").publish(None, clock.now())
        attempt = Attempt.objects.start(ines, Quiz.objects.get(key="base-quiz"), clock.now())
        doors = [DECK, SESSION, NEXT, "/today/", *(f"/cards/{one.pk}/answer/" for one in Card.objects.all())]

        shown = [text(learner.get(door, follow=True)) for door in doors]
        assert not [page for page in shown if "CANARY" in page]
        assert any("This card rests" in page for page in shown)
        assert "7 cards rest" in shown[0]

        attempt.submit(clock.now())
        assert "CANARY" in text(learner.get(f"/cards/{card.pk}/answer/"))

    def test_a_card_stays_when_the_road_was_left(self, learner, ines):
        card = begun(learner)
        ines.enrollments.get().leave(clock.now())

        back = text(learner.get(f"/cards/{card.pk}/answer/"))

        assert "CANARY-WHY" in back
        assert "/attempts/1/result/" not in back
