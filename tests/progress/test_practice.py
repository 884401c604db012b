"""The page of practice: one question, right at once what is right, nothing that a quiz may still ask."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from progress.models import Enrollment, StagePass
from quizzes.models import Attempt, Card, PracticeAnswer, Question, QuestionVersion, Quiz
from roadmap.models import Topic
from tests import cast
from tests.cast import EARLIER, NOW

pytestmark = pytest.mark.django_db

DOOR = "/roads/trail-test/practice/rocks/"
CANARY = "CANARY"


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.clock.now", lambda: NOW)
    monkeypatch.setattr("accounts.clock.database_now", lambda: NOW)


@pytest.fixture
def enrollment() -> Enrollment:
    return cast.enrolled(cast.ines())


@pytest.fixture
def ines(client: Client, enrollment: Enrollment) -> Client:
    client.force_login(enrollment.person)
    return client


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, name
    return found[1]


def sheet(client: Client, door: str = DOOR) -> dict[str, str]:
    """The hidden fields of the question that comes next."""
    page = client.get(door).content.decode()
    return {name: hidden(page, name) for name in ("version", "client_id")}


def hide_answers() -> None:
    Quiz.objects.filter(key="base-quiz").update(
        review={"handed_in": ["correctness"], "passed": ["correctness"], "closed": ["correctness"]}
    )
    Quiz.objects.get(key="base-quiz").publish(None, EARLIER)


def give_for_practice(key: str = "q-free", **more: object) -> Question:
    """A question of the topic rocks that no quiz asks, tagged and published."""
    draft = {"stem": "A free one?", "explanation": "CANARY-FREE", "answer": True}
    question = Question.objects.create(
        key=key,
        type="true_false",
        topic=Topic.objects.get(roadmap__key="trail-test", key="rocks"),
        tags=["practice"],
        draft=draft,
        **more,
    )
    QuestionVersion.objects.create(question=question, number=1, body=draft, published_at=EARLIER)
    return question


def test_before_any_quiz_there_is_nothing_and_nothing_is_told(ines):
    page = ines.get(DOOR)

    assert "nothing to practise here yet" in page.content.decode()
    assert CANARY not in page.content.decode()
    told = ines.post(DOOR, {"version": "1", "client_id": str(uuid4()), "q1": "true"}, follow=True)
    assert CANARY not in told.content.decode()
    assert not PracticeAnswer.objects.exists()


def test_a_question_is_answered_and_explained_and_counts_for_nothing(ines, enrollment):
    attempt = cast.take_quiz(enrollment, "base-quiz", points=7)
    before = [attempt.points, StagePass.objects.count(), Attempt.objects.count()]
    form = sheet(ines)
    assert CANARY not in ines.get(DOOR).content.decode()

    answered = ines.post(DOOR, {**form, "q1": "true"})
    assert answered.status_code == 302
    page = ines.get(answered.url).content.decode()

    assert "CANARY-WHY" in page
    assert "Right" in page
    assert "Go back to" in page
    attempt.refresh_from_db()
    assert before == [attempt.points, StagePass.objects.count(), Attempt.objects.count()]
    kept = PracticeAnswer.objects.get()
    assert (kept.person, kept.value, kept.fraction, kept.at) == (enrollment.person, "true", 1.0, NOW)


def test_a_double_click_writes_once(ines, enrollment):
    cast.take_quiz(enrollment, "base-quiz", points=7)
    form = sheet(ines) | {"q1": "false"}

    assert ines.post(DOOR, form).url == ines.post(DOOR, form).url
    assert PracticeAnswer.objects.count() == 1


def test_no_answer_is_asked_for_once_more_and_not_knowing_is_an_answer(ines, enrollment):
    cast.take_quiz(enrollment, "base-quiz", points=7)
    form = sheet(ines)

    empty = ines.post(DOOR, form)
    assert empty.status_code == 422
    assert CANARY not in empty.content.decode()
    assert hidden(empty.content.decode(), "version") == form["version"]
    unknown = ines.post(DOOR, form | {"unknown": "1"}, follow=True)
    assert "CANARY-WHY" in unknown.content.decode()
    assert PracticeAnswer.objects.get().fraction == 0


def test_a_missed_question_becomes_a_review_card(ines, enrollment):
    cast.take_quiz(enrollment, "base-quiz", points=10)
    assert not Card.objects.exists()

    page = ines.post(DOOR, sheet(ines) | {"q1": "false"}, follow=True).content.decode()

    assert "review cards" in page
    assert Card.objects.get().person == enrollment.person


def test_while_a_quiz_with_it_is_open_it_is_neither_asked_nor_shown_again(ines, enrollment):
    cast.take_quiz(enrollment, "base-quiz", points=7)
    shown = ines.post(DOOR, sheet(ines) | {"q1": "true"}).url
    later = NOW + timedelta(days=2)
    enrollment.start_quiz(Quiz.objects.get(key="base-quiz"), later)

    for address in (DOOR, shown):
        page = ines.get(address, follow=True).content.decode()
        assert CANARY not in page
        assert "nothing to practise here yet" in page


def test_what_a_result_does_not_show_is_not_practised(ines, enrollment):
    hide_answers()
    attempt = enrollment.start_quiz(Quiz.objects.get(key="base-quiz"), NOW)
    version = attempt.slots[0].version
    enrollment.hand_in_quiz(attempt, NOW)

    assert CANARY not in ines.get(DOOR).content.decode()
    form = {"version": str(version), "client_id": str(uuid4()), "q1": "true"}
    assert CANARY not in ines.post(DOOR, form, follow=True).content.decode()
    assert not PracticeAnswer.objects.exists()


def test_a_placement_gives_nothing_away(ines, enrollment):
    cast.placement_quiz()
    enrollment.refresh_from_db()
    enrollment.roadmap.refresh_from_db()
    cast.place(enrollment, "base")

    assert CANARY not in ines.get(DOOR).content.decode()
    assert "nothing to practise" in ines.get(DOOR).content.decode()


def test_questions_given_for_practice_are_asked_unless_a_quiz_may_ask_them(ines, enrollment):
    question = give_for_practice()
    assert "A free one?" in ines.get(DOOR).content.decode()
    page = ines.post(DOOR, sheet(ines) | {"q1": "false"}, follow=True).content.decode()
    assert "CANARY-FREE" in page
    assert not Card.objects.exists()  # no attempt has it

    quiz = Quiz.objects.get(key="ridge-quiz")
    quiz.items.create(question=question, position=99)
    quiz.publish(None, NOW)

    again = ines.get(DOOR).content.decode()
    assert "A free one?" not in again
    assert CANARY not in again


def test_what_was_never_practised_comes_first_then_what_was_missed(ines, enrollment, monkeypatch):
    cast.take_quiz(enrollment, "base-quiz", points=10)
    asked = []
    for minute, value in enumerate(["true", "false", "true", "true", "true"]):
        monkeypatch.setattr("accounts.clock.now", lambda m=minute: NOW + timedelta(minutes=m))
        form = sheet(ines)
        asked.append(form["version"])
        ines.post(DOOR, form | {"q1": value})

    assert len(set(asked)) == 5  # all of the topic
    assert sheet(ines)["version"] == asked[1]


def test_each_practises_for_herself(ines, enrollment, client):
    cast.take_quiz(enrollment, "base-quiz", points=7)
    shown = ines.post(DOOR, sheet(ines) | {"q1": "true"}).url
    other = Client()
    cast.enrolled(cast.stranger())
    other.force_login(cast.stranger())

    assert CANARY not in other.get(shown, follow=True).content.decode()
    assert other.get("/roads/trail-test/practice/nowhere/").status_code == 404


def test_it_costs_the_same_for_many_questions_and_attempts(ines, enrollment, django_assert_num_queries):
    cast.take_quiz(enrollment, "base-quiz", points=7)
    ines.get(DOOR)  # keeps the bodies
    with django_assert_num_queries(4):
        ines.get(DOOR)
    for number in range(1, 4):
        cast.take_quiz(enrollment, "base-quiz", points=7, now=NOW - timedelta(days=number))
        give_for_practice(f"q-free-{number}")
    ines.get(DOOR)
    with django_assert_num_queries(4):
        ines.get(DOOR)
