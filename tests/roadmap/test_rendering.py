"""Markdown as safe HTML: nothing that was typed is obeyed."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap import rendering


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "[go](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        '"><svg onload=alert(1)>',
        "[go](data:text/html;base64,PHNjcmlwdD4=)",
        '```"onmouseover=alert(1)\nx\n```',
    ],
)
def test_nothing_typed_becomes_a_script(typed: str) -> None:
    for drawn in (rendering.html(typed), rendering.inline(typed)):
        assert "<script" not in drawn
        assert "<img" not in drawn
        assert "<svg" not in drawn
        assert 'href="javascript' not in drawn
        assert 'href="data' not in drawn


@given(st.text(max_size=200))
def test_no_text_breaks_it_or_smuggles_a_tag_in(text: str) -> None:
    assert "<script" not in rendering.html(text).lower()
    assert "<iframe" not in rendering.inline(text).lower()


def test_a_page_keeps_its_own_first_heading() -> None:
    assert rendering.html("# Mine") == "<h2>Mine</h2>\n"


def test_code_is_coloured_by_the_four_classes_of_the_look() -> None:
    drawn = rendering.html('```python\ndef f(): return "a"  # c\n```')
    assert '<pre class="code" tabindex="0">' in drawn
    assert '<span class="k">def</span>' in drawn
    assert '<span class="c"># c</span>' in drawn


def test_code_in_an_unknown_language_is_shown_plain() -> None:
    assert rendering.code("a < b", "no-such-language") == "a &lt; b"


def test_links_lead_out_without_telling_where_from() -> None:
    assert 'rel="noopener noreferrer"' in rendering.html("[there](https://example.org)")


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("so $a_1 < b_2$ holds", '<p>so <span class="math inline">a_1 &lt; b_2</span> holds</p>\n'),
        ("$$\na*b*c\n$$", '<div class="math block" tabindex="0">a*b*c</div>\n'),
        ("it costs $5, not $10", "<p>it costs $5, not $10</p>\n"),
        ("echo $HOME and $PATH", "<p>echo $HOME and $PATH</p>\n"),
        (r"\$a\$", "<p>$a$</p>\n"),
        ("`$a$`", "<p><code>$a$</code></p>\n"),
        ("$<img src=x>$", '<p><span class="math inline">&lt;img src=x&gt;</span></p>\n'),
    ],
)
def test_formulas_keep_their_tex_and_money_stays_money(typed: str, drawn: str) -> None:
    assert rendering.html(typed) == drawn


def test_addresses_are_links_and_names_of_files_are_not() -> None:
    drawn = rendering.html("Run train.py as https://example.org/a says.")
    assert "Run train.py as <a " in drawn
    assert 'href="https://example.org/a"' in drawn


def test_inline_text_has_no_blocks() -> None:
    assert rendering.inline("When does `AB = BA` hold?") == "When does <code>AB = BA</code> hold?"


def test_a_very_long_text_is_drawn_in_no_time_and_keeps_its_own_links():
    text = "http://a." * 20_000 + "\n\n[there](https://example.org)"

    began = time.process_time()
    drawn = rendering.html(text)

    assert time.process_time() - began < 2
    assert 'href="https://example.org"' in drawn


def test_a_table_is_scrolled_in_a_box_of_its_own_and_its_empty_corner_heads_nothing():
    drawn = rendering.html("| | mean |\n|---|---|\n| rain | 3 |")

    assert drawn.startswith('<div class="wide" tabindex="0"><table>')
    assert drawn.rstrip().endswith("</table>\n</div>")
    assert "<td></td>\n<th>mean</th>" in drawn
