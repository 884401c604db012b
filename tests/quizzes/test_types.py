"""quizzes.types: the rules of marking of each type, and that what was frozen before means what it meant."""

import hashlib
import os
import subprocess
import sys
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.bodies import TYPES, Body, body, faults, written
from quizzes.forms import EDITORS
from quizzes.marking import is_given, mark, waits_for_hand
from quizzes.types.cloze.body import Cloze
from quizzes.types.cloze.editor import ClozeEditor
from quizzes.types.code_output.body import CodeOutput
from quizzes.types.matching.body import Matching
from quizzes.types.numeric.body import Numeric
from quizzes.types.numeric.editor import UnitsField
from quizzes.types.numeric.formula import FormulaError, worked_out
from quizzes.types.ordering.body import Ordering
from quizzes.types.short_text.body import ShortText
from tests.quizzes.test_bodies import EXAMPLES, MARKED_AT_ONCE, TEXTS

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "quizzes" / "types"
ORDERING, MATCHING = body("ordering", EXAMPLES["ordering"]), body("matching", EXAMPLES["matching"])
CLOZE, OUTPUT = body("cloze", EXAMPLES["cloze"]), body("code_output", EXAMPLES["code_output"])
assert isinstance(ORDERING, Ordering)
assert isinstance(MATCHING, Matching)
assert isinstance(CLOZE, Cloze)
assert isinstance(OUTPUT, CodeOutput)

# Bodies as version 0.1 froze them, and what answers to them earned then.
FROZEN = [
    (
        "single",
        {"stem": "S", "options": [
            {"key": "a", "text": "A", "right": True, "feedback": ""},
            {"key": "b", "text": "B", "right": False, "feedback": "No."},
        ], "explanation": "E"},
        [("a", 1), ("b", 0), (["a"], 0), (None, 0)],
    ),
    (
        "multiple",
        {"stem": "S", "options": [
            {"key": "a", "text": "A", "right": True, "feedback": ""},
            {"key": "b", "text": "B", "right": True, "feedback": ""},
            {"key": "c", "text": "C", "right": False, "feedback": ""},
        ], "explanation": "E"},
        [(["a", "b"], 1), (["a"], Fraction(1, 2)), (["a", "b", "c"], Fraction(1, 2)), (["c"], 0)],
    ),
    ("true_false", {"stem": "S", "answer": False, "explanation": "E"}, [("false", 1), (False, 1), ("true", 0)]),
    (
        "numeric",
        {"stem": "S", "unit": "kg", "answer": 2.5, "tolerance": 0.1, "explanation": "E"},
        [("2.6", 1), ("2,5 kg", 1), ("2.61", 0), (2.5, 1), ("two", 0)],
    ),
    (
        "short_text",
        {"stem": "S", "answers": ["Melt"], "explanation": "E", "case_sensitive": False},
        [(" melt", 1), ("ＭＥＬＴ", 1), ("melts", 0), (["melt"], 0)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "frozen", "answers"), FROZEN)
def test_what_was_frozen_before_reads_marks_and_is_written_as_it_was(type_, frozen, answers):
    read = body(type_, frozen)

    assert read.model_dump(mode="json") == frozen
    assert [mark(read, value) for value, _earned in answers] == [earned for _value, earned in answers]


@pytest.mark.parametrize("type_", TYPES)
def test_a_type_is_a_folder_with_body_editor_player_and_review(type_):
    assert TYPES[type_].type == EDITORS[type_].type == type_
    assert {path.name for path in (TEMPLATES / type_).iterdir()} >= {"player.html", "review.html"}
    assert {name for row in EDITORS[type_].rows for name in ([row] if isinstance(row, str) else row)} == set(
        EDITORS[type_].fields()
    )


@pytest.mark.parametrize("type_", MARKED_AT_ONCE)
def test_the_right_answer_earns_everything_and_counts_as_given(type_):
    question = body(type_, EXAMPLES[type_])

    assert mark(question, question.right_value()) == 1
    assert is_given(question.right_value())


@pytest.mark.parametrize("type_", TYPES)
@given(seed=st.integers())
def test_what_is_asked_does_not_hang_on_what_is_right(type_, seed):
    """Options come in the frozen order, under names that have nothing of the body's own order."""
    question = body(type_, EXAMPLES[type_])
    order = list(question.option_keys())
    Random(seed).shuffle(order)
    shown = [value for value, _text in question.asked(order).options]

    assert len(set(shown)) == len(shown)
    assert question.asked(order).options == question.asked(order).options
    if type_ in {"ordering", "matching"}:
        assert not set(shown) & {"first", "second", "third", "fourth", "tuple", "series", "frame"}


# A further type

MADE_UP = {
    "quizzes/types/yes_no/__init__.py": "",
    "quizzes/types/yes_no/body.py": """
from accounts.sentences import sentence as _
from quizzes.types.base import Body, whole

class YesNo(Body):
    type, title, rank = "yes_no", _("Yes or no"), 500
    yes: bool

    @classmethod
    def fields(cls, asked, value):
        return value

    @classmethod
    def how(cls, asked):
        return _("Say yes or no.")

    def mark(self, value):
        return whole(value == self.right_value())

    def key(self):
        return self.yes

    def right_value(self):
        return "yes" if self.yes else "no"

    def shown(self, value, order=()):
        return value
""",
    "quizzes/types/yes_no/editor.py": """
from django import forms
from quizzes.types.editing import Editor

class YesNoEditor(Editor):
    type, rows = "yes_no", ("yes",)

    def fields(self):
        return {"yes": forms.BooleanField(required=False)}
""",
    "templates/quizzes/types/yes_no/player.html": "{{ question.fields }}",
    "templates/quizzes/types/yes_no/review.html": "{{ row.shown }}",
}
ASKED = """
import django
from django.conf import settings
import quizzes.types

quizzes.types.__path__.append("{here}/quizzes/types")
settings.TEMPLATES[0]["DIRS"].append("{here}/templates")
django.setup()

from django.template.loader import get_template
from authoring import file_schemas
from quizzes.bodies import TYPES, body, faults
from quizzes.forms import question_form, type_choices
from quizzes.marking import mark

made_up = body("yes_no", {{"stem": "Is it?", "explanation": "It is.", "yes": True}})
print(mark(made_up, "yes"), mark(made_up, "no"), mark(made_up, None))
print([str(fault.sentence()) for fault in faults("yes_no", {{"stem": "Is it?", "explanation": "It is."}})])
print(type_choices()[-1], "yes" in question_form("yes_no").base_fields)
print(get_template("quizzes/types/yes_no/player.html").render({{"question": {{"fields": "kept"}}}}))
print("yes_no" in str(file_schemas.texts()))
"""


def test_a_type_of_ones_own_is_a_folder_and_its_templates_and_nothing_else_is_touched(tmp_path):
    for name, text in MADE_UP.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    said = subprocess.run(
        [sys.executable, "-c", ASKED.format(here=tmp_path)],
        cwd=TEMPLATES.parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.stdout.splitlines() == [
        "1 0 0",
        "['yes: It is missing.']",
        "('yes_no', 'Yes or no') True",
        "kept",
        "True",
    ], said.stderr


# Texts that a mentor marks


def test_a_text_waits_for_a_mentor_unless_nothing_was_written():
    text = body("long_text", EXAMPLES["long_text"])

    assert waits_for_hand(text, "Because it leaks.")
    assert not waits_for_hand(text, " \n")
    assert not waits_for_hand(text, None)
    assert mark(text, "Because it leaks.") == 0


def test_nobody_who_answers_or_has_answered_reads_what_the_marker_reads():
    text = body("long_text", EXAMPLES["long_text"])

    for said in (text.asked(), text.right(), text.shown("Mine"), text.feedback("Mine"), text.said("Mine")):
        assert "Half the points" not in repr(said)


@pytest.mark.parametrize(
    ("lengths", "said"),
    [
        ({}, "Write as much as it takes. A mentor marks it."),
        ({"min_words": 1}, "Write at least 1 word. A mentor marks it."),
        ({"min_words": 50}, "Write at least 50 words. A mentor marks it."),
        ({"max_words": 200}, "Write at most 200 words. A mentor marks it."),
        ({"min_words": 50, "max_words": 200}, "Write 50 to 200 words. A mentor marks it."),
    ],
)
def test_how_long_a_text_should_be_is_said(lengths, said):
    text = body("long_text", {**TEXTS, **lengths})

    assert str(text.how(text.asked())) == said
    assert text.fields(text.asked(), "one  two\nthree")["words"] == 3


# Ordering


def handles(*keys: str) -> list[str]:
    return [ORDERING.handle(key) for key in keys]


@pytest.mark.parametrize(
    ("order", "share"),
    [
        (("first", "second", "third", "fourth"), Fraction(1)),
        (("second", "third", "fourth", "first"), Fraction(2, 3)),
        (("first", "second", "fourth", "third"), Fraction(1, 3)),
        (("fourth", "third", "second", "first"), Fraction(0)),
        (("first", "second"), Fraction(1, 3)),
        (("first", "second", "second", "third", "fourth"), Fraction(1)),
        ((), Fraction(0)),
    ],
)
def test_an_order_earns_a_share_for_each_item_that_follows_the_right_one(order, share):
    assert mark(ORDERING, handles(*order)) == share


@given(st.permutations(["first", "second", "third", "fourth"]))
def test_the_fields_of_the_page_say_the_same_as_a_list(order):
    fields = {ORDERING.handle(key): str(place) for place, key in enumerate(order, 1)}

    assert mark(ORDERING, fields) == mark(ORDERING, handles(*order))


def test_two_items_at_one_place_have_no_order():
    fields = dict(zip(handles("first", "second", "third", "fourth"), ["1", "1", "2", "3"], strict=True))

    assert mark(ORDERING, fields) == Fraction(1, 3)


def test_keys_of_the_body_are_no_answer_so_that_guessing_them_earns_nothing():
    assert mark(ORDERING, ["first", "second", "third", "fourth"]) == 0
    assert mark(MATCHING, {"one": "tuple", "two": "series"}) == 0


def test_only_the_whole_order_counts_where_the_author_says_so():
    strict = Ordering.model_validate({**EXAMPLES["ordering"], "credit": "all"})
    right = strict.right_value()

    earned = [mark(strict, list(order)) for order in permutations(right)]
    assert sorted(earned) == [0] * 23 + [1]


# Matching


def test_every_right_pair_earns_its_share():
    right = MATCHING.right_value()

    assert mark(MATCHING, right) == 1
    assert mark(MATCHING, {**right, "two": right["one"]}) == Fraction(1, 2)
    assert mark(MATCHING, {"two": right["two"], "three": right["one"]}) == Fraction(1, 2)
    assert mark(MATCHING, {"one": "", "two": ""}) == 0


# Code output


@pytest.mark.parametrize("typed", ["   1\nTrue", "   1  \r\nTrue\n\n", "   1\nTrue   "])
def test_output_is_compared_line_by_line_without_trailing_blanks(typed):
    assert mark(OUTPUT, typed) == 1


@pytest.mark.parametrize("typed", ["1\nTrue", "   1 True", "   1\ntrue", "   1", "", None, ["   1", "True"]])
def test_other_output_is_wrong(typed):
    assert mark(OUTPUT, typed) == 0


# Cloze


def test_gaps_earn_by_their_points_and_are_called_by_their_numbers():
    assert CLOZE.right_value() == {"1": "5", "2": "a", "3": "TimeSeriesSplit"}
    assert mark(CLOZE, {"1": "5"}) == Fraction(1, 4)
    assert mark(CLOZE, {"2": "a"}) == Fraction(1, 2)
    assert mark(CLOZE, {"1": "5.0", "2": "b", "3": " timeseriessplit "}) == Fraction(1, 2)
    assert mark(CLOZE, {"folds": "5"}) == 0
    assert "splitter" not in repr(CLOZE.asked())


# Numbers and texts


def number(**rule: object) -> Numeric:
    return Numeric.model_validate({**TEXTS, **rule})


def test_a_number_may_be_off_by_a_share_of_itself():
    rule = number(answer=200, relative_tolerance=0.01)

    assert mark(rule, "202") == 1
    assert mark(rule, "198") == 1
    assert mark(rule, "202.1") == 0
    assert mark(number(answer=-200, relative_tolerance=0.01), "-201") == 1


@pytest.mark.parametrize(
    ("typed", "earned"), [("3.14", 1), ("3.142", 1), ("3.1416", 1), ("3.1", 0), ("3.15", 0), ("-3.14", 0)]
)
def test_a_number_is_right_to_so_many_significant_figures(typed, earned):
    assert mark(number(answer=3.14159, significant_figures=3), typed) == earned


@given(st.floats(min_value=1e-6, max_value=1e9), st.integers(1, 6))
def test_an_answer_rounded_to_the_figures_is_right(answer, figures):
    assert mark(number(answer=answer, significant_figures=figures), f"{answer:.{figures - 1}e}") == 1


@pytest.mark.parametrize(
    ("typed", "earned"),
    [
        ({"number": "1.0", "unit": "MB"}, 1),
        ({"number": "1000", "unit": "kB"}, 1),
        ({"number": "1", "unit": "kB"}, 0),
        ({"number": "1"}, 0),
        ("1 MB", 1),
        ("1000kB", 1),
        ("1", 0),
        ("1 GB", 0),
    ],
)
def test_the_unit_counts_where_there_are_several(typed, earned):
    assert mark(number(answer=1, unit="MB", units=[{"unit": "kB", "factor": 0.001}]), typed) == earned


def test_a_pattern_and_accents_count_where_the_author_says_so():
    rule = ShortText.model_validate(
        {**TEXTS, "answers": ["café"], "ignore_accents": True, "pattern": "tea|the"}
    )

    assert [mark(rule, text) for text in ("Cafe", "CAFÉ", "thé", "tea", "teas")] == [1, 1, 1, 1, 0]


def test_no_answer_hangs_a_pattern():
    rule = ShortText.model_validate({**TEXTS, "answers": ["x"], "pattern": "(a+)+b"})

    assert mark(rule, "a" * 4000) == 0


def test_a_formula_is_worked_out_and_nothing_is_executed():
    assert worked_out("sqrt(2) * comb(5, 2) / 10 - pi + pi") == pytest.approx(2**0.5)
    for formula in (
        "__import__('os')",
        "open(1)",
        "(1).real",
        "[1][0]",
        "9**9**9",
        "1 if 1 else 2",
        "1 +",
        "1/0",
    ):
        with pytest.raises(FormulaError):
            worked_out(formula)


# Faults


@pytest.mark.parametrize(
    ("type_", "changed", "sentence"),
    [
        ("ordering", {"items": EXAMPLES["ordering"]["items"][:1]}, "There are 2 to 10 items, not 1."),
        (
            "ordering",
            {"items": EXAMPLES["ordering"]["items"][:1] * 2},
            "Item keys are given once; first stands there twice.",
        ),
        ("ordering", {"credit": "some"}, "credit: There is no such choice."),
        (
            "matching",
            {"choices": EXAMPLES["matching"]["choices"][1:]},
            "“one” matches “tuple”, which is no choice.",
        ),
        ("matching", {"prompts": EXAMPLES["matching"]["prompts"][:1]}, "There are 2 to 12 prompts, not 1."),
        ("code_output", {"answers": []}, "answers: Give at least one."),
        ("code_output", {"code": " "}, "code: This text is empty."),
        ("cloze", {"text": "No gaps."}, "Gaps do not stand in the text as {{key}}: folds, splitter, often."),
        (
            "cloze",
            {"gaps": [{"key": "x", "type": "date"}]},
            "gaps.1.type: A gap is of type choice, numeric, short_text.",
        ),
        (
            "cloze",
            {"gaps": [{"key": "x", "type": "numeric", "answer": "five"}]},
            "gaps.1.answer: Write a number.",
        ),
        (
            "long_text",
            {"min_words": 300},
            "At least as many words as at most can’t be written; swap the two numbers.",
        ),
        ("long_text", {"min_words": 0}, "min_words: It must not be below 0."),
        ("numeric", {"relative_tolerance": 1.5}, "relative_tolerance: It must be below 1."),
        (
            "numeric",
            {"unit": None, "units": [{"unit": "kB", "factor": 1}]},
            "Say in “unit” what the answer is measured in; “units” are further ones.",
        ),
        (
            "numeric",
            {"units": [{"unit": "KG", "factor": 1}]},
            "Units are told apart without case; kg stands there twice.",
        ),
        ("short_text", {"pattern": "a("}, "pattern: RE2 can’t read this pattern: missing ): a(."),
    ],
)
def test_a_wrong_body_of_a_newer_type_is_told_what_is_wrong_and_where(type_, changed, sentence):
    assert sentence in [str(fault.sentence()) for fault in faults(type_, {**EXAMPLES[type_], **changed})]


def test_fields_are_written_in_the_order_of_their_type():
    gap = {"answer": 5, "type": "numeric", "key": "n"}
    mixed_up = {"gaps": [gap], "unknown": 1, "text": "{{n}}", "explanation": "E", "stem": "S"}

    assert list(written("cloze", mixed_up)) == ["stem", "explanation", "text", "gaps", "unknown"]
    assert list(written("cloze", mixed_up)["gaps"][0]) == ["key", "type", "answer"]
    assert list(written("single", {"options": [{"right": True, "text": "A", "key": "a"}]})["options"][0]) == [
        "key",
        "text",
        "right",
    ]


@pytest.mark.parametrize(
    "text",
    [
        'See [this](https://example.org "{{ folds }} times").',
        "See [this]({{ folds }}).",
        "See ![this](https://example.org/{{folds}}).",
        "It is $x = {{folds}}$ here.",
        "$$\n{{folds}}\n$$",
    ],
)
def test_a_gap_stands_where_something_can_be_typed(text):
    gap = next(gap for gap in EXAMPLES["cloze"]["gaps"] if gap["key"] == "folds")

    (fault,) = faults("cloze", {**EXAMPLES["cloze"], "text": text, "gaps": [gap]})

    assert str(fault.what) == "Nothing can be typed inside an address, its title or a formula; move folds."
    assert not faults("cloze", {**EXAMPLES["cloze"], "text": "`a{{folds}}` > **b**", "gaps": [gap]})


def test_the_desk_shows_numbers_to_their_last_figure():
    units = [
        {"unit": "mile", "factor": 1.609344},
        {"unit": "km", "factor": 1000.0},
        {"unit": "nm", "factor": 1e-9},
    ]
    gap = {"key": "folds", "type": "numeric", "answer": 0.30000000000000004, "tolerance": 2.0}

    typed = UnitsField().prepare_value(units)
    (row,) = ClozeEditor().typed({"text": "{{folds}}", "gaps": [gap]})["gaps"]

    assert typed == "mile = 1.609344\nkm = 1000\nnm = 1e-09"
    assert UnitsField().to_python(typed) == units
    assert row["right"] == "0.30000000000000004 ± 2"


def formerly(question: Body, key: str) -> str:
    """What pages called a part before handles came from shown text alone."""
    told = f"{key}\n{question.stem}\n{question.explanation}"
    return hashlib.sha256(told.encode()).hexdigest()[:10]


def test_an_order_that_was_kept_by_former_handles_is_understood():
    former = [formerly(ORDERING, item["key"]) for item in EXAMPLES["ordering"]["items"]]
    fields = {handle: str(place) for place, handle in enumerate(former, 1)}

    assert mark(ORDERING, former) == mark(ORDERING, fields) == 1
    assert ORDERING.said(former) == ORDERING.said(ORDERING.right_value())
    assert ORDERING.shown(former) == ORDERING.shown(ORDERING.right_value())
    assert ORDERING.understood(former) == ORDERING.right_value()


def test_pairs_that_were_kept_by_former_handles_are_understood():
    former = {
        prompt["key"]: formerly(MATCHING, prompt["match"]) for prompt in EXAMPLES["matching"]["prompts"]
    }

    assert mark(MATCHING, former) == 1
    assert MATCHING.said(former) == MATCHING.said(MATCHING.right_value())
    assert MATCHING.shown(former) == MATCHING.shown(MATCHING.right_value())


@pytest.mark.parametrize("value", [None, 3, True, "x", ["x", 3], {"x": "y"}])
def test_what_names_no_former_handle_stays_as_it_is(value):
    assert ORDERING.understood(value) == value
