"""A road to take along: on one page for paper, and as Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap import rendering
from roadmap.handout import handout
from tests import cast, documents


def text_of(document) -> str:
    return "\n".join(map(str, handout(document, url="https://example.org/roads/x/", edition=7)))


def test_the_text_has_every_stage_topic_resource_and_task():
    document = documents.three_stage_document()
    text = text_of(document)

    for stage in document.stages:
        assert f"## Stage {document.number_of(stage.key)}: {stage.title}\n" in text
        for topic in stage.topics:
            assert f"### {topic.title}\n" in text
            for placed in topic.resources:
                assert f"(<{document.resources[placed.resource].url}>)" in text
        for task in stage.evidence:
            assert f"### Evidence: {task.title}\n" in text


@given(st.text(alphabet="#*_`[]()<>$!-+.\\ ab\n1", max_size=40))
def test_no_title_becomes_markup(title):
    document = documents.document(documents.stage("math", topics=[documents.topic("one")]))
    named = document.model_copy(update={"title": f"T{title}"})
    drawn = rendering.html(text_of(named).split("\n", 1)[0])

    assert drawn.startswith("<h2>T")
    assert drawn.count("<") == 2


def test_headings_of_authors_stand_below_those_around_them_but_code_is_left_alone():
    topic = documents.topic("one").model_copy(update={"body": "# Big\n\n```sh\n# a comment\n```"})
    text = text_of(documents.document(documents.stage("math", topics=[topic])))

    assert "\n#### Big\n" in text
    assert "\n# a comment\n" in text


@pytest.mark.django_db
def test_the_file_is_named_after_its_road_and_drawn_in_few_queries(client, django_assert_max_num_queries):
    cast.road()
    with django_assert_max_num_queries(3):
        answer = client.get("/roads/trail-test/road.md")

    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="trail-test.md"'
    assert answer.content.decode().startswith("# Test Trail\n")


@pytest.mark.django_db
def test_the_page_for_paper_has_all_of_it(client, django_assert_max_num_queries):
    cast.road()
    client.get("/roads/trail-test/print/")
    with django_assert_max_num_queries(2):
        page = client.get("/roads/trail-test/print/").content.decode()

    assert "<h1>Test Trail</h1>" in page
    assert page.count("<h2>Stage ") == 3
