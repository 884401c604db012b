"""quizzes.practice: which questions may be practised at all, and in which order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from quizzes.practice import Practicable, Practised, may_practise, rank

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SEEN = Practicable(is_answer_seen=True, stands_in_attempt=True, is_on_paper=True)
FREE = Practicable(has_practice_tag=True)


@pytest.mark.parametrize(
    ("known", "may"),
    [
        (SEEN, True),
        (FREE, True),
        (Practicable(), False),  # no quiz asks it, but nobody gave it for practice
        (replace(SEEN, is_answer_seen=False), False),  # the review rule hides the answer
        (replace(FREE, is_on_paper=True), False),  # a quiz may still ask it
        (replace(FREE, stands_in_attempt=True), False),  # a quiz asked it, and hides the answer
        (replace(FREE, stands_in_attempt=True, is_answer_seen=True), True),
        (replace(SEEN, stands_open=True), False),  # seen once, and asked again right now
        (replace(FREE, stands_in_attempt=True, stands_open=True), False),
        (replace(SEEN, is_archived=True), False),
        (replace(FREE, is_archived=True), False),
        (replace(SEEN, is_marked_by_hand=True), False),
        (replace(FREE, is_marked_by_hand=True), False),
        (replace(SEEN, is_outdated=True), False),  # what is right has changed since she saw it
    ],
)
def test_may_practise(known, may):
    assert may_practise(known) is may


def test_no_combination_tells_what_may_still_be_asked():
    names = Practicable.__slots__
    for values in product([False, True], repeat=len(names)):
        known = Practicable(**dict(zip(names, values, strict=True)))
        if may_practise(known):
            assert known.is_answer_seen or not (known.is_on_paper or known.stands_in_attempt)
            assert not known.stands_open


def test_new_ones_come_first_then_missed_then_the_oldest():
    new = Practised()
    missed = Practised(NOW, was_missed=True)
    older = Practised(NOW - timedelta(days=3))
    newer = Practised(NOW - timedelta(days=1))

    assert sorted([newer, older, missed, new], key=rank) == [new, missed, older, newer]
