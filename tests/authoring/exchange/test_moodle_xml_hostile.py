from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authoring.exchange import moodle_xml, xml_text
from authoring.exchange.questions import Reading, UnreadableError

CORPUS = [
    file.read_bytes() for file in sorted((Path(__file__).parent / "corpus" / "moodle_xml").glob("*.xml"))
]
AT_MOST = 2  # seconds of work for a file

QUESTION = (
    b'<question type="truefalse"><questiontext format="html"><text>%s</text></questiontext>'
    b'<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question>'
)
LAUGHS = (
    b"<!DOCTYPE quiz [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]><quiz>" + QUESTION % b"&b;" + b"</quiz>"
)
OUTSIDE = b"<!DOCTYPE quiz [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><quiz>" + QUESTION % b"&x;" + b"</quiz>"
DEEP = b"<quiz>" + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</quiz>"


def quiz(text: bytes) -> bytes:
    return b"<quiz>" + QUESTION % text + b"</quiz>"


def read_in_time(data: bytes) -> Reading | UnreadableError:
    start = time.process_time()
    try:
        return moodle_xml.read(data)
    except UnreadableError as refused:
        return refused
    finally:
        assert time.process_time() - start < AT_MOST


@pytest.mark.parametrize(
    ("data", "says", "place"),
    [
        (LAUGHS, "document type of its own", "line 1"),
        (OUTSIDE, "document type of its own", "line 1"),
        (
            b"<?xml version='1.0'?>\n<!-- a -->\n<!DOCTYPE quiz [ <!ELEMENT quiz ANY> ]>\n<quiz/>",
            "document type",
            "line 3",
        ),
        (quiz(b"&undeclared;"), "not valid XML", "line 1"),
        (DEEP, "goes this deep", "line 1"),
        (b"<quiz>" + b"<question/>" * 110_000 + b"</quiz>", "so many parts", "line 1"),
        (b"<quiz>" + (QUESTION % b"a") * 2_001 + b"</quiz>", "More than 2000 questions", "line 1"),
        (quiz(b"x" * 50_000_000), "larger than 16 MB", ""),
        (quiz(b"x" * 12_000_000), "too long", "line 1"),
        (b"<quiz>\n<question>\n</quiz>", "not valid XML: Opening and ending tag mismatch", "line 3"),
        (b"<quiz>\n", "not valid XML", "line 2"),
        (b"<quiz>\n\n\x07</quiz>", "not valid XML", "line 3"),
        (b"", "empty", ""),
        (b"  \n ", "empty", ""),
        (b"Q: What is 2+2?", "not valid XML", "line 1"),
        (b"<html><body>no</body></html>", "not Moodle", "line 1"),
        (b"\xff\xfe<\0q\0u", "begins as utf-16", ""),
        (b"<?xml version='1.0' encoding='utf-8'?><quiz>\x81\x8d</quiz>", "letters of this file", ""),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value[:24] or None,
)
def test_file_that_is_broken_or_hostile_is_refused_with_its_line(data, says, place):
    refused = read_in_time(data)
    assert isinstance(refused, UnreadableError)
    assert says in str(refused.what)
    assert refused.place == place


def test_nothing_is_included():
    data = quiz(b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>')
    reading = moodle_xml.read(data)
    assert "root:" not in str(reading)
    assert [str(left.what) for left in reading.left] == ["stem: This text is empty."]


def test_codec_that_is_no_encoding_of_files_is_not_tried():
    data = b"<?xml version='1.0' encoding='unicode_escape'?><quiz>" + QUESTION % b"\\u0041" + b"</quiz>"
    assert moodle_xml.read(data).questions[0].body["stem"] == "\\\\u0041"


@pytest.mark.parametrize(
    "text",
    [
        b"&lt;b&gt;" * 20_000,
        b"&lt;div&gt;&lt;ul&gt;&lt;li&gt;" * 9_000,
        b"&lt;i&gt;a&lt;b&gt;b" * 6_000,
        b"[" * 19_000,
        b"![](" * 19_000,
        b"*" * 19_000,
        b"`" * 19_000,
        b"\\(" * 19_000,
        b"$$x" * 19_000,
        b"$" * 19_000,
        b"_a" * 19_000,
        b"&amp;lt;" * 9_000,
        b"&lt;table&gt;&lt;tr&gt;&lt;td&gt;" * 5_000,
        b"{1:SA:" * 30_000,
        b"{1:SA:=a}" * 20_000,
        b"data:a/b;base64," * 12_000,
        b"&lt;blockquote&gt;" * 10_000 + b"x",
        b"- a\n" * 19_000,
        b"a\n\n" * 19_000,
        b"| a | b |\n" * 5_000,
    ],
    ids=range(20),
)
@pytest.mark.parametrize("kind", [b"truefalse", b"cloze"])
def test_text_that_costs_much_is_read_in_time(kind, text):
    assert isinstance(read_in_time(quiz(text).replace(b"truefalse", kind)), Reading)


@pytest.mark.parametrize("mark", [b"%", b"\\", b"#", b"~", b"%50", b"=", b"\\}"])
def test_gap_that_costs_much_is_read_in_time(mark):
    data = quiz(b"{1:MULTICHOICE:" + mark * 50_000 + b"}").replace(b"truefalse", b"cloze")
    assert isinstance(read_in_time(data), Reading)


def test_answers_with_stars_cost_no_time():
    stars = b'<answer fraction="100"><text>' + b"a*" * 20_000 + b"</text></answer>"
    data = (
        quiz(b"x")
        .replace(b"truefalse", b"shortanswer")
        .replace(b"</questiontext>", b"</questiontext>" + stars)
    )
    assert isinstance(read_in_time(data), Reading)


PIECES = st.sampled_from(
    [
        *(
            b"<",
            b">",
            b"</text>",
            b"<text>",
            b"]]>",
            b"<![CDATA[",
            b"&amp;",
            b"&#0;",
            b"&lt;",
            b"\0",
            b"\xff",
            b"100",
            b"-1",
        ),
        *(
            b"nan",
            b"1e999",
            b"<answer>",
            b"<question>",
            b"{1:MC:",
            b"{{gap-1}}",
            b"[[1]]",
            b"[[999]]",
            b"~",
            b"=",
            b"$$",
            b"\\(",
        ),
        *(
            b'fraction="inf"',
            b"zqgap0qz",
            b"<p>",
            b"<b>",
            b"\xee\x80\x90",
            b"multichoice",
            b"cloze",
            b"ordering",
            b"numerical",
        ),
    ]
)


@st.composite
def mutated(draw):
    """A file of the corpus with some of it cut out, doubled, or overwritten."""
    data = draw(st.sampled_from(CORPUS))
    for _turn in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 60)))
        other = draw(st.one_of(PIECES, st.binary(max_size=6), st.just(data[start:end] * 2)))
        data = data[:start] + other + data[end:]
    return data


def check(data: bytes) -> None:
    reading = read_in_time(data)
    if isinstance(reading, Reading):
        written = moodle_xml.write(reading.questions)
        again = moodle_xml.read(written.data)
        assert [one.body for one in again.questions] == [one.body for one in reading.questions]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_damaged_file_is_read_or_refused_and_what_is_read_comes_back(data):
    check(data)


@pytest.mark.long
@settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_damaged_file_is_read_or_refused_and_what_is_read_comes_back_at_length(data):
    check(data)


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_refused(data):
    with suppress(UnreadableError):
        assert xml_text.tree(data) is not None
