"""Every type of question on its way: shown, answered by the form alone, kept, shown again, judged and explained."""

from __future__ import annotations

from typing import Any

import lxml.html
import pytest
from django.test import Client
from django.urls import reverse

from quizzes.models import Attempt, PaperItem, Question, Quiz
from tests import cast
from tests.quizzes.test_bodies import MARKED_AT_ONCE as EXAMPLES

pytestmark = pytest.mark.django_db

WRONG = {
    "single": "b",
    "multiple": ["c"],
    "true_false": "true",
    "numeric": "9",
    "short_text": "*cast*",
    "code_output": "1\nTrue",
    "cloze": {"1": "6", "2": "b", "3": "*KFold*"},
}


@pytest.fixture
def ines() -> Client:
    browser = Client()
    browser.force_login(cast.enrolled(cast.ines()).person)
    return browser


@pytest.fixture
def attempt(ines) -> Attempt:
    """An attempt at a quiz that asks one question of each type."""
    quiz = Quiz.objects.get(roadmap=cast.road(), key="base-quiz")
    quiz.items.all().delete()
    for place, (type_, example) in enumerate(EXAMPLES.items()):
        question = Question.objects.create(key=f"q-{type_.replace('_', '-')}", type=type_, draft=example)
        PaperItem.objects.create(quiz=quiz, question=question, position=place)
    quiz.publish(None, cast.EARLIER)
    ines.post(reverse("progress:quiz_start", args=["trail-test", "base-quiz"]))
    return Attempt.objects.get()


def url(name: str) -> str:
    return reverse(f"progress:{name}", args=["trail-test", "base-quiz", 1])


def bodies(attempt: Attempt) -> dict[int, Any]:
    return {slot.slot: Question.objects.get(key=slot.question).body() for slot in attempt.slots}


def fields(slot: int, value: Any) -> dict[str, Any]:
    """An answer as the fields of the page say it."""
    if isinstance(value, dict):
        return {f"q{slot}.{part}": text for part, text in value.items()}
    return {f"q{slot}[]": value} if isinstance(value, list) else {f"q{slot}": value}


def right(attempt: Attempt) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for slot, body in bodies(attempt).items():
        value = body.right_value()
        if body.type == "ordering":
            value = {handle: str(place) for place, handle in enumerate(value, 1)}
        said |= fields(slot, value)
    return said


def wrong(attempt: Attempt) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for slot, body in bodies(attempt).items():
        value: Any = WRONG.get(body.type)
        if body.type == "ordering":
            value = {handle: str(place) for place, handle in enumerate(reversed(body.right_value()), 1)}
        if body.type == "matching":
            value = dict.fromkeys(body.right_value(), body.handle("frame"))
        said |= fields(slot, value)
    return said


def typed(page: Any) -> dict[str, Any]:
    """What the form of the player would send as it is."""
    form = lxml.html.fromstring(page.content.decode()).xpath("//form[@data-player]")[0]
    sent: dict[str, Any] = {}
    for name, value in form.form_values():
        if name.startswith("q"):
            sent[name] = (
                sorted([*sent.get(name, []), value]) if name.endswith("[]") else value.removeprefix("\n")
            )
    return sent


def test_what_the_form_sends_is_kept_and_shown_again(ines, attempt):
    before = typed(ines.get(url("quiz")))
    sent = right(attempt)
    ines.post(url("quiz"), {"epoch": str(Attempt.objects.get().epoch), **sent})
    page = ines.get(url("quiz"))

    assert {name: text for name, text in before.items() if text} == {}
    assert typed(page) == sent
    assert page.context["answered"] == len(EXAMPLES)
    assert Attempt.objects.get().unanswered() == []


def test_right_answers_of_all_types_earn_everything(ines, attempt):
    ines.get(url("quiz"))
    ines.post(
        url("quiz_submit"), {"epoch": str(Attempt.objects.get().epoch), "confirmed": "1", **right(attempt)}
    )
    page = ines.get(url("quiz_result"))

    assert page.context["headline"] == f"{len(EXAMPLES)} of {len(EXAMPLES)}. You passed."
    assert "Not answered" not in page.content.decode()


def test_wrong_answers_are_shown_as_typed_beside_the_right_ones(ines, attempt):
    ines.get(url("quiz"))
    ines.post(
        url("quiz_submit"), {"epoch": str(Attempt.objects.get().epoch), "confirmed": "1", **wrong(attempt)}
    )
    page = ines.get(url("quiz_result"))
    said = page.content.decode()

    assert Attempt.objects.get().points == 0
    assert len(page.context["missed"]) == len(EXAMPLES)
    for words in (
        "*cast*",
        "melt",
        "*KFold*",
        "TimeSeriesSplit",
        "belongs in place 4",
        "a series",
        "1 of 2 lines",
    ):
        assert words in said, words


def test_nothing_answered_shows_what_would_have_been_right(ines, attempt):
    ines.get(url("quiz"))
    ines.post(url("quiz_submit"), {"confirmed": "1"})
    said = ines.get(url("quiz_result")).content.decode()

    assert said.count("Not answered") == len(EXAMPLES)
    for words in ("melt", "2.5 kg (within 0.1)", "TimeSeriesSplit", "The right order", "a series", "Printed"):
        assert words in said, words


def test_the_api_shows_what_is_asked_and_takes_fields_by_name(ines, attempt):
    address = reverse("api:v1:attempt", args=["trail-test", "base-quiz", 1])
    asked = {question["type"]: question for question in ines.get(address).json()["questions"]}

    assert [prompt["key"] for prompt in asked["matching"]["more"]["prompts"]] == ["one", "two"]
    assert asked["cloze"]["more"]["text"].startswith("With {{1}} folds")
    assert asked["code_output"]["more"]["code"] == "print(1)\nprint(2 > 1)"
    assert len(asked["ordering"]["options"]) == 4
