"""What the numbers say: against plain computations of others, and on small papers that can be done by hand."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes import health
from quizzes.statistics import (
    LONGEST_GAP_SECONDS,
    ItemNumbers,
    QuizTally,
    Taken,
    median,
    nothing_yet,
    seconds_by_slot,
    tail_size,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
OPTIONS = {"a": True, "b": False, "c": False, "d": False}
FRACTIONS = st.sampled_from([0.0, 0.25, 1 / 3, 0.5, 1.0])


def tally(rows, points=None, groups=None) -> QuizTally:
    """Each row is a person's fractions, question by question; NaN where she did not have the question."""
    made = QuizTally()
    for place, row in enumerate(rows):
        sitting = [
            Taken(question, float(fraction), points[question] if points else 1, True)
            for question, fraction in enumerate(row)
            if not np.isnan(fraction)
        ]
        made.add(sitting, groups[place] if groups else "")
    return made


@st.composite
def papers(draw):
    """A table of fractions, people by questions, and the points of each question."""
    people, questions = draw(st.integers(10, 40)), draw(st.integers(2, 8))
    row = st.lists(FRACTIONS, min_size=questions, max_size=questions)
    table = draw(st.lists(row, min_size=people, max_size=people))
    points = draw(st.lists(st.integers(1, 5), min_size=questions, max_size=questions))
    return np.array(table), points


def _correlation(x, y):
    return None if x.std() < 1e-6 or y.std() < 1e-6 else float(np.corrcoef(x, y)[0, 1])


@given(papers())
@settings(max_examples=30)
def test_questions_are_as_numpy_computes_them(paper):
    table, points = paper
    earned = table * points
    numbers = tally(table, points).items()

    for question, column in enumerate(table.T):
        found = numbers[question]
        others = np.delete(earned, question, axis=1).sum(axis=1) / (sum(points) - points[question])
        assert found.facility == pytest.approx(column.mean())
        assert found.deviation == pytest.approx(column.std(ddof=1))
        assert found.discrimination == pytest.approx(_correlation(column, others), abs=1e-7)
        assert found.intended_weight == pytest.approx(points[question] / sum(points))


@given(papers())
@settings(max_examples=30)
def test_a_quiz_is_as_numpy_computes_it(paper):
    table, points = paper
    earned = table * points
    whole = tally(table, points).whole()
    totals, count = earned.sum(axis=1), len(points)

    assert whole.mean == pytest.approx(totals.mean() / sum(points))
    assert whole.deviation == pytest.approx(totals.std(ddof=1) / sum(points))
    if totals.std() < 1e-6:
        assert whole.consistency is None
    else:
        alpha = count / (count - 1) * (1 - earned.var(axis=0).sum() / totals.var())
        assert whole.consistency == pytest.approx(alpha, abs=1e-7)


@given(papers())
@settings(max_examples=30)
def test_weights_of_a_fixed_paper_add_up_to_the_whole(paper):
    table, points = paper
    weights = [numbers.weight for numbers in tally(table, points).items().values()]

    if (table * points).sum(axis=1).std() > 1e-4:
        assert sum(filter(None, weights)) == pytest.approx(1)
    else:
        assert weights == [None] * len(points) or sum(filter(None, weights)) == pytest.approx(1)


@given(papers(), st.randoms())
@settings(max_examples=20)
def test_the_order_in_which_people_come_changes_nothing(paper, random):
    table, points = paper
    mixed = list(table)
    random.shuffle(mixed)
    one, other = tally(table, points).items(), tally(mixed, points).items()

    for question, numbers in one.items():
        assert other[question].facility == pytest.approx(numbers.facility)
        assert other[question].discrimination == pytest.approx(numbers.discrimination, abs=1e-7)


def test_what_was_not_drawn_is_left_out_of_a_question_and_of_its_weight():
    table = [[1, 1, np.nan], [0, 0, np.nan]] * 10 + [[1, np.nan, 1], [0, np.nan, 0]] * 10
    numbers = tally(table).items()

    assert [numbers[question].people for question in range(3)] == [40, 20, 20]
    assert numbers[1].discrimination == pytest.approx(1)
    assert (numbers[0].weight is None, numbers[1].weight is None) == (False, True)


def test_nine_people_say_nothing_and_ten_do():
    nine, ten = ([[1, 0], [0, 1], [1, 1]] * 4)[:9], ([[1, 0], [0, 1], [1, 1]] * 4)[:10]

    for numbers in tally(nine).items().values():
        assert (numbers.facility, numbers.deviation, numbers.discrimination) == (None, None, None)
        assert (numbers.weight, numbers.is_enough) == (None, False)
    assert (tally(nine).whole().mean, tally(nine).whole().consistency) == (None, None)
    assert all(numbers.facility is not None for numbers in tally(ten).items().values())
    assert tally(ten).whole().mean is not None


def test_a_quiz_of_one_question_has_no_discrimination_and_no_consistency():
    made = tally([[1], [0]] * 10)

    assert (made.items()[0].discrimination, made.whole().consistency) == (None, None)


def test_a_paper_without_points_and_a_question_nobody_had_are_no_failure():
    made = QuizTally()
    made.add([])

    assert (made.items(), made.whole().people, nothing_yet().people) == ({}, 0, 0)


def test_tails_are_27_percent_and_never_overlap():
    assert [tail_size(people) for people in (0, 1, 2, 10, 100)] == [0, 0, 1, 3, 27]
    assert all(2 * tail_size(people) <= people for people in range(500))


@given(st.lists(st.integers(0, 600), min_size=1))
def test_the_median_is_the_upper_middle(values):
    counts = {value: values.count(value) for value in values}

    assert median(counts) == sorted(values)[len(values) // 2]
    assert median({}) is None


class TestTime:
    def test_time_since_the_save_before_belongs_to_what_is_saved(self):
        saves = [(NOON + timedelta(seconds=at), slot) for at, slot in ((30, 1), (40, 1), (100, 2), (110, 1))]

        assert seconds_by_slot(NOON, saves) == {1: 50, 2: 60}

    def test_what_is_saved_at_once_shares_the_time(self):
        at = NOON + timedelta(seconds=90)

        assert seconds_by_slot(NOON, [(at, 1), (at, 2), (at, 3)]) == {1: 30, 2: 30, 3: 30}

    def test_gaps_of_more_than_ten_minutes_are_left_out(self):
        gap = timedelta(seconds=LONGEST_GAP_SECONDS)
        saves = [(NOON + gap, 1), (NOON + 2 * gap + timedelta(seconds=1), 2)]

        assert seconds_by_slot(NOON, saves) == {1: 600}

    @given(st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 6)), max_size=40))
    def test_all_of_it_is_the_time_without_long_gaps(self, raw):
        saves = [(NOON + timedelta(seconds=at), slot) for at, slot in sorted(raw)]
        moments = [NOON, *(at for at, _ in saves)]
        gaps = [(after - before).total_seconds() for before, after in pairwise(moments)]

        spent = sum(seconds_by_slot(NOON, saves).values())
        assert spent == pytest.approx(sum(gap for gap in gaps if gap <= LONGEST_GAP_SECONDS))


def picked(rows) -> ItemNumbers:
    """Numbers of the first of two questions; a row is (option picked, right in the other question, group)."""
    made = QuizTally()
    for option, other, group in rows:
        taken = Taken(0, float(OPTIONS.get(option, False)), 1, bool(option), [option] if option else [])
        made.add([taken, Taken(1, other, 1, True)], group)
    return made.items()[0]


def codes(numbers: ItemNumbers, usual: float | None = None) -> list[str]:
    return [alert.code for alert in health.alerts(numbers, OPTIONS, usual)]


class TestAlerts:
    def test_a_healthy_question_raises_none(self):
        strong = [("a", 1.0, "top")] * 6
        weak = [("b", 0.0, "bottom"), ("c", 0.0, "bottom"), ("d", 0.0, "bottom"), ("a", 0.0, "bottom")]

        assert codes(picked(strong + weak)) == []

    def test_nobody_picks_an_option(self):
        rows = [("a", 1.0, "top")] * 8 + [("b", 0.0, "bottom")] * 6 + [("c", 0.0, "bottom")] * 4

        [alert] = health.alerts(picked(rows), OPTIONS)
        assert str(health.headline(alert)) == "Nobody picks D"

    def test_an_option_that_chance_may_have_left_out_is_not_held_against_it(self):
        assert codes(picked([("a", 1.0, "top")] * 8 + [("b", 0.0, "bottom"), ("c", 0.0, "bottom")])) == []

    def test_strong_learners_who_fail_it_are_told_with_the_figure(self):
        rows = [("b", 1.0, ""), ("c", 1.0, ""), ("d", 1.0, "")] * 4 + [("a", 0.0, "")] * 6

        [alert] = health.alerts(picked(rows), OPTIONS)
        assert (alert.code, alert.weight) == ("strong_fail", health.LOOK_NOW)
        assert "−1.00" in str(health.reason(alert))

    def test_a_wrong_option_that_draws_the_best_says_that_the_key_may_be_wrong(self):
        best = [("b", 1.0, "top")] * 4 + [("a", 1.0, "top")]
        rows = [*best, *[("a", 0.0, "bottom")] * 5, ("c", 0.0, ""), ("d", 0.0, "")]

        first = health.alerts(picked(rows), OPTIONS)[0]
        assert (first.code, str(health.headline(first))) == (
            "wrong_key",
            "Strong learners choose B rather than the right answer",
        )

    def test_nearly_everybody_gets_it_right_or_wrong(self):
        assert codes(picked([("a", 1.0, "")] * 10 + [("a", 0.0, "")] * 10)) == ["easy"]
        assert codes(picked([("b", 1.0, ""), ("c", 0.0, ""), ("d", 0.5, "")] * 10)) == ["hard"]

    def test_a_slow_question_is_told_beside_what_others_take(self):
        made = QuizTally()
        for place in range(12):
            made.add([Taken(0, place % 2, 1, True, seconds=245), Taken(1, place % 2, 1, True)])
        numbers = made.items()[0]

        assert codes(numbers, usual=200) == []
        [alert] = health.alerts(numbers, OPTIONS, 90)
        assert str(health.headline(alert)) == "Takes 4 min 05; others take 1 min 30"
        assert health.usual_seconds([30, 40, None, 50, 200]) == 45
        assert health.usual_seconds([30, 40, 50, None]) is None

    def test_people_who_are_sure_of_what_is_wrong(self):
        made = QuizTally()
        for place in range(20):
            taken = Taken(0, place % 3 == 0, 1, True, ["a"], confidence=3)
            made.add([taken, Taken(1, place % 3 == 0, 1, True)])

        assert "sure_but_wrong" in codes(made.items()[0])

    def test_nine_people_raise_no_alert_whatever_they_did(self):
        assert codes(picked([("b", 1.0, "top")] * 5 + [("a", 0.0, "bottom")] * 4)) == []
        assert codes(picked([("b", 1.0, "top")] * 5 + [("a", 0.0, "bottom")] * 5)) != []

    @given(
        st.lists(
            st.tuples(st.sampled_from([*OPTIONS, ""]), FRACTIONS, st.sampled_from(["top", "bottom", ""]))
        )
    )
    def test_every_alert_can_be_said(self, rows):
        if rows:
            for alert in health.alerts(picked(rows), OPTIONS, 30):
                assert str(health.headline(alert))
                assert "%" not in str(health.headline(alert))
                assert "%(" not in str(health.reason(alert))


def test_bounds_of_consistency_are_those_of_the_handbook():
    said = [str(health.repeatable(value)) for value in (0.76, 0.75, 0.64, 0.63, None)]

    assert said == ["well", "fairly", "fairly", "hardly", "can't be said"]
