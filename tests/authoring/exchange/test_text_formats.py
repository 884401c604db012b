"""GIFT, Aiken and tables: a file for each thing they can say, and nothing that makes a reader fail or wait."""

import csv
import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authoring.exchange import aiken, budget, decoding, formats, gift, plain_text, table, yaml_file
from authoring.exchange.questions import Carried, Left, Reading, UnreadableError
from quizzes import bodies
from roadmap import rendering

CORPUS = Path(__file__).parent / "corpus"
FORMATS: dict[str, Callable[[bytes], Reading]] = {"gift": gift.read, "aiken": aiken.read, "csv": table.read}
WRITERS = {"gift": gift.write, "csv": table.write, "yaml": yaml_file.write}
READERS = {**FORMATS, "yaml": yaml_file.read}
SECONDS = 2


def corpus(family: str) -> list[Path]:
    return sorted(path for path in (CORPUS / family).iterdir() if path.suffix != ".json")


FILES = [path for family in FORMATS for path in corpus(family)]


def said(reading: Reading) -> Any:
    """A reading as plain JSON, without what is empty."""
    return {
        "questions": [_plain(asdict(question)) for question in reading.questions],
        "left": [
            [left.place, left.name, str(left.what), "whole" if left.is_whole else "part"]
            for left in reading.left
        ],
    }


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """As JSON gives it back."""
    kept = {name: value for name, value in fields.items() if value not in ("", (), None)}
    return json.loads(json.dumps(kept))


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def without_places(questions: tuple[Carried, ...]) -> list[Carried]:
    return [replace(question, place="") for question in questions]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_is_read_as_it_says(path):
    expected = json.loads(path.with_name(path.name + ".json").read_text())

    assert said(FORMATS[path.parent.name](path.read_bytes())) == expected


@pytest.mark.parametrize("family", FORMATS)
def test_there_is_a_file_for_each_thing_a_format_can_say(family):
    assert len(corpus(family)) >= 25


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_is_known_by_what_is_in_it(path):
    assert formats.recognise("upload", path.read_bytes()).name == path.parent.name


@pytest.mark.parametrize("into", WRITERS)
@pytest.mark.parametrize("path", FILES, ids=named)
def test_what_is_written_is_read_again_as_it_was(path, into):
    questions = FORMATS[path.parent.name](path.read_bytes()).questions
    written = WRITERS[into](questions)
    whole = {left.name for left in written.left if left.is_whole}
    if len(whole) == len({question.name for question in questions}):
        return

    first = READERS[into](written.data)
    assert len(first.questions) >= len([one for one in questions if one.name not in whole])
    second = READERS[into](WRITERS[into](first.questions).data)
    assert without_places(second.questions) == without_places(first.questions)
    if into == path.parent.name == "gift":
        kept = [question for question in questions if question.name not in whole]
        assert without_places(first.questions) == without_places(tuple(kept))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_draft_of_the_corpus_lacks_at_most_an_explanation_or_says_why(path):
    reading = FORMATS[path.parent.name](path.read_bytes())
    said_of = {left.name for left in reading.left}
    for question in reading.questions:
        places = {fault.place for fault in bodies.faults(question.type, question.body)}
        assert places <= {"explanation"} or question.name in said_of or "none-right" in path.name


# What no file can do


TRAPS = {
    "nested braces": "{" * 500_000,
    "braces in turn": "{}" * 300_000,
    "backslashes": "\\" * 1_000_000,
    "open formulas": "\\(" * 400_000 + "{T}",
    "dollars": "$" * 900_000 + "{T}",
    "colons": "::" * 400_000,
    "blocks that never close": "a{\n\n" * 4_000,
    "weights": "q{" + "~%50%a" * 100_000 + "}",
    "matches": "q{" + "=a -> b" * 60_000 + "}",
    "feedback": "q{=a" + "#" * 900_000 + "}",
    "general feedback": "q{=a" + "####" * 200_000 + "}",
    "tags": "// " + "[tag:" * 180_000 + "\nq{T}",
    "digits": "q{#" + "9" * 900_000 + "}",
    "html": "[html]" + "<b>" * 250_000 + "{T}",
    "broken html": "[html]" + "<a href=" * 90_000 + "{T}",
    "paragraphs": "[html]" + "<p>x" * 150_000 + "{T}",
    "entities": "[html]" + "&#" * 400_000 + "{T}",
    "emphasis": "*_" * 450_000 + "{T}",
    "brackets": "[" * 800_000 + "]({T}",
    "blank lines": "\n" * 2_000_000 + "a{T}",
    "one long line of options": "Q\n" + "A. x\n" * 150_000 + "ANSWER: A\n",
    "answers": "ANSWER: A\n" * 300_000,
    "stems": "Q\n" * 400_000 + "A. x\nB. y\nANSWER: A\n",
    "quotes": '"' * 900_000,
    "commas": "stem,right\n" + "," * 900_000,
    "columns": ",".join(["stem", *("a",) * 300_000]) + "\nx,y\n",
    "bars": "stem,right,option 1,option 2\nq," + "|" * 120_000 + ",a,b\n",
    "minuses": "- " * 300_000,
    "yaml lists": "[" * 300_000,
    "yaml keys": "questions:\n" + "- a: {" * 50_000,
}


@pytest.mark.parametrize("length", [200_000, pytest.param(4_000_000, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_read_or_refused_within_two_seconds(name, length):
    data = TRAPS[name][:length].encode()
    for read in READERS.values():
        began = time.process_time()
        _read_or_refuse(read, data)
        assert time.process_time() - began < SECONDS


def _read_or_refuse(read: Callable[[bytes], Reading], data: bytes) -> None:
    """Anything else than a reading or a refusal fails here."""
    try:
        reading = read(data)
    except UnreadableError:
        return
    assert all(isinstance(left, Left) for left in reading.left)
    for question in reading.questions:
        json.dumps(question.body).encode()


SIGNS = st.text(st.sampled_from('{}=~#%:\\$-> \n/[]()*_<&|",;A.1abéT\r'), max_size=200)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=SIGNS)
def test_whatever_is_typed_is_read_or_refused(text):
    for read in READERS.values():
        _read_or_refuse(read, text.encode())


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=300))
def test_whatever_bytes_come_are_read_or_refused(data):
    for read in READERS.values():
        _read_or_refuse(read, data)


def _mutated(path: Path, cut: int, put: bytes, at: int) -> Iterator[bytes]:
    data = path.read_bytes()
    place = at % (len(data) + 1)
    yield data[:place] + put + data[place:]
    yield data[:place] + data[place + cut :]
    yield data[place:] + data[:place]


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    path=st.sampled_from(FILES),
    cut=st.integers(1, 20),
    at=st.integers(0, 2000),
    put=st.binary(max_size=6) | SIGNS.map(str.encode),
)
def test_a_file_that_was_damaged_is_read_or_refused(path, cut, at, put):
    _check_damaged(path, cut, at, put)


@pytest.mark.long
@settings(max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    path=st.sampled_from(FILES),
    cut=st.integers(1, 20),
    at=st.integers(0, 2000),
    put=st.binary(max_size=6) | SIGNS.map(str.encode),
)
def test_a_file_that_was_damaged_is_read_or_refused_at_length(path, cut, at, put):
    _check_damaged(path, cut, at, put)


def _check_damaged(path: Path, cut: int, at: int, put: bytes) -> None:
    for data in _mutated(path, cut, put, at):
        _read_or_refuse(FORMATS[path.parent.name], data)


@settings(max_examples=50, deadline=None)
@given(text=st.text(st.sampled_from("ab1*_`[]()<>&#$\\-+.~|!^: "), min_size=1, max_size=40))
def test_plain_text_reads_as_it_was_once_it_is_markdown(text):
    """Outside of formulas, whose signs the house draws by itself."""
    if "$" in text or "\\(" in text or "\\[" in text:
        return
    shown = rendering.inline(plain_text.markdown(text))
    bare = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("&nbsp;", "\xa0")
    assert " ".join(bare.split()) == " ".join(text.split())


# Encodings


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"caf\xc3\xa9", "café"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "café"),
        ("café and tea".encode("utf-16"), "café and tea"),
        ("café and tea".encode("utf-16-be"), "café and tea"),
        ("café and tea".encode("utf-16-le"), "café and tea"),
        ("café".encode("utf-32"), "café"),
        (b"caf\xe9 \x80 5", "café € 5"),
        (b"a\r\nb\rc\x0bd\x85e".replace(b"\x85", "\x85".encode()), "a\nb\nc d e"),
        (b"", ""),
    ],
)
def test_bytes_are_read_whatever_machine_wrote_them(data, text):
    assert decoding.decode(data).text == text


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"a\nb\x00c", "line 2"),
        (b"a\n\nb\x1bc", "line 3"),
        (b"caf\xe9\n\x81\x8d", "line 2"),
        ("a\n\ufdd0".encode(), "line 2"),
        (b"\xff\xfea\x00b", "line 1"),
    ],
)
def test_what_no_text_has_is_refused_with_its_place(data, place):
    with pytest.raises(UnreadableError) as refused:
        decoding.decode(data)
    assert refused.value.place == place


def test_a_file_that_is_too_large_is_refused_before_it_is_read():
    with pytest.raises(UnreadableError, match="larger than 4 MB"):
        decoding.decode(b"a" * (decoding.MOST_BYTES + 1))


@pytest.mark.parametrize(
    "text", [b"- {key: a, type: true_false, stem: b}", b"- { stem: b }", b"questions:\n- stem: b"]
)
def test_yaml_is_known_however_it_is_set(text):
    assert formats.recognise("upload", text).name == "yaml"


# Much markup


MARKUP = b"<p>a <b>b</b> <i>c</i></p>" * 1_000
WEIGHED = {
    "gift": b"\n\n".join(b"::N%d::[html]%s {T}" % (number, MARKUP) for number in range(70)),
    "moodle-xml": b"<quiz>"
    + b"".join(
        b'<question type="essay"><questiontext format="html"><text><![CDATA[%s]]></text></questiontext></question>'
        % MARKUP
        for _number in range(70)
    )
    + b"</quiz>",
    "qti12": b"<questestinterop>"
    + b"".join(
        b'<item ident="i%d"><itemmetadata><qtimetadata><qtimetadatafield><fieldlabel>question_type</fieldlabel>'
        b"<fieldentry>essay_question</fieldentry></qtimetadatafield></qtimetadata></itemmetadata><presentation>"
        b'<material><mattext texttype="text/html"><![CDATA[%s]]></mattext></material>'
        b'<response_str ident="r"><render_fib/></response_str></presentation></item>' % (number, MARKUP)
        for number in range(70)
    )
    + b"</questestinterop>",
}


@pytest.mark.parametrize("name", WEIGHED)
def test_a_file_with_more_markup_than_is_read_at_once_is_refused(name, monkeypatch):
    monkeypatch.setattr(budget.Budget.__init__, "__defaults__", (50_000,))
    with pytest.raises(UnreadableError, match="more formatted text than is read at once"):
        formats.read(WEIGHED[name], format_name=name)


@pytest.mark.parametrize("name", WEIGHED)
def test_plain_words_do_not_count_as_markup(name, monkeypatch):
    monkeypatch.setattr(budget.Budget.__init__, "__defaults__", (50_000,))
    assert formats.read(WEIGHED[name].replace(MARKUP, b"word " * 80), format_name=name)[1].questions


# Cells that a spreadsheet would work out


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'=", "''-"])
def test_a_cell_that_a_spreadsheet_would_work_out_is_quoted_and_read_as_it_was(sign):
    said = f'{sign}HYPERLINK("http://x.de")'
    option = {"text": said, "right": True, "feedback": said}
    body = {
        "stem": said,
        "explanation": said,
        "options": [{"key": "a", **option}, {"key": "b", **option, "right": False}],
    }
    typed = {"stem": said, "explanation": said, "answers": [said, "b"]}
    questions = (
        Carried("row 2", said, "single", body, (said,), (f"{sign}tag",), 1.0, 3, said),
        Carried("row 3", said, "short_text", typed, (said,), (f"{sign}tag",), 1.0, 3, said),
    )

    written = table.write(questions).data

    cells = [cell for row in csv.reader(io.StringIO(written.decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20")]
    assert table.read(written).questions == questions
