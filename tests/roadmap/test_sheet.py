"""Shared HTML with holes."""

from hypothesis import given
from hypothesis import strategies as st

from roadmap.sheet import Sheet, hole

KEYS = st.from_regex(r"\A[a-z0-9-]{0,12}\Z")


def test_holes_are_filled_and_the_rest_stays() -> None:
    page = Sheet.cut(f"<p>{hole('state', 'base')}</p>{hole('csrf')}<hr>")
    assert page.fill(lambda kind, key: f"[{kind}/{key}]") == "<p>[state/base]</p>[csrf/]<hr>"


def test_a_page_without_holes_is_itself() -> None:
    assert Sheet.cut("<p>x</p>").fill(lambda kind, key: "never") == "<p>x</p>"


@given(st.lists(st.tuples(st.text(alphabet="ab<>&{}\n", max_size=9), KEYS), max_size=8))
def test_each_hole_is_asked_for_once_in_order(pieces: list[tuple[str, str]]) -> None:
    asked: list[str] = []

    def value(kind: str, key: str) -> str:
        asked.append(key)
        return f"<{key}>"

    filled = Sheet.cut("".join(text + hole("x", key) for text, key in pieces)).fill(value)
    assert asked == [key for _, key in pieces]
    assert filled == "".join(f"{text}<{key}>" for text, key in pieces)
