"""What changes between two documents, in words."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadmap.difference import Change, changes, weave
from roadmap.difference.order import moved
from roadmap.document import EvidenceAccepted, FaqEntry, PlacedResource, RelatedRoad, StagesPassed
from tests.documents import document, resource, stage, task, three_stage_document, topic


def told(found: list[Change]) -> list[tuple[str, str, str]]:
    return [(change.kind, change.noun, change.title) for change in found]


def of(kind: str, found: list[Change]) -> Change:
    (change,) = [change for change in found if change.kind == kind]
    return change


def with_stage(entry, **values):
    return entry.model_copy(update=values)


def test_equal_documents_differ_in_nothing():
    assert changes(three_stage_document(), three_stage_document()) == []


def test_everything_of_a_first_edition_is_added_and_what_stands_in_a_stage_is_folded_away():
    found = changes(None, document(stage("base", topics=[topic("rocks", "r-rocks")])))

    assert told(found) == [("added", "stage", "Base"), ("added", "topic", "Rocks")]
    assert [change.is_small for change in found] == [False, True]


def test_a_new_title_is_a_renaming():
    old = three_stage_document()
    new = old.model_copy(update={"stages": (with_stage(old.stages[0], title="Camp"), *old.stages[1:])})

    change = of("renamed", [c for c in changes(old, new) if c.noun == "stage"])
    assert (change.before, change.after) == ("Base", "Camp")


def test_a_topic_moved_to_another_stage_is_moved_not_lost():
    rocks, knots = topic("rocks", "r-rocks"), topic("knots", "r-knots")
    old = document(stage("base", topics=[rocks, knots]), stage("ridge", topics=[]))
    new = document(stage("base", topics=[rocks]), stage("ridge", topics=[knots]))

    found = [change for change in changes(old, new) if change.kind != "hours"]
    assert told(found) == [("moved", "topic", "Knots")]
    assert str(found[0].place) == "from “Base” to “Ridge”"


def test_what_stands_in_a_renamed_place_has_not_moved():
    rocks = topic("rocks", "r-rocks")
    base = with_stage(stage("base", topics=[rocks.model_copy(update={"title": "Stones"})]), title="Foot")

    assert told(changes(document(stage("base", topics=[rocks])), document(base))) == [
        ("renamed", "stage", "Foot"),
        ("renamed", "topic", "Stones"),
    ]


def test_of_another_order_only_what_jumped_is_said():
    names = ["rocks", "knots", "maps", "wind"]
    topics = [topic(name, f"r-{name}") for name in names]
    old, new = (document(stage("base", topics=order)) for order in (topics, [topics[3], *topics[:3]]))

    change = of("moved", changes(old, new))
    assert (change.title, str(change.place)) == ("Wind", "from place 4 to place 1")


def test_one_resource_for_another_in_the_same_role_is_a_replacement():
    old = document(stage("base", topics=[topic("rocks", "r-rocks", "r-maps")]))
    new = document(stage("base", topics=[topic("rocks", "r-rocks", "r-atlas")]))

    change = of("replaced", changes(old, new))
    assert (change.before, change.after, change.is_small) == ("R-Maps", "R-Atlas", False)


def test_a_core_resource_that_goes_is_said_first_and_one_to_look_up_is_folded_away():
    rocks = topic("rocks", "r-rocks", "r-maps")
    more = rocks.model_copy(
        update={"resources": (*rocks.resources, PlacedResource(resource="r-atlas", role="reference"))}
    )
    old = document(stage("base", topics=[more]))
    new = document(stage("base", topics=[topic("rocks", "r-rocks")]))

    found = changes(old, new)
    assert told(found) == [("removed", "placement", "R-Maps"), ("removed", "placement", "R-Atlas")]
    assert [change.is_small for change in found] == [False, True]


def test_a_gate_says_what_it_asked_and_what_it_asks():
    tasks = [task("report"), task("talk")]
    old, new = (
        document(
            stage("base", topics=[topic("rocks", "r-rocks")], evidence=tasks),
            stage("ridge", topics=[topic("wind", "r-wind")], gates=[gate]),
        )
        for gate in (
            StagesPassed(stages=("base",)),
            EvidenceAccepted(tasks=("report", "talk"), at_least=2),
        )
    )

    change = of("gate", changes(old, new))
    assert str(change.before) == "passed first: Base"
    assert str(change.after) == "2 accepted first, out of: Report, Talk"


def test_hours_are_said_for_the_stage_and_the_topic():
    old = document(stage("base", topics=[topic("rocks", "r-rocks")]))
    longer = topic("rocks", "r-rocks").model_copy(update={"hours": {"walker": (5, 9)}})

    big, small = changes(old, document(stage("base", topics=[longer])))
    assert (big.kind, str(big.part), str(big.before), str(big.after)) == (
        "hours",
        "hours, Walker",
        "4–8 h",
        "5–9 h",
    )
    assert (small.noun, small.is_small) == ("topic", True)


@pytest.mark.parametrize(
    ("part", "noun"),
    [
        ({"faq": (FaqEntry(key="why", question="Why?", answer="For the view."),)}, "faq"),
        ({"related": (RelatedRoad(key="sea", title="Sea", choose_when="You swim."),)}, "related"),
        ({"summary": "A long road."}, "road"),
    ],
)
def test_the_front_of_the_road_is_compared_too(part, noun):
    old = three_stage_document()

    assert {change.noun for change in changes(old, old.model_copy(update=part))} == {noun}


def test_a_changed_key_is_one_that_went_and_one_that_came():
    old = three_stage_document().model_copy(
        update={"faq": (FaqEntry(key="why", question="Why?", answer="For the view."),)}
    )
    new = old.model_copy(update={"faq": (FaqEntry(key="what-for", question="Why?", answer="For the view."),)})

    assert told(changes(old, new)) == [("added", "faq", "Why?"), ("removed", "faq", "Why?")]


def test_a_rubric_line_is_compared_within_its_task():
    report = task("report")
    other = report.rubric[0].model_copy(update={"must_meet": False, "title": "Plain"})
    old, new = (
        document(stage("base", topics=[topic("rocks", "r-rocks")], evidence=[entry]))
        for entry in (report, report.model_copy(update={"rubric": (other,)}))
    )

    assert told(changes(old, new)) == [("renamed", "criterion", "Plain"), ("changed", "criterion", "Plain")]


def test_a_change_of_the_library_is_said_once():
    old = document(stage("base", topics=[topic("rocks", "r-rocks"), topic("knots", "r-rocks")]))
    dear = resource("r-rocks").model_copy(update={"cost": "paid"})
    new = old.model_copy(update={"resources": {**old.resources, "r-rocks": dear}})

    (change,) = changes(old, new)
    assert (str(change.part), change.before, change.after) == ("cost", "free", "paid")


def test_words_are_woven_with_what_stays_around_them():
    pieces = weave("Fluency with the everyday tools: Python", "The everyday tools of the trade: Python")

    assert [tuple(piece) for piece in pieces] == [
        ("old", "Fluency with the"),
        ("new", "The"),
        ("same", " everyday tools"),
        ("new", " of the trade"),
        ("same", ": Python"),
    ]


def test_of_a_long_text_only_the_surroundings_of_a_change_are_shown():
    words = [f"word{number}" for number in range(100)]
    pieces = weave(" ".join(words), " ".join([*words[:50], "else", *words[51:]]))

    assert [piece.text for piece in pieces if piece.thread != "same"] == ["word50", "else"]
    assert sum(len(piece.text.split()) for piece in pieces) < 25


WORDS = st.text("ab ,\n", max_size=40)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(WORDS, WORDS)
def test_woven_pieces_give_both_texts_back(before, after):
    pieces = weave(before, after, around=10_000)

    assert "".join(piece.text for piece in pieces if piece.thread != "new") == before
    assert "".join(piece.text for piece in pieces if piece.thread != "old") == after


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.permutations(list("abcdefgh")))
def test_as_few_items_as_possible_are_said_to_have_moved(new):
    old = list("abcdefgh")
    jumped = moved(old, new)

    stayed = [key for key in new if key not in jumped]
    assert stayed == sorted(stayed)
    assert (jumped == []) == (new == old)
