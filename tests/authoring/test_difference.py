"""What changes between two documents."""

from authoring.difference import Change, changes
from tests.documents import document, stage, three_stage_document, topic


def test_equal_documents_differ_in_nothing():
    assert changes(three_stage_document(), three_stage_document()) == []


def test_everything_of_a_first_edition_is_added():
    found = changes(None, document(stage("base", topics=[topic("rocks", "r-rocks")])))

    assert {change.kind for change in found} == {"added"}
    assert Change("added", "topic", "Rocks", after="Base") in found


def test_a_new_title_is_a_renaming():
    old = three_stage_document()
    new = old.model_copy(update={"stages": (_named(old.stages[0], "Base camp"), *old.stages[1:])})

    assert Change("renamed", "stage", "Base camp", "Base", "Base camp") in changes(old, new)
    assert all(change.kind == "renamed" or change.noun != "stage" for change in changes(old, new))


def test_a_topic_moved_to_another_stage_is_moved_not_lost():
    rocks, knots = topic("rocks", "r-rocks"), topic("knots", "r-knots")
    old = document(stage("base", topics=[rocks, knots]), stage("ridge", topics=[]))
    new = document(stage("base", topics=[rocks]), stage("ridge", topics=[knots]))

    assert changes(old, new) == [Change("moved", "topic", "Knots", "Base", "Ridge")]


def test_what_stands_in_a_renamed_place_has_not_moved():
    rocks = topic("rocks", "r-rocks")
    old = document(stage("base", topics=[rocks]))
    renamed = rocks.model_copy(update={"title": "Stones"})
    base = stage("base", topics=[renamed]).model_copy(update={"title": "Foot"})

    assert changes(old, document(base)) == [
        Change("renamed", "stage", "Foot", "Base", "Foot"),
        Change("renamed", "topic", "Stones", "Rocks", "Stones"),
    ]


def test_another_order_is_a_move():
    rocks, knots = topic("rocks", "r-rocks"), topic("knots", "r-knots")
    old = document(stage("base", topics=[rocks, knots]))
    new = document(stage("base", topics=[knots, rocks]))

    assert changes(old, new) == [Change("moved", "topic", "Knots")]


def test_a_resource_taken_out_of_a_topic_is_removed_there():
    old = document(stage("base", topics=[topic("rocks", "r-rocks", "r-maps")]))
    new = document(stage("base", topics=[topic("rocks", "r-rocks")]))

    assert changes(old, new) == [Change("removed", "placement", "R-Maps", before="Rocks")]


def test_another_hour_is_an_edit():
    old = document(stage("base", topics=[topic("rocks", "r-rocks")]))
    longer = topic("rocks", "r-rocks").model_copy(update={"hours": {"walker": (5, 9)}})
    new = document(stage("base", topics=[longer]))

    assert changes(old, new) == [Change("edited", "topic", "Rocks")]


def _named(entry, title):
    return entry.model_copy(update={"title": title})
