"""quizzes.bodies: what a question consists of, and the sentences that say what is wrong with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from quizzes.bodies import TYPES, UnknownTypeError, body, faults

META = {"key", "type", "topic", "resource", "points", "difficulty"}
CONTENT = Path(__file__).resolve().parents[2] / "content" / "machine-learning" / "stages"
TEXTS = {"stem": "Which?", "explanation": "Because."}


def options(*right: bool) -> list[dict[str, Any]]:
    return [
        {"key": "abcdef"[n], "text": f"Option {n}", "right": is_right} for n, is_right in enumerate(right)
    ]


def single(*right: bool, **more: object) -> dict[str, Any]:
    return {**TEXTS, "options": options(*right), **more}


EXAMPLES = {
    "single": single(True, False),
    "multiple": single(True, True, False),
    "true_false": {**TEXTS, "answer": False},
    "numeric": {**TEXTS, "answer": 2.5, "tolerance": 0.1, "unit": "kg"},
    "short_text": {**TEXTS, "answers": ["melt"], "case_sensitive": False},
    "ordering": {
        **TEXTS,
        "items": [{"key": key, "text": f"Step {key}"} for key in ("first", "second", "third", "fourth")],
    },
    "matching": {
        **TEXTS,
        "prompts": [
            {"key": "one", "text": "`df.shape`", "match": "tuple"},
            {"key": "two", "text": "`df['x']`", "match": "series"},
        ],
        "choices": [{"key": key, "text": f"a {key}"} for key in ("tuple", "series", "frame")],
    },
    "code_output": {**TEXTS, "code": "print(1)\nprint(2 > 1)", "answers": ["   1\nTrue"]},
    "cloze": {
        **TEXTS,
        "text": "With {{folds}} folds each row is tested {{often}}; in time use {{splitter}}.",
        "gaps": [
            {"key": "folds", "type": "numeric", "answer": 5},
            {"key": "splitter", "type": "short_text", "answers": ["TimeSeriesSplit"]},
            {"key": "often", "type": "choice", "points": 2, "options": options(True, False)},
        ],
    },
    "long_text": {**TEXTS, "guide": "Half the points for naming leakage.", "min_words": 50, "max_words": 200},
}
MARKED_AT_ONCE = {name: example for name, example in EXAMPLES.items() if not TYPES[name].is_marked_by_hand}


def with_canaries(type_: str) -> dict[str, Any]:
    """The example with canaries in all that nobody may read before answering: CANARY-..., canary-key and 424242."""
    data = {**EXAMPLES[type_], "explanation": "CANARY-WHY"}
    return data | CANARIES.get(type_, lambda _example: {})(data)


CANARIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "single": lambda example: {"options": _with_feedback(example["options"])},
    "multiple": lambda example: {"options": _with_feedback(example["options"])},
    "numeric": lambda _example: {"answer": 424242.25, "tolerance": 0, "formula": "424242 + 1 / 4"},
    "short_text": lambda _example: {"answers": ["CANARY-ANSWER"], "pattern": "CANARY-ANSWER.*"},
    "code_output": lambda _example: {"answers": ["CANARY-ANSWER", "CANARY-ANSWER-TOO"]},
    "ordering": lambda example: {"items": _with_keys(example["items"], "key")},
    "matching": lambda example: {
        "prompts": _with_keys(example["prompts"], "match"),
        "choices": _with_keys(example["choices"], "key"),
    },
    "long_text": lambda _example: {"guide": "CANARY-GUIDE"},
    "cloze": lambda example: {
        "text": example["text"].replace("{{", "{{canary-key-"),
        "gaps": [_gap(gap) for gap in _with_keys(example["gaps"], "key")],
    },
}


def _with_keys(parts: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [{**part, name: f"canary-key-{part[name]}"} for part in parts]


def _gap(gap: dict[str, Any]) -> dict[str, Any]:
    hidden = {"answer": 424242, "answers": ["CANARY-ANSWER"]}
    options = {"options": _with_feedback(gap["options"])} if "options" in gap else {}
    return {**gap, **{name: value for name, value in hidden.items() if name in gap}, **options}


def _with_feedback(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**option, "feedback": "CANARY-FEEDBACK"} for option in rows]


def shipped() -> list[dict[str, Any]]:
    return [
        question
        for path in sorted(CONTENT.glob("*/quiz.yaml"))
        for question in yaml.safe_load(path.read_text())["questions"]
    ]


def test_every_question_of_the_machine_learning_road_is_right():
    questions = shipped()
    found = {
        q["key"]: faults(q["type"], {name: value for name, value in q.items() if name not in META})
        for q in questions
    }

    assert {key: sentences for key, sentences in found.items() if sentences} == {}
    assert len(found) == len(questions) >= 100


@pytest.mark.parametrize("name", TYPES)
def test_each_type_survives_the_way_to_json_and_back(name):
    first = body(name, EXAMPLES[name])

    assert body(name, first.model_dump(mode="json")) == first


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("single", single(True, True), "Exactly one option must be right; here 2 are."),
        ("single", single(False, False), "Exactly one option must be right; here 0 are."),
        ("single", single(True), "A question has 2 to 20 options, not 1."),
        ("multiple", single(False, False), "At least one option must be right."),
        (
            "single",
            {**TEXTS, "options": options(True, False)[:1] * 2},
            "Option keys are given once; a stands there twice.",
        ),
        ("true_false", {**TEXTS, "answer": "yes"}, "answer: Write true or false."),
        ("numeric", {**TEXTS, "answer": 1, "tolerance": -1}, "tolerance: It must not be below 0."),
        ("numeric", {**TEXTS, "answer": "many"}, "answer: Write a number."),
        ("numeric", {**TEXTS, "answer": float("nan")}, "answer: Write a finite number."),
        ("short_text", {**TEXTS, "answers": []}, "answers: Give at least one."),
        ("short_text", {**TEXTS, "answers": [" "]}, "answers.1: This text is empty."),
        ("single", {"options": options(True, False), "stem": "Which?"}, "explanation: It is missing."),
        ("single", single(True, False, hint="x"), "hint: A question of this type has no such field."),
        ("single", single(True, False, stem="  "), "stem: This text is empty."),
    ],
)
def test_a_wrong_body_is_told_what_is_wrong_and_where(name, data, sentence):
    assert sentence in [str(fault.sentence()) for fault in faults(name, data)]


def test_an_unknown_type_is_refused_with_the_types_there_are():
    (fault,) = faults("hotspot", EXAMPLES["single"])

    assert "hotspot" in str(fault.what)
    assert "short_text" in str(fault.what)
    with pytest.raises(UnknownTypeError):
        body("hotspot", {})


@pytest.mark.parametrize("data", [None, [], "text", 3, {"options": "many"}])
def test_something_that_is_no_body_at_all_is_a_fault_and_no_error(data):
    assert faults("single", data)


@pytest.mark.parametrize("name", TYPES)
def test_what_is_asked_tells_neither_the_answer_nor_why(name):
    said = repr(body(name, with_canaries(name)).asked()).casefold()

    assert "canary" not in said
    assert "424242" not in said


def test_options_are_asked_in_the_order_the_attempt_froze():
    asked = body("single", single(True, False, False)).asked(("c", "a", "b"))

    assert [key for key, _ in asked.options] == ["c", "a", "b"]


def test_a_new_wording_keeps_the_answer_and_a_moved_tick_changes_it():
    before = body("single", single(True, False))
    reworded = body("single", single(True, False, stem="Which one?"))
    corrected = body("single", single(False, True))

    assert before.key() == reworded.key()
    assert before.key() != corrected.key()
