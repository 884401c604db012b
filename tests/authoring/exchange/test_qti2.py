"""QTI 2.1 and 2.2: the corpus, what we write and read again, and what is hostile."""

import io
import time
import zipfile
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from authoring.exchange import formats, qti2, qti12
from authoring.exchange.drafting import MOST_QUESTIONS
from authoring.exchange.questions import Carried, Reading, UnreadableError
from quizzes import bodies
from tests.authoring.exchange import corpus, qti_rules
from tests.authoring.exchange.zips import zipped

NAMES = corpus.names("qti2")
BOTH = [*(("qti2", name) for name in NAMES), *(("qti12", name) for name in corpus.names("qti12"))]
READERS = {"qti2": qti2.read, "qti12": qti12.read}
SECONDS = 2


def refusal(data: bytes) -> tuple[str, str]:
    with pytest.raises(UnreadableError) as refused:
        qti2.read(data)
    return str(refused.value.what), refused.value.place


def read_again(*questions: Carried) -> list[Carried]:
    written = qti2.write(questions)
    assert not written.left
    return list(corpus.without_places(qti2.read(written.data).questions))


def lost(*questions: Carried) -> list[tuple[str, bool]]:
    return [(str(note.what), note.is_whole) for note in qti2.write(questions).left]


def carried(type_: str, **body) -> Carried:
    return Carried("", "A question", type_, {"stem": "Which?", "explanation": "For this reason.", **body})


OPTIONS = [
    {"key": "a", "text": "One *thing*", "right": True, "feedback": "Yes."},
    {"key": "2nd", "text": "Two\n\n- of\n- them", "right": False, "feedback": "No: $x^2$."},
    {"key": "c", "text": "`code` < 3", "right": False},
]
GAPS = [
    {"key": "word", "type": "short_text", "answers": ["Oslo"], "points": 2},
    {"key": "number", "type": "numeric", "answer": 4.0, "tolerance": 0.5, "unit": "km"},
    {
        "key": "3",
        "type": "choice",
        "options": [{**option, "text": option["key"], "feedback": ""} for option in OPTIONS],
    },
]
for gap in GAPS[2:]:
    for option in gap["options"]:
        del option["feedback"]

OURS = {
    "single": carried("single", options=OPTIONS),
    "multiple": carried(
        "multiple", options=[{**option, "right": option["key"] != "c"} for option in OPTIONS]
    ),
    "true_false": carried("true_false", answer=False),
    "numeric": carried(
        "numeric", answer=3.14, tolerance=0.01, relative_tolerance=0.005, significant_figures=3, unit="m"
    ),
    "short_text": carried("short_text", answers=["Na", "sodium"], case_sensitive=True),
    "ordering": carried(
        "ordering", items=[{"key": key, "text": f"**{key}**"} for key in ("mix", "1st", "bake")], credit="all"
    ),
    "matching": carried(
        "matching",
        prompts=[
            {"key": "a", "text": "France", "match": "a"},
            {"key": "b", "text": "~~Italy~~", "match": "2"},
        ],
        choices=[{"key": "a", "text": "Paris"}, {"key": "2", "text": "Rome"}, {"key": "c", "text": "Oslo"}],
    ),
    "cloze": carried("cloze", text="**{{word}}** is {{number}} away\\\nby {{3}}.", gaps=GAPS),
    "long_text": carried("long_text", guide="Starch **crystals**."),
}


def test_the_corpus_is_as_large_as_it_should_be():
    assert len(NAMES) >= 25


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_the_corpus_is_read_as_written_beside_it(name):
    data = corpus.data("qti2", name)

    assert corpus.said(qti2.read(data)) == corpus.expected("qti2", name)
    assert formats.recognise("upload", data).name == "qti21"


@pytest.mark.parametrize(("family", "name"), BOTH)
def test_what_was_read_comes_back_the_same_when_it_is_written(family, name):
    questions = READERS[family](corpus.data(family, name)).questions

    written = qti2.write(questions)

    assert not written.left
    assert list(corpus.without_places(qti2.read(written.data).questions if questions else ())) == list(
        corpus.without_places(questions)
    )


@pytest.mark.parametrize("type_", sorted(OURS))
def test_each_of_our_types_goes_and_comes_back(type_):
    assert read_again(OURS[type_]) == [OURS[type_]]


def test_what_stands_round_a_question_comes_back_too():
    first = replace(OURS["single"], category=("Bread", "Flour"), tags=("rye", "2nd"), points=2.5, key="1-rye")
    second = replace(OURS["true_false"], category=("Bread",), key="crust")
    third = replace(OURS["true_false"], category=("Bread", "Flour"), name="<b> & “quotes”")

    assert read_again(first, second, third) == [first, second, third]


def test_what_cannot_be_carried_is_said():
    units = [{"unit": "m", "factor": 0.001}]
    assert lost(carried("code_output", code="print(1)", answers=["1"])) == [
        ("QTI has nothing for questions of the type “code_output”.", True)
    ]
    assert lost(carried("numeric", answer=2.0, unit="km", units=units, formula="1 + 1")) == [
        ("The further units in which it may be answered.", False),
        ("The formula behind the number.", False),
    ]
    assert lost(carried("short_text", answers=["é"], ignore_accents=True, pattern="e+")) == [
        ("The pattern of further right answers.", False),
        ("That accents don’t count.", False),
    ]
    assert lost(carried("long_text", min_words=100)) == [("How many words are asked for.", False)]
    assert lost(carried("single", options=OPTIONS[1:]))[0][1]
    assert "difficulty" in lost(replace(OURS["single"], difficulty=5))[0][0]


def test_of_every_type_of_the_house_it_is_known_whether_it_goes():
    assert set(bodies.TYPES) - set(OURS) <= {"code_output"}


@pytest.mark.parametrize("type_", sorted(OURS))
def test_what_is_written_keeps_the_rules_of_qti(type_):
    question = replace(OURS[type_], category=("Bread",), points=2.0, tags=("rye",), key="rye")
    with zipfile.ZipFile(io.BytesIO(qti2.write([question, OURS["single"]]).data)) as package:
        names = package.namelist()
        roots = [etree.fromstring(package.read(name)) for name in names if name != "imsmanifest.xml"]
        manifest = etree.fromstring(package.read("imsmanifest.xml"))

    assert [fault for root in roots for fault in qti_rules.faults(root)] == []
    listed = [file.get("href") for file in manifest.iter("{*}file")]
    assert set(listed) == set(names) - {"imsmanifest.xml"}
    assert {one.get("identifierref") for one in manifest.iter("{*}dependency")} <= {
        one.get("identifier") for one in manifest.iter("{*}resource")
    }


def test_our_rules_of_qti_can_fail():
    item = etree.fromstring(
        f'<assessmentItem xmlns="{qti_rules.QTI[1:-1]}" identifier="1"><u/><itemBody/></assessmentItem>'
    )

    assert {
        "assessmentItem lacks title",
        "1 is no identifier",
        "u is no element that we write",
        "assessmentItem does not take <u><itemBody>",
    } <= set(qti_rules.faults(item))


def test_equal_questions_give_equal_bytes():
    assert qti2.write([OURS["single"]]).data == qti2.write([OURS["single"]]).data


def test_an_answer_that_is_right_here_earns_everything_there_too():
    """What is read back marks as what was written, not only looks like it."""
    for question in OURS.values():
        (again,) = read_again(question)
        body, before = bodies.body(again.type, again.body), bodies.body(question.type, question.body)
        if question.type != "long_text":
            assert body.mark(before.right_value()) == Fraction(1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "This file is empty."),
        (b"::GIFT:: no {}", "This is not valid XML"),
        (b"<questestinterop/>", "This is no QTI 2"),
        (b'<!DOCTYPE a [<!ENTITY a "b">]><assessmentItem/>', "document type"),
        (zipped({"imsmanifest.xml": "<manifest/>"}), "The package holds no item of QTI 2."),
        (zipped({"imsmanifest.xml": "<manifest>", "a.xml": "<assessmentItem/>"}), "This is not valid XML"),
        (zipped({"a.xml": "<assessmentItem>"}), "This is not valid XML"),
        (zipped({"/a.xml": "<assessmentItem/>"}), "The name leads out of the folder."),
    ],
)
def test_what_is_not_ours_is_refused_with_the_reason(data, said):
    assert said in refusal(data)[0]


def test_an_address_in_the_manifest_leads_nowhere_outside():
    manifest = '<manifest><resources><resource href="../../../etc/passwd"/><resource href="file:///etc/passwd"/></resources></manifest>'
    item = corpus.data("qti2", "choice-single.xml")

    assert len(qti2.read(zipped({"imsmanifest.xml": manifest, "a.xml": item})).questions) == 1


def test_nothing_is_included_from_outside():
    text = corpus.data("qti2", "choice-single.xml").decode()
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>'

    assert "root:" not in repr(qti2.read(text.replace("<p>", f"<p>{include}").encode()))


def test_more_items_than_anybody_waits_for_are_refused_at_once():
    package = zipped({f"{number}.xml": "<assessmentItem/>" for number in range(MOST_QUESTIONS + 1)})
    began = time.process_time()

    assert refusal(package)[0].startswith("There are more than ")
    assert time.process_time() - began < SECONDS


def test_rules_without_end_are_left():
    text = corpus.data("qti2", "rule-not-understood.xml").decode()
    start, end = text.index("<customOperator"), text.index("</customOperator>") + len("</customOperator>")
    long = "<sum>" + '<mapResponse identifier="RESPONSE"/>' * 5000 + "</sum>"

    (note,) = qti2.read((text[:start] + long + text[end:]).encode()).left

    assert str(note.what) == "It has more rules than can be worked out."


SEEDS = [corpus.data("qti2", name) for name in NAMES if name.endswith(".xml")]
PIECES = st.sampled_from(
    [
        b"<",
        b">",
        b"&amp;",
        b"&",
        b"]]>",
        b"<gap/>",
        b"</itemBody>",
        b"<not>",
        b"\x00",
        b"\xff",
        b'"',
        b"",
        b"9" * 400,
        b"nan",
        b"-1",
    ]
)


CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), PIECES), min_size=1, max_size=6)


@given(st.sampled_from(SEEDS), CHANGES)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_damaged_is_read_or_refused(data, changes):
    _check_damaged(data, changes)


@pytest.mark.long
@given(st.sampled_from(SEEDS), CHANGES)
@settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_damaged_is_read_or_refused_at_length(data, changes):
    _check_damaged(data, changes)


def _check_damaged(data: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    for part, length, piece in changes:
        at = int(part * len(data))
        data = data[:at] + piece + data[at + length :]
    with suppress(UnreadableError):
        assert isinstance(qti2.read(data), Reading)


WORDS = sorted(
    {
        piece
        for seed in SEEDS
        for piece in seed.replace(b">", b" ").replace(b"<", b" ").replace(b"/", b" ").split()
        if piece.isalnum()
    }
)


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)), min_size=1, max_size=4),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_names_and_values_that_change_places_are_read_or_refused(data, changes):
    """The file stays XML, so that the reader itself is tried."""
    for old, new in changes:
        data = data.replace(old, new)
    with suppress(UnreadableError):
        reading = qti2.read(data)
        assert not qti2.write(reading.questions).data.startswith(b"<")
