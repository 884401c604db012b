"""Out, in and out again: the same bytes, and an edition of the same hash, whatever a text holds."""

from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from authoring import frozen, packing, writing
from authoring.checked import RawRoad, check
from authoring.folder import read_files, read_folder
from authoring.models import Draft, RoadImport
from authoring.shapes import RoadFolder
from roadmap.models import Roadmap
from tests.authoring.drawn import roads
from tests.authoring.roads import THREE_STAGES
from tests.cast import NOW

CONTENT = Path(__file__).parents[2] / "content"
FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ROADS = sorted(path.parent for path in CONTENT.glob("*/road.yaml"))


def bytes_of(road: RoadFolder) -> dict[str, bytes]:
    return {name: text.encode() for name, text in writing.files(road).items()}


def sound(raw: RawRoad) -> RoadFolder:
    checked = check(raw)
    assert checked.road is not None, checked.stops
    return checked.road


def through_files(road: RoadFolder) -> RoadFolder:
    read = read_files(bytes_of(road))
    assert read.road is not None, read.stops
    return read.road


@settings(FEW)
@given(roads())
def test_a_drawn_road_survives_files_and_zip(raw):
    road = sound(raw)

    again = through_files(road)

    assert again == road
    assert bytes_of(again) == bytes_of(road)
    assert frozen.document(again).digest() == frozen.document(road).digest()
    assert packing.read(packing.pack(writing.files(road), "drawn")).road == road


@settings(FEW)
@given(roads())
def test_line_ends_of_other_systems_change_nothing(raw):
    road = sound(raw)

    files = {name: data.replace(b"\n", b"\r\n") for name, data in bytes_of(road).items()}

    assert read_files(files).road == road


def passes_through_rows(raw: RawRoad) -> None:
    road = sound(raw)
    with transaction.atomic():
        RoadImport(check(raw)).save(NOW)
        draft = Draft(Roadmap.objects.get(key="drawn"))
        first = bytes_of(draft.folder())
        edition = draft.publish(by=None, changelog="", now=NOW)
        changes = RoadImport(read_files(first)).save(NOW)
        assert not changes
        assert bytes_of(draft.folder()) == first
        assert draft.document().digest() == edition.digest == frozen.document(road).digest()
        assert not draft.is_changed()
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(FEW, max_examples=5)
@given(roads())
def test_a_drawn_road_survives_the_database(raw):
    passes_through_rows(raw)


@pytest.mark.long
@pytest.mark.django_db
@settings(FEW, max_examples=400)
@given(roads())
def test_many_drawn_roads_survive_the_database(raw):
    passes_through_rows(raw)


@pytest.mark.django_db
@pytest.mark.parametrize("folder", [THREE_STAGES, *ROADS], ids=lambda folder: folder.name)
def test_every_road_of_the_repository_comes_out_as_it_went_in(folder):
    checked = read_folder(folder)
    assert checked.road is not None
    RoadImport(checked).save(NOW)
    draft = Draft(Roadmap.objects.get(key=checked.road.road.key))

    digest, first = draft.document().digest(), writing.files(draft.folder())
    again = packing.read(packing.pack(first, "road"))
    assert again.road is not None
    changes = RoadImport(again).save(NOW)

    assert not changes
    assert writing.files(draft.folder()) == first
    assert draft.document().digest() == digest == frozen.document(again.road).digest()
