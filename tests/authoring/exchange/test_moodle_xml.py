from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from authoring.exchange import formats, moodle_xml
from authoring.exchange.questions import Carried, Reading
from quizzes import bodies

CORPUS = sorted((Path(__file__).parent / "corpus" / "moodle_xml").glob("*.xml"))


def plain(reading: Reading) -> dict[str, Any]:
    """What was read as JSON holds it: the expected files are written like this."""
    return {
        "questions": [said(question) for question in reading.questions],
        "left": [
            f"{'whole' if left.is_whole else 'part'} | {left.place} | {left.what}" for left in reading.left
        ],
    }


def said(question: Carried) -> dict[str, Any]:
    fields = {name: getattr(question, name) for name in ("place", "name", "type", "body")}
    more = {name: getattr(question, name) for name in ("category", "tags", "points", "key")}
    return json.loads(json.dumps({**fields, **{name: value for name, value in more.items() if value}}))


def placeless(reading: Reading) -> list[Carried]:
    return [replace(question, place="") for question in reading.questions]


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_file_is_read_as_expected(file):
    expected = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    assert plain(moodle_xml.read(file.read_bytes())) == expected


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_what_was_read_is_written_so_that_it_reads_the_same_again(file):
    first = moodle_xml.read(file.read_bytes())
    written = moodle_xml.write(first.questions)
    again = moodle_xml.read(written.data)
    assert placeless(again) == placeless(first)
    assert (written.left, again.left) == ((), ())


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_drafts_lack_nothing_but_explanations(file):
    for question in moodle_xml.read(file.read_bytes()).questions:
        faults = bodies.faults(question.type, question.body)
        assert [fault.place for fault in faults] in ([], ["explanation"])


def test_every_file_has_its_expectation():
    assert len(CORPUS) >= 25
    assert {file.stem for file in CORPUS} == {file.stem for file in CORPUS[0].parent.glob("*.json")}


def test_file_of_moodle_is_known_by_its_first_element():
    assert all(moodle_xml.fits(file.read_bytes()) for file in CORPUS)
    assert not moodle_xml.fits(b"<?xml version='1.0'?><questestinterop><quiz/></questestinterop>")
    assert not moodle_xml.fits(b"What is 2 < 3?\nA. true\nB. false\nANSWER: A\n")


def test_file_of_moodle_is_recognised_among_all_formats():
    assert {formats.recognise("bank.xml", file.read_bytes()).name for file in CORPUS} == {"moodle-xml"}


TEXTS = {"stem": "Which *one*?", "explanation": "Because `x`."}
OURS = [
    ("code_output", {**TEXTS, "code": "print(1)", "language": "python", "answers": ["1"]}, "shortanswer", []),
    ("code_output", {**TEXTS, "code": "print('a\\nb')", "answers": ["a\nb"]}, "essay", ["several lines"]),
    ("numeric", {**TEXTS, "answer": 200, "relative_tolerance": 0.05}, "numerical", ["in percent"]),
    ("numeric", {**TEXTS, "answer": 0.0314, "significant_figures": 2}, "numerical", ["significant figures"]),
    (
        "short_text",
        {**TEXTS, "answers": ["a"], "pattern": "[ab]+", "ignore_accents": True},
        "shortanswer",
        ["accents", "pattern"],
    ),
    ("long_text", {**TEXTS, "guide": "Look for *why*.", "min_words": 5}, "essay", []),
]


@pytest.mark.parametrize(("type_", "body", "theirs", "lost"), OURS)
def test_type_of_ours_is_written_and_says_what_it_loses(type_, body, theirs, lost):
    written = moodle_xml.write([Carried("1", "Name", type_, body)])
    assert f'type="{theirs}"' in written.data.decode()
    assert len(written.left) == len(lost)
    assert all(word in str(left.what) for word, left in zip(lost, written.left, strict=True))
    (again,) = moodle_xml.read(written.data).questions
    assert again.body["explanation"] == body["explanation"]
    assert again.body["stem"].startswith(body["stem"])


def test_allowance_in_percent_becomes_a_number():
    written = moodle_xml.write(
        [Carried("1", "Name", "numeric", {**TEXTS, "answer": 200, "relative_tolerance": 0.05})]
    )
    assert moodle_xml.read(written.data).questions[0].body["tolerance"] == 10


def test_draft_with_a_fault_is_not_written():
    written = moodle_xml.write([Carried("1", "Name", "single", {**TEXTS, "options": []})])
    assert moodle_xml.read(written.data).questions == ()
    assert "2 to 20 options" in str(written.left[0].what)


def test_type_that_nobody_knows_is_not_written():
    (left,) = moodle_xml.write([Carried("1", "Name", "riddle", TEXTS)]).left
    assert left.is_whole
    assert "riddle" in str(left.what)
