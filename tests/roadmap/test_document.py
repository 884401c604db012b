"""The document of an edition: what it refuses, and when two are the same."""

import pytest
from pydantic import ValidationError

from roadmap.document import FaqEntry, LearnGroup
from roadmap.sheet import hole
from tests.documents import document, stage, three_stage_document, topic


def test_equal_content_has_an_equal_digest() -> None:
    assert three_stage_document().digest() == three_stage_document().digest()


def test_another_title_gives_another_digest() -> None:
    first = document(stage("base", topics=[topic("rocks", "r-rocks")]))
    second = first.model_copy(update={"title": "Another Trail"})
    assert first.digest() != second.digest()


def test_the_stored_json_gives_the_same_document() -> None:
    written = three_stage_document()
    assert type(written).model_validate_json(written.canonical()) == written


@pytest.mark.parametrize("text", [hole("csrf"), "a\x00b", "bell\x07", "next\x85line", "a\u2028b"])
def test_nobody_types_the_mark_of_a_hole(text: str) -> None:
    with pytest.raises(ValidationError, match="control character"):
        FaqEntry(key="why", question="Why?", answer=text)
    with pytest.raises(ValidationError, match="control character"):
        LearnGroup(title="You learn", points=("to walk", text))


def test_lines_and_tabs_are_ordinary_text() -> None:
    assert FaqEntry(key="why", question="Why?", answer="One.\n\n\tTwo.").answer == "One.\n\n\tTwo."
