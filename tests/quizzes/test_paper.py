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


def of(questions, pools) -> Paper:
    """A paper of these questions and pools."""
    return Paper.model_validate({**paper(1).model_dump(), "questions": questions, "pools": pools})


def pooled(*, count: int = 2, fixed: int = 3, members: int = 5) -> Paper:
    """Some fixed questions q-…, and a pool of p-… of which some are drawn."""
    asked = paper(fixed + members).questions
    pool = [
        question.model_copy(update={"question": f"p-{n}", "pool": "deep"})
        for n, question in enumerate(asked[fixed:])
    ]
    return of([*asked[:fixed], *pool], [{"name": "deep", "count": count}])


@given(seed=st.integers())
def test_q17_all_fixed_questions_are_asked_and_so_many_of_each_pool(seed):
    slots = draw(pooled(), [], Random(seed))

    assert sum(key.startswith("q-") for key in keys(slots)) == 3
    assert sum(key.startswith("p-") for key in keys(slots)) == 2
    assert pooled().drawn == len(slots) == 5


@given(seed=st.integers())
def test_q17_a_retake_draws_what_was_not_seen_from_a_pool_first(seed):
    quiz = pooled(members=4)
    first = draw(quiz, [], Random(seed))
    second = draw(quiz, keys(first), Random(seed + 1))

    assert {key for key in keys(first) + keys(second) if key.startswith("p-")} == {"p-0", "p-1", "p-2", "p-3"}


def test_a_question_of_two_pools_is_asked_once():
    first, *_others = paper(1).questions
    members = [first.model_copy(update={"pool": name}) for name in ("a", "b")]
    quiz = of(members, [{"name": "a", "count": 1}, {"name": "b", "count": 1}])

    assert keys(draw(quiz, [], Random(1))) == ["q-0"]


def test_a_paper_from_before_pools_and_policies_keeps_its_digest():
    plain = paper(2).model_dump(mode="json")

    assert set(plain) == {
        *("title", "pass_percent", "attempts_limit", "cooldown_hours", "time_limit_minutes", "grace_seconds"),
        *("draw", "shuffle", "questions"),
    }
    assert set(plain["questions"][0]) == {"question", "version", "points", "topic", "resource", "options"}


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
