"""Strings that nobody may read are put everywhere; then everything that another learner can open is searched."""

import pytest
from django.test import Client

from api.models import Token
from progress.models import Enrollment
from quizzes.models import Attempt, PaperItem, Question, Quiz, QuizVersion
from tests import cast
from tests.populated import House, a_token, populate
from tests.quizzes.test_bodies import EXAMPLES, with_canaries
from tests.test_doors import API, PAGES, address_of, rows

pytestmark = pytest.mark.django_db

# right answers, and what only Ines and her mentor may read
RIGHT = ("CANARY-WHY", "CANARY-ANSWER", "CANARY-FEEDBACK", "canary-key", "424242")
HERS = (
    "CANARY-REPORT",
    "CANARY-RATING",
    "CANARY-FILE",
    "CANARY-NOTE",
    "CANARY-FEEDBACK",
    "CANARY-LINK",
    "CANARY-TOKEN",
    "ines@example.org",
    "Ines Moreau",
)


@pytest.fixture
def house() -> House:
    """The base quiz asks one question of each type, whose answers are canaries."""
    house = populate()
    quiz = Quiz.objects.get(key="base-quiz")
    for number, type_ in enumerate(EXAMPLES):
        question = Question.objects.create(key=f"canary-{number}", type=type_, draft=with_canaries(type_))
        PaperItem.objects.create(quiz=quiz, question=question, position=20 + number)
    quiz.publish(None, cast.EARLIER)
    return house


def everything(house: House, person) -> dict[str, str]:
    """All that a person gets from all doors, her own attempt at the canary quiz under way."""
    browser = Client()
    browser.force_login(person)
    values = {**house.values, "number": Attempt.objects.of(person).latest("number").number}
    doors = [(row["door"], row["how"]) for row in rows(PAGES) if row["door"] != "account_logout"]
    doors += [(f"api:v1:{row['door']}", row["how"]) for row in rows(API) if row["how"] in {"GET", "PUT"}]
    found = {}
    for name, how in doors:
        answer = browser.generic(
            how, address_of(name, values), "nothing=1", "application/x-www-form-urlencoded"
        )
        body = answer.getvalue() if answer.streaming else answer.content
        found[f"{how} {name}"] = f"{dict(answer.headers)}{body.decode(errors='replace')}"
    return found


def under_way(house: House) -> Attempt:
    other = house.people["other"]
    enrollment = Enrollment.objects.of(other).get()
    return enrollment.start_quiz(Quiz.objects.get(key="base-quiz"), cast.NOW)


def test_no_right_answer_leaves_the_server_while_an_attempt_is_open(house):
    attempt = under_way(house)

    found = everything(house, house.people["other"])

    attempt.refresh_from_db()
    assert not attempt.is_finished
    assert "canary-0" in str(QuizVersion.objects.latest("pk").paper)
    assert not [(door, text) for door, body in found.items() for text in RIGHT if text in body]


def test_nothing_of_one_learner_is_found_by_another(house):
    under_way(house)

    found = everything(house, house.people["other"])

    assert not [(door, text) for door, body in found.items() for text in HERS if text in body]


def test_a_mentor_of_others_finds_nothing_of_hers(house):
    under_way(house)
    vera = house.people["strange"]
    cast.enrolled(vera).start_quiz(Quiz.objects.get(key="base-quiz"), cast.NOW)

    found = everything(house, vera)

    assert not [(door, text) for door, body in found.items() for text in (*HERS, *RIGHT) if text in body]


def test_the_canaries_sing(house):
    """The search finds them where they may be read."""
    found = everything(house, house.people["owner"])

    heard = {text for body in found.values() for text in (*HERS, *RIGHT) if text in body}
    assert heard >= {
        "CANARY-FILE",
        "CANARY-NOTE",
        "CANARY-FEEDBACK",
        "CANARY-LINK",
        "CANARY-TOKEN",
        "CANARY-WHY",
    }


def test_no_token_is_kept_as_it_is(house):
    secret = a_token(house.people["owner"], "read")[1]

    assert not [token for token in Token.objects.values() if secret in str(token)]
