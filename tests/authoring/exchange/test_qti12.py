"""QTI 1.2 as the houses write it: the corpus, what is hostile, and what a machine makes of it."""

import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authoring.exchange import formats, qti12
from authoring.exchange.drafting import MOST_QUESTIONS
from authoring.exchange.questions import Reading, UnreadableError
from tests.authoring.exchange import corpus
from tests.authoring.exchange.zips import zipped

NAMES = corpus.names("qti12")
SECONDS = 2


def of_items(items: str) -> bytes:
    return f"<questestinterop><assessment><section>{items}</section></assessment></questestinterop>".encode()


def refusal(data: bytes) -> tuple[str, str]:
    with pytest.raises(UnreadableError) as refused:
        qti12.read(data)
    return str(refused.value.what), refused.value.place


def test_the_corpus_is_as_large_as_it_should_be():
    assert len(NAMES) >= 25


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_the_corpus_is_read_as_written_beside_it(name):
    data = corpus.data("qti12", name)

    assert corpus.said(qti12.read(data)) == corpus.expected("qti12", name)
    assert formats.recognise("upload", data).name == "qti12"


def test_the_place_of_a_question_is_its_line_and_in_a_package_its_file_too():
    alone = qti12.read(corpus.data("qti12", "multiple-choice.xml"))
    packed = qti12.read(corpus.data("qti12", "canvas-package"))

    assert [question.place for question in alone.questions] == ["line 5"]
    assert [question.place for question in packed.questions] == [
        "g1/g1.xml line 5",
        "non_cc_assessments/g1.xml.qti line 5",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "This file is empty."),
        (b"GIFT { = no }", "This is not valid XML"),
        (b"<quiz/>", "This is no QTI 1.2"),
        (b"<questestinterop/>", "There are no questions in it."),
        (b'<!DOCTYPE q [<!ENTITY a "b">]><questestinterop/>', "document type"),
        (zipped({"a.xml": "<quiz/>"}), "The package holds no file of QTI 1.2."),
        (zipped({"a.xml": "<questestinterop><item></questestinterop>"}), "This is not valid XML"),
        (zipped({"../a.xml": "<questestinterop/>"}), "The name leads out of the folder."),
    ],
)
def test_what_is_not_ours_is_refused_with_the_reason(data, said):
    assert said in refusal(data)[0]


def test_entities_that_grow_are_refused():
    bomb = '<!DOCTYPE q [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><questestinterop>&b;</questestinterop>'

    assert "document type" in refusal(bomb.encode())[0]


def test_nothing_is_included_from_outside():
    item = (
        '<item title="x" xmlns:xi="http://www.w3.org/2001/XInclude"><presentation><material><mattext>'
        '<xi:include href="file:///etc/passwd" parse="text"/></mattext></material></presentation></item>'
    )

    assert "root:" not in repr(qti12.read(of_items(item)))


def many(count: int) -> bytes:
    text = corpus.data("qti12", "true-false.xml").decode()
    start, end = text.index("<item "), text.index("</item>") + len("</item>")
    return (text[:start] + text[start:end] * count + text[end:]).encode()


@pytest.mark.parametrize("count", [MOST_QUESTIONS + 1, 10_000])
def test_more_questions_than_anybody_waits_for_are_refused_at_once(count):
    began = time.process_time()

    assert refusal(many(count))[0]
    assert time.process_time() - began < SECONDS


def test_conditions_inside_conditions_without_end_are_refused():
    deep = "<not>" * 5000 + "</not>" * 5000

    assert refusal(of_items(f"<item><resprocessing>{deep}</resprocessing></item>"))[0]


def test_a_response_with_very_many_choices_takes_no_time_to_leave():
    labels = "".join(
        f'<response_label ident="{n}"><material><mattext>{n}</mattext></material></response_label>'
        for n in range(3000)
    )
    equal = "".join(f"<varequal respident='r'>{n}</varequal>" for n in range(3000))
    began = time.process_time()

    reading = qti12.read(
        of_items(
            '<item title="x"><presentation><response_lid ident="r" rcardinality="Multiple"><render_choice>'
            f"{labels}</render_choice></response_lid></presentation><resprocessing><respcondition><conditionvar><and>{equal}"
            '</and></conditionvar><setvar varname="SCORE">1</setvar></respcondition></resprocessing></item>'
        )
    )

    assert time.process_time() - began < SECONDS
    assert [note.is_whole for note in reading.left] == [True]


SEEDS = [corpus.data("qti12", name) for name in NAMES if name.endswith(".xml")]
PIECES = st.sampled_from(
    [
        b"<",
        b">",
        b"&amp;",
        b"&",
        b"]]>",
        b"<item>",
        b"</item>",
        b"<not>",
        b"</not>",
        b"\x00",
        b"\xff",
        b'"',
        b"",
        b"9" * 40,
        b"nan",
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
        assert isinstance(qti12.read(data), Reading)


@given(st.sampled_from(SEEDS), st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_elements_that_go_or_come_twice_are_read_or_refused(data, drawn):
    """The file stays XML, so that the reader itself is tried."""
    pieces = data.split(b"<")
    at = drawn.draw(st.integers(1, len(pieces) - 1))
    name = pieces[at].split(b">")[0].split(b" ")[0].strip(b"/")
    other = drawn.draw(
        st.sampled_from([b"item", b"material", b"other", b"not", b"and", b"section", b"response_lid"])
    )
    with suppress(UnreadableError):
        assert isinstance(
            qti12.read(data.replace(b"<" + name, b"<" + other).replace(b"</" + name, b"</" + other)), Reading
        )
