"""Reading and writing YAML: plain data with lines, dangers refused, and what is written is read back."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from authoring import yaml_out, yaml_text
from roadmap.document import CONTROL


def faults_of(text: str) -> list[str]:
    return [str(fault) for fault in yaml_text.read(text, "a.yaml").faults]


def test_data_comes_with_the_line_of_each_part():
    marked = yaml_text.read("key: a\nlist:\n- one\n- deep:\n    more: 2\n", "a.yaml")

    assert marked.data == {"key": "a", "list": ["one", {"deep": {"more": 2}}]}
    assert marked.lines["key",] == 1
    assert marked.lines["list", 1] == 4
    assert marked.lines["list", 1, "deep", "more"] == 5


def test_yes_no_dates_and_quoted_numbers_stay_texts():
    text = "[yes, no, on, 2026-11-24, '7', 1:30, 7, 1.5, 1e3, true, null, ~]"

    data = yaml_text.read(text, "a.yaml").data

    assert data == ["yes", "no", "on", "2026-11-24", "7", "1:30", 7, 1.5, 1000.0, True, None, None]


def test_a_name_given_twice_is_a_fault_on_the_second_line():
    assert faults_of("key: a\ntitle: b\nkey: c\n") == [
        "a.yaml:3: “key” stands here a second time; the first is on line 1. Keep one of the two."
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: &x [1]\nb: *x\n", "a.yaml:1: Anchors"),
        ("a: 1\nb: !!python/object:os.system x\n", "a.yaml:2: Tags"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2: A second document"),
        ("a: 1\n b: 2\n", "a.yaml:2: This is not valid YAML"),
        ("? [a]\n: 1\n", "a.yaml:1: A list or mapping stands where a name belongs"),
        ("[" * 100 + "]" * 100, "a.yaml:1: This is nested too deeply"),
    ],
)
def test_what_is_dangerous_or_broken_is_refused_with_its_line(text, what):
    marked = yaml_text.read(text, "a.yaml")

    assert marked.data is None
    assert str(marked.faults[0]).startswith(what)


def test_front_matter_counts_the_lines_of_the_whole_file():
    marked, body = yaml_text.read_front_matter("---\nkey: a\ntitle: b\n---\n\nSome *text*.\n", "a.md")

    assert marked.data == {"key": "a", "title": "b"}
    assert marked.lines["title",] == 3
    assert body == "Some *text*."


def test_a_file_without_front_matter_says_how_to_begin():
    marked, _ = yaml_text.read_front_matter("Just text.\n", "a.md")

    assert str(marked.faults[0]).startswith("a.md:1: The fields at the top are missing. Begin the file")


texts = st.text(max_size=200).filter(lambda text: not CONTROL.search(text) and "\r" not in text)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_what_is_written_is_read_back(value):
    assert yaml_text.read(yaml_out.dump({"value": value}), "a.yaml").data == {"value": value}


@given(st.text(alphabet="0123456789.eE+-_:xo~ \n#&*!|>'\"%@`{}[],?", max_size=12))
def test_texts_that_look_like_something_else_are_read_back_by_us_and_by_others(text):
    written = yaml_out.dump({"value": text})

    assert yaml_text.read(written, "a.yaml").data == {"value": text}
    assert yaml.safe_load(written) == {"value": text}
