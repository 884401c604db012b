from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authoring.exchange.html_text import html, markdown
from roadmap import rendering

SIGNS = st.text(alphabet="ab1 .*_`#-+>|~$[]()!:\\&;=2\n{}é^", max_size=12)
TAGS = "p b i em strong s code pre ul ol li blockquote div span h3 table tr td th a sup dl".split()  # noqa: SIM905  # short


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda tag, parts: f"<{tag} href='http://x.de/a_b'>{''.join(parts)}</{tag}>",
        st.sampled_from(TAGS),
        st.lists(inner, max_size=4),
    )


LEAF = SIGNS.map(escaped) | st.sampled_from(
    ["<br>", "\\(x^2\\)", "\\[y\\]", "$$z$$", "<hr>", "<img src='a.png' alt='q'>", "<sub>2</sub>", "&nbsp;"]
)
FRAGMENT = st.lists(st.recursive(LEAF, wrapped, max_leaves=8), max_size=4).map("".join)


@settings(max_examples=50, deadline=None)
@given(FRAGMENT, st.booleans())
def test_what_is_read_is_written_so_that_it_reads_the_same(fragment, is_line):
    _check_reads_the_same(fragment, is_line=is_line)


@pytest.mark.long
@settings(max_examples=2_000, deadline=None)
@given(FRAGMENT, st.booleans())
def test_what_is_read_is_written_so_that_it_reads_the_same_at_length(fragment, is_line):
    _check_reads_the_same(fragment, is_line=is_line)


def _check_reads_the_same(fragment: str, *, is_line: bool) -> None:
    once = markdown(fragment, is_line=is_line).text
    assert markdown(html(once), is_line=is_line).text == once


@settings(max_examples=100, deadline=None)
@given(SIGNS)
def test_signs_of_a_text_are_shown_as_they_are(text):
    shown = rendering.html(markdown(f"<p>{escaped(text)}</p>").text)
    bare = shown.replace("<p>", "").replace("</p>", "").replace("&quot;", '"')
    if "$$" not in text and "\\(" not in text and "\\[" not in text:
        assert bare.split() == escaped(text).split()


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("<b>foo:</b>bar", "**foo**:bar"),
        ("Area \\(x^2 &lt; 3\\)", "Area $x^2 < 3$"),
        ("\\[ a \\]", "$$\na\n$$"),
        ("2\\(x\\)3", "2 $x$ 3"),
        ("It costs $5 or $6", "It costs \\$5 or \\$6"),
        ("H<sub>2</sub>O, 10<sup>-3</sup>", "H₂O, 10⁻³"),
        ("a_b _c_ <p>- d</p>", "a_b \\_c\\_\n\n\\- d"),
        ("<pre><code class='language-python'>x = 1</code></pre>", "```python\nx = 1\n```"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "- a\n  - b"),
        ("<table><tr><th>a</th></tr><tr><td>1|2</td></tr></table>", "| a |\n| --- |\n| 1\\|2 |"),
        ("<a href='https://x.org/(a)'>b</a>", "[b](https://x.org/%28a%29)"),
        ("!<a href='https://x.org'>b</a>", "\\![b](https://x.org)"),
        ("Bread is ____, ___ or ____.", "Bread is ____, ___ or ____."),
        ("___", "\\___"),
        ("a ^[b]", "a \\^[b]"),
        ("x<sup>n</sup><s>y</s>", "xⁿ~~y~~"),
        ("<table><tr><td>a</td></tr></table>", "|  |\n| --- |\n| a |"),
    ],
)
def test_markup_becomes_markdown(fragment, expected):
    prose = markdown(fragment)
    assert (prose.text, prose.lost) == (expected, ())


@pytest.mark.parametrize(
    ("fragment", "expected", "lost"),
    [
        ("<img src='@@PLUGINFILE@@/cat.png' alt='A cat'>", "[picture: A cat]", "cat.png (9 bytes)"),
        ("<video src='a.mp4'></video>", "[media: a.mp4]", "The file a.mp4"),
        ("<a href='javascript:alert(1)'>x</a>", "x", "leads nowhere"),
        ("<script>alert(1)</script>x", "x", "never run"),
        ("a<sup>Q9</sup>", "a^(Q9)", "Raised or lowered"),
        ("<b>“a”</b>b", "“a”b", "Emphasis"),
        ("x" * 30_000, "", "too long"),
    ],
)
def test_what_markdown_can_not_show_is_said(fragment, expected, lost):
    prose = markdown(fragment, {"cat.png": 9})
    assert prose.text == expected
    assert [lost in str(what) for what in prose.lost] == [True]
