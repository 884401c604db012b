"""quizzes.paper: what an attempt draws, and when another may begin."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.paper import Paper, PaperQuestion, draw, receipt
from quizzes.refusals import CoolingDownError, LimitReachedError

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def paper(questions: int = 6, **policies: object) -> Paper:
    asked = [
        PaperQuestion(
            question=f"q-{n}",
            version=100 + n,
            points=1,
            topic=None,
            resource=None,
            options=("a", "b", "c", "d"),
        )
        for n in range(questions)
    ]
    plain = {
        "title": "Quiz",
        "pass_percent": 80,
        "attempts_limit": None,
        "cooldown_hours": 24,
        "time_limit_minutes": None,
        "grace_seconds": 60,
        "draw": None,
        "shuffle": True,
        "questions": asked,
    }
    return Paper.model_validate({**plain, **policies})


def keys(slots) -> list[str]:
    return [slot.question for slot in slots]


@given(draws=st.integers(1, 9), seed=st.integers(), questions=st.integers(1, 9))
def test_an_attempt_has_so_many_different_questions_as_are_drawn(draws, seed, questions):
    slots = draw(paper(questions, draw=draws), [], Random(seed))

    assert len(set(keys(slots))) == len(slots) == min(draws, questions)
    assert [slot.slot for slot in slots] == list(range(1, len(slots) + 1))
    assert all(sorted(slot.order) == ["a", "b", "c", "d"] for slot in slots)


@given(seed=st.integers())
def test_the_second_attempt_asks_what_the_first_did_not(seed):
    quiz = paper(6, draw=3)
    first = draw(quiz, [], Random(seed))
    second = draw(quiz, keys(first), Random(seed + 1))

    assert not set(keys(first)) & set(keys(second))


@given(seed=st.integers())
def test_when_all_are_known_those_asked_least_often_come_first(seed):
    earlier = ["q-0", "q-0", "q-1", "q-2", "q-2"]

    assert keys(draw(paper(3, draw=1), earlier, Random(seed))) == ["q-1"]


def test_a_paper_that_does_not_shuffle_keeps_its_order():
    slots = draw(paper(4, shuffle=False), [], Random(7))

    assert keys(slots) == ["q-0", "q-1", "q-2", "q-3"]
    assert all(slot.order == ("a", "b", "c", "d") for slot in slots)


def test_the_limit_of_attempts_refuses_the_next():
    quiz = paper(attempts_limit=2, cooldown_hours=0)

    assert quiz.refusal(1, NOW, NOW) is None
    assert isinstance(quiz.refusal(2, NOW, NOW), LimitReachedError)


@pytest.mark.parametrize(("hours", "waits"), [(0, True), (23, True), (24, False)])
def test_the_cooldown_says_until_when(hours, waits):
    refusal = paper().refusal(1, NOW, NOW + timedelta(hours=hours))

    assert isinstance(refusal, CoolingDownError) is waits
    if isinstance(refusal, CoolingDownError):
        assert refusal.until == NOW + timedelta(hours=24)


def test_deadline_and_closing_follow_from_the_start():
    assert paper().deadline(NOW) == (None, None)
    assert paper(time_limit_minutes=40, grace_seconds=60).deadline(NOW) == (
        NOW + timedelta(minutes=40),
        NOW + timedelta(minutes=41),
    )


def test_equal_papers_have_equal_digests_and_others_do_not():
    assert paper().digest() == paper().digest()
    assert paper().digest() != paper(pass_percent=70).digest()


def test_a_receipt_changes_with_any_answer_and_with_the_time():
    slots = draw(paper(2), [], Random(1))
    first = receipt(slots, {1: "a"}, NOW)

    assert first == receipt(slots, {1: "a"}, NOW)
    assert len({first, receipt(slots, {1: "b"}, NOW), receipt(slots, {1: "a"}, NOW + timedelta(1))}) == 3
