"""Honest estimates of topics: the distribution against another's, the words at their edges."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from quizzes.mastery import Level, Shown, below, estimate, quantile

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SHAPES = st.floats(0.5, 300)


def known(right: int, wrong: int, at: datetime = NOW):
    return estimate([Shown(1, at)] * right + [Shown(0, at)] * wrong, NOW)


@given(st.floats(0, 1), SHAPES, SHAPES)
def test_the_distribution_is_as_scipy_computes_it(x, a, b):
    assert below(x, a, b) == pytest.approx(beta.cdf(x, a, b), abs=1e-9)


@given(st.floats(0.01, 0.99), SHAPES, SHAPES)
def test_its_quantiles_are_as_scipy_computes_them(share, a, b):
    assert quantile(share, a, b) == pytest.approx(beta.ppf(share, a, b), abs=2e-6)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (0, 0, "not sure yet (0 answers)"),
        (1, 0, "not sure yet (1 answer)"),
        (3, 0, "not sure yet (3 answers)"),
        (4, 0, "not sure yet (4 answers)"),
        (5, 0, "likely solid"),
        (9, 1, "likely solid"),
        (8, 2, "getting there"),
        (3, 3, "not sure yet (6 answers)"),
        (10, 10, "getting there"),
        (2, 4, "likely shaky"),
        (0, 5, "likely shaky"),
    ],
)
def test_words_say_no_more_than_the_answers_do(right, wrong, said):
    assert str(known(right, wrong).sentence()) == said


def test_figures_wait_for_five_answers():
    assert [known(count, 0).is_enough for count in (4, 5)] == [False, True]


def test_old_answers_count_for_less_and_make_less_sure():
    fresh, old = known(8, 0), known(8, 0, NOW - timedelta(days=180))

    assert (fresh.weight, old.weight) == (8, 4)
    assert old.high - old.low > fresh.high - fresh.low
    assert (fresh.level, old.level) == (Level.SOLID, Level.UNSURE)
    assert old.answers == 8


def test_an_answer_from_the_future_counts_as_one_of_now():
    assert known(1, 0, NOW + timedelta(days=9)) == known(1, 0)


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_interval_holds_the_middle_and_one_more_right_never_lowers_it(right, wrong):
    before, after = known(right, wrong), known(right + 1, wrong)

    assert 0 <= before.low <= before.middle + 0.06 <= 1.06
    assert before.low < before.high <= 1
    assert (after.low, after.middle) >= (before.low, before.middle)


@given(st.lists(st.floats(0, 1), max_size=30))
def test_partly_right_answers_lie_between_all_wrong_and_all_right(fractions):
    shown = [Shown(fraction, NOW) for fraction in fractions]
    middle = estimate(shown, NOW).middle

    assert known(0, len(shown)).middle <= middle + 1e-9
    assert middle <= known(len(shown), 0).middle + 1e-9
