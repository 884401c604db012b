"""Folding, questions, near words and snippets: rules without a database."""

import html
import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.folding import flat, fold, indexed, plain, question, respelled
from roadmap.nearness import FAR, allowed, distance, left_out, nearest
from roadmap.snippet import CLOSE, LENGTH, OPEN, marked, snippet, spans

WORDS = st.text("abcde", min_size=3, max_size=12)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Café", "cafe"),
        ("Straße", "strasse"),
        ("C++, C# and F#", "cplusplus csharp and fsharp"),
        ("nn.Module", "nn module"),
        ("train_test_split", "train test split"),
        ("Python 3.11 (2,5 GB)", "python 3.11 2.5 gb"),
        (".NET", "dotnet"),
        ("Łódź", "lodz"),
        ("日本語", "日本語"),
        ("...", ""),
        ("Waymark℠", "waymarksm"),
    ],
)
def test_words_are_folded(text, folded):
    assert fold(text) == folded


def test_other_spellings_are_found_too():
    assert indexed("pre-trained") == "pre trained pretrained"
    assert indexed("GridSearchCV") == "gridsearchcv grid search cv"
    assert indexed("Müller") == "muller mueller"


@given(st.text())
def test_folding_again_changes_nothing_and_no_text_is_an_error(text):
    assert fold(fold(text)) == fold(text)
    assert len(flat(text)) == len(text)
    indexed(text)
    plain(text)
    asked = question(text)
    assert re.fullmatch(r"[^\x00-\x1f<>&|!():*\'\\]*", asked.web)
    assert re.fullmatch(r"[^\W_]*(\.\d+)*", asked.begun)


def test_a_question_only_of_what_shall_not_be_is_read_as_words():
    assert question("-leakage").web == "leakage"
    assert question('-""').web == ""


def test_markdown_is_read_aloud():
    assert plain("## Head\n\n- **bold** [link](https://x.org) `code`\n> said") == "Head bold link code said"


def test_other_words_take_the_place_of_those_typed():
    assert (
        respelled("comon Leakgae in nn.Module", {"comon": "common", "leakgae": "leakage"})
        == "common leakage in nn.Module"
    )


def slow_distance(a: str, b: str) -> int:
    """Optimal string alignment by its definition."""
    if not a or not b:
        return len(a) + len(b)
    found = [
        slow_distance(a[1:], b) + 1,
        slow_distance(a, b[1:]) + 1,
        slow_distance(a[1:], b[1:]) + (a[0] != b[0]),
    ]
    if len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0]:
        found.append(slow_distance(a[2:], b[2:]) + 1)
    return min(found)


@given(st.text("abc", max_size=5), st.text("abc", max_size=5))
def test_distance_is_what_its_definition_says(a, b):
    assert distance(a, b) == min(slow_distance(a, b), FAR + 1) == distance(b, a)


@given(WORDS, WORDS)
def test_near_words_share_a_number(a, b):
    if distance(a, b) <= FAR:
        assert left_out(a) & left_out(b)


@given(WORDS, st.lists(st.sampled_from("idrs"), min_size=1, max_size=FAR), st.randoms())
def test_a_word_mistyped_is_found_by_its_numbers(word, edits, dice):
    typed = word
    for edit in edits:
        at = dice.randrange(len(typed))
        typed = {
            "i": typed[:at] + "x" + typed[at:],
            "d": typed[:at] + typed[at + 1 :] or "x",
            "r": typed[:at] + "y" + typed[at + 1 :],
            "s": typed[:at] + typed[at : at + 2][::-1] + typed[at + 2 :],
        }[edit]
    if len(typed) >= 3 and distance(typed, word) <= FAR:
        assert left_out(typed) & left_out(word)


def test_the_nearest_word_is_meant_and_the_most_frequent_among_equals():
    assert nearest("leakgae", [("leakage", 1), ("leaking", 90)]) == "leakage"
    assert nearest("cat", [("cut", 2), ("car", 5)]) == "car"
    assert nearest("cat", [("dog", 5)]) is None
    assert nearest("cat", [("coot", 5)]) is None
    assert allowed("cats") == 1


def test_many_near_words_are_compared_within_twenty_milliseconds():
    dice = random.Random(1)
    words = [("".join(dice.choices("aeiostrnl", k=9)), 1) for _word in range(400)]
    began = time.process_time()
    nearest("aeiostrnl", words)
    assert time.process_time() - began < 0.02


@given(st.text(max_size=600).filter(lambda text: OPEN not in text and CLOSE not in text), st.data())
def test_marks_never_change_the_text_nor_let_html_through(text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    places = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < b]
    with_signs = "".join(
        OPEN * sum(a == n for a, _b in places) + sign + CLOSE * sum(b == n + 1 for _a, b in places)
        for n, sign in enumerate(text)
    )
    assert spans(with_signs) == places

    whole = marked(text, places)
    assert html.unescape(re.sub("</?mark>", "", whole)) == html.unescape(html.escape(text))
    piece = snippet(text, places)
    assert not re.search("<(?!/?mark>)", piece)
    assert piece.count("<mark>") == piece.count("</mark>")
    assert len(html.unescape(re.sub("</?mark>", "", piece))) <= LENGTH + 4


def test_a_snippet_shows_where_most_was_found():
    text = "leak " + "nothing to see here " * 30 + "data leakage leaks data " + "and so on " * 30
    at = text.index("data leakage")
    places = [(0, 4), (at, at + 4), (at + 5, at + 12), (at + 13, at + 18)]

    assert "<mark>data</mark> <mark>leakage</mark> <mark>leaks</mark>" in snippet(text, places)
