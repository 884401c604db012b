"""The page where a person says which letters she wants, and when."""

from datetime import timedelta

import pytest

from reminders.emails.planning import plan
from reminders.models import Letter, LetterWishes
from reminders.models.letter import LetterState
from tests.cast import ines
from tests.reminders.moments import LAST, WEEK_LATER, at, quiet

pytestmark = pytest.mark.django_db
LETTERS = "/settings/letters/"
ALL = {"kinds": ["quiet", "feedback", "quiz_marked"], "weekdays": [1, 2, 3], "hour": 7, "quiet_days": 5}


@pytest.fixture
def signed_in(client):
    client.force_login(ines())
    return client


def wishes() -> LetterWishes:
    return LetterWishes.objects.of(ines())


def test_somebody_not_signed_in_is_sent_to_sign_in(client):
    assert "/accounts/login/" in client.get(LETTERS)["Location"]


def test_at_first_everything_is_on_every_day_at_eight(signed_in):
    page = signed_in.get(LETTERS).content.decode()

    assert page.count('role="switch"') == page.count(" checked>", 0, page.index("When to write")) == 3
    assert '<option value="8" selected>08:00</option>' in page


def test_what_she_wants_is_saved(signed_in):
    answer = signed_in.post(LETTERS, {**ALL, "kinds": ["feedback", "quiz_marked"]})

    assert answer["Location"] == LETTERS
    assert (wishes().stopped_kinds, wishes().weekdays) == (["quiet"], [1, 2, 3])
    assert (wishes().hour, wishes().quiet_days) == (7, 5)


def test_switching_a_kind_on_again(signed_in):
    wishes().stop("quiet")

    signed_in.post(LETTERS, ALL)

    assert wishes().stopped_kinds == []


def test_who_wants_none_gets_none_of_kinds_to_come_either(signed_in):
    signed_in.post(LETTERS, {**ALL, "kinds": []})

    assert wishes().is_stopped("a kind of tomorrow")


def test_planned_letters_of_a_kind_switched_off_are_held_back(signed_in):
    quiet(ines())
    plan(WEEK_LATER)

    signed_in.post(LETTERS, {**ALL, "kinds": ["feedback", "quiz_marked"]})

    assert Letter.objects.get().state == LetterState.HELD_BACK


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"weekdays": []}, "Choose at least one day."),
        ({"weekdays": [8]}, "Select a valid choice."),
        ({"quiet_days": 1}, "greater than or equal to 2"),
        ({"quiet_days": 61}, "less than or equal to 60"),
        ({"hour": 24}, "Select a valid choice."),
        ({"kinds": ["spam"]}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_is_said_and_the_rest_kept(signed_in, wrong, said):
    answer = signed_in.post(LETTERS, {**ALL, "hour": 11, **wrong})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert wishes().quiet_days == 7
    if "hour" not in wrong:
        assert '<option value="11" selected>' in answer.content.decode()


def test_it_says_when_a_letter_could_come(signed_in):
    quiet(ines())
    at(LAST)

    assert "Tue 17 November, 08:00" in signed_in.get(LETTERS).content.decode()


def test_it_says_when_none_will_come(signed_in):
    quiet(ines())
    at(LAST + timedelta(days=40))

    assert "No letter" in signed_in.get(LETTERS).content.decode()


def test_the_page_asks_few_questions(signed_in, django_assert_max_num_queries):
    quiet(ines())
    plan(WEEK_LATER)
    signed_in.get(LETTERS)

    with django_assert_max_num_queries(14):
        signed_in.get(LETTERS)
