"""What is found is written when an edition becomes the one that learners study, and can be built again from it."""

import pytest
from django.core.management import call_command

from roadmap.models import Edition, SearchEntry, SearchWord
from tests.cast import NOW, published, road
from tests.documents import three_stage_document

pytestmark = pytest.mark.django_db


def said(roadmap) -> list[tuple[str, str, str]]:
    return list(SearchEntry.objects.of(roadmap).order_by("position").values_list("kind", "key", "stage_key"))


def test_a_published_road_is_found_by_all_that_stands_on_it_in_its_order():
    assert said(road())[:5] == [
        ("road", "trail-test", ""),
        ("stage", "base", "base"),
        ("topic", "rocks", "base"),
        ("resource", "r-rocks", "base"),
        ("resource", "r-maps", "base"),
    ]


def test_a_new_edition_replaces_what_was_found_before():
    trail, document = road(), three_stage_document()
    words = dict(SearchWord.objects.values_list("word", "entries"))

    Edition.objects.publish(trail, document, by=None, changelog="", now=NOW)
    assert dict(SearchWord.objects.values_list("word", "entries")) == words

    shorter = document.model_copy(update={"stages": document.stages[:1], "title": "Trial Walk"})
    Edition.objects.publish(trail, shorter, by=None, changelog="", now=NOW)

    assert {stage for _kind, _key, stage in said(trail)} == {"", "base"}
    assert not SearchWord.objects.filter(word__in=["summit", "trail"]).exists()
    assert SearchWord.objects.get(word="walk").entries == 1


def rows(roadmap) -> dict[tuple[object, ...], int]:
    return {entry.said(): entry.pk for entry in SearchEntry.objects.of(roadmap)}


def test_an_edition_writes_only_what_it_changes_and_what_is_found_is_as_if_built_anew():
    trail, document = road(), three_stage_document()
    before = rows(trail)
    first, *others = document.stages
    renamed = first.model_copy(update={"title": "Boulders"})
    changed = document.model_copy(update={"stages": (renamed, *others)})

    Edition.objects.publish(trail, changed, by=None, changelog="", now=NOW)

    after = rows(trail)
    assert {said: pk for said, pk in before.items() if said in after}.items() <= after.items()
    assert 0 < len(after.keys() - before.keys()) < len(after)
    found = list(
        SearchEntry.objects.of(trail).order_by("position").values_list("title", "title_words", "words")
    )
    words = sorted(SearchWord.objects.values_list("word", "entries"))
    SearchEntry.objects.rebuild(trail, changed)
    assert found == list(
        SearchEntry.objects.of(trail).order_by("position").values_list("title", "title_words", "words")
    )
    assert words == sorted(SearchWord.objects.values_list("word", "entries"))


def test_in_another_language_every_word_is_written_anew():
    trail, document = road(), three_stage_document()
    before = rows(trail)

    Edition.objects.publish(
        trail, document.model_copy(update={"language": "de"}), by=None, changelog="", now=NOW
    )

    assert not set(rows(trail).values()) & set(before.values())


def test_it_is_built_again_from_editions_by_command(capsys):
    trail = road()
    before = said(trail), sorted(SearchWord.objects.values_list("word", "entries"))
    SearchEntry.objects.all().delete()
    SearchWord.objects.all().delete()

    call_command("rebuild_search")

    assert (said(trail), sorted(SearchWord.objects.values_list("word", "entries"))) == before
    assert "trail-test: " in capsys.readouterr().out


def test_only_what_is_missing_is_built_when_asked_so(capsys):
    trail = road()
    call_command("rebuild_search", missing=True)
    assert not capsys.readouterr().out
    SearchEntry.objects.of(trail).delete()
    call_command("rebuild_search", missing=True)

    assert "trail-test: " in capsys.readouterr().out


def test_a_road_in_a_language_without_stemming_is_found_by_its_words():
    document = three_stage_document().model_copy(
        update={"key": "trail-pl", "language": "pl", "title": "Szlaki"}
    )
    published(document)

    assert SearchEntry.objects.filter(title_words="szlaki", kind="road").exists()
