"""quizzes.marking: how much an answer is worth, for right ones, wrong ones and nonsense."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.bodies import TYPES, body
from quizzes.marking import is_given, mark
from quizzes.types.multiple.body import Multiple
from quizzes.types.numeric.body import Numeric
from quizzes.types.numeric.marking import readings
from quizzes.types.short_text.body import ShortText
from quizzes.types.single.body import Single
from quizzes.types.true_false.body import TrueFalse
from tests.quizzes.test_bodies import EXAMPLES, TEXTS, single

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
SINGLE = body("single", single(False, True, False))
MULTIPLE = body("multiple", single(True, True, True, False, False))
assert isinstance(SINGLE, Single)
assert isinstance(MULTIPLE, Multiple)


def numeric(answer: float, tolerance: float = 0, unit: str | None = None) -> Numeric:
    return Numeric.model_validate({**TEXTS, "answer": answer, "tolerance": tolerance, "unit": unit})


def short(*answers: str, case_sensitive: bool = False) -> ShortText:
    return ShortText.model_validate({**TEXTS, "answers": answers, "case_sensitive": case_sensitive})


@given(name=st.sampled_from(sorted(TYPES)), value=json_values)
def test_whatever_is_sent_marking_gives_a_fraction_and_never_fails(name, value):
    assert 0 <= mark(body(name, EXAMPLES[name]), value) <= 1


@given(name=st.sampled_from(sorted(TYPES)))
def test_no_answer_earns_nothing(name):
    assert mark(body(name, EXAMPLES[name]), None) == 0


def test_single_wants_exactly_the_right_key():
    assert mark(SINGLE, "b") == 1
    assert mark(SINGLE, "a") == 0
    assert mark(SINGLE, ["b"]) == 0
    assert mark(SINGLE, "B") == 0


@pytest.mark.parametrize(
    ("ticked", "fraction"),
    [
        (["a", "b", "c"], Fraction(1)),
        (["a", "b"], Fraction(2, 3)),
        (["a", "b", "d"], Fraction(1, 3)),
        (["a", "a", "a"], Fraction(1, 3)),
        (["a", "d", "e"], Fraction(0)),
        (["a", "b", "c", "d", "e"], Fraction(1, 3)),
        (["a", "b", "c", "z"], Fraction(2, 3)),
        ([], Fraction(0)),
        ("a", Fraction(0)),
        ([["a"], {"b": 1}, None], Fraction(0)),
    ],
)
def test_multiple_takes_a_share_back_for_each_wrong_tick(ticked, fraction):
    assert mark(MULTIPLE, ticked) == fraction


@given(ticked=st.lists(st.sampled_from("abcde")), wrong=st.sampled_from("de"))
def test_a_wrong_tick_never_helps(ticked, wrong):
    assert mark(MULTIPLE, [*ticked, wrong]) <= mark(MULTIPLE, [key for key in ticked if key != wrong])


@given(ticked=st.lists(st.sampled_from("abcde")))
def test_the_order_of_ticks_does_not_matter(ticked):
    assert mark(MULTIPLE, ticked) == mark(MULTIPLE, sorted(ticked))


@pytest.mark.parametrize("value", ["false", False])
def test_true_or_false_takes_the_word_of_the_form_and_the_value_of_the_api(value):
    statement = TrueFalse.model_validate({**TEXTS, "answer": False})

    assert mark(statement, value) == 1
    assert mark(statement, "true") == 0
    assert mark(statement, 0) == 0


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("2.16", 2.16),
        ("2,16", 2.16),
        (" 2.16 ", 2.16),
        ("\u22123", -3),
        ("+3", 3),
        (".5", 0.5),
        ("-,5", -0.5),
        ("5.", 5),
        ("101770", 101770),
        ("101,770", 101770),
        ("101.770", 101770),
        ("101 770", 101770),
        ("101\u202f770", 101770),
        ("1,234,567.5", 1234567.5),
        ("1.234.567,5", 1234567.5),
        ("3/4", 0.75),
        ("½", 0.5),
        ("1e-3", 0.001),
        ("1.2E3", 1200),
        (12, 12),
        (0.1, 0.1),
    ],
)
def test_numbers_are_read_as_people_write_them(typed, answer):
    assert mark(numeric(answer), typed) == 1


@pytest.mark.parametrize(
    "typed", ["", "two", "1,2,3", "1..2", "1 2", "3/0", "nan", "inf", "1e9999", "--1", "0x10", "1 1/2", True]
)
def test_what_is_no_number_is_wrong(typed):
    assert readings(typed) == frozenset()


def test_the_edge_of_the_tolerance_counts_and_the_next_step_does_not():
    third = numeric(0.3, 0.1)

    assert mark(third, "0.4") == 1  # 0.3 + 0.1 in binary is a little more than 0.4
    assert mark(third, "0.2") == 1
    assert mark(third, "0.4001") == 0


def test_the_unit_may_be_written_behind_the_number():
    assert mark(numeric(12, unit="%"), "12 %") == 1
    assert mark(numeric(2, unit="MB"), "2mb") == 1
    assert mark(numeric(2, unit="MB"), "2 kg") == 0


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_a_number_typed_with_comma_or_point_is_the_same(number):
    plain = f"{number:f}"

    assert Fraction(number) in readings(plain)
    assert Fraction(number) in readings(plain.replace(".", ","))


@pytest.mark.parametrize("typed", ["Melt", " melt ", "ＭＥＬＴ", "df.melt", "MELT"])
def test_short_text_is_compared_without_case_width_and_outer_spaces(typed):
    assert mark(short("melt", "df.melt"), typed) == 1


@pytest.mark.parametrize("typed", ["melts", "me lt", "mel", "", None, ["melt"]])
def test_short_text_is_not_guessed_at(typed):
    assert mark(short("melt"), typed) == 0


def test_inner_spaces_count_as_one_and_case_counts_where_it_matters():
    assert mark(short("New   York"), "new york") == 1
    assert mark(short("DataFrame", case_sensitive=True), "dataframe") == 0
    assert mark(short("DataFrame", case_sensitive=True), " DataFrame") == 1


def test_an_empty_text_and_no_ticks_are_no_answer():
    assert not any(map(is_given, (None, "", "  ", [])))
    assert all(map(is_given, ("0", ["a"], False, 0)))
