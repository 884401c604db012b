"""A road leaves the desk as a zip and comes back through a dry run, all of it or nothing."""

import io
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts import clock
from authoring import frozen, packing, writing
from authoring.folder import read_folder
from authoring.models import Draft, RoadUpload, UploadIsOverError
from authoring.shapes import RoadFolder
from authoring.tasks import forget_uploads
from progress.models import Tick
from roadmap.models import Edition, Resource, Roadmap, Stage, Topic
from tests.authoring.roads import THREE_STAGES, copy, edit, published, saved, swap
from tests.cast import NOW, ada, enrolled, ines, noor, person, tomas

pytestmark = pytest.mark.django_db

IMPORT = "/admin/roadmap/roadmap/import/"
FEEDING = "stages/starter/topics/feeding.md"


@pytest.fixture
def desk(client):
    client.force_login(noor())
    return client


@pytest.fixture
def folder(tmp_path):
    return copy(tmp_path)


def sound() -> RoadFolder:
    road = read_folder(THREE_STAGES).road
    assert road is not None
    return road


def packed(folder=THREE_STAGES) -> bytes:
    """A folder as people pack it: with its own name in front."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, f"bread/{path.relative_to(folder)}")
    return stream.getvalue()


def upload(desk, data: bytes, name: str = "bread.zip"):
    return desk.post(IMPORT, {"zip": SimpleUploadedFile(name, data, "application/zip")})


def dry_run(desk, data: bytes) -> tuple[str, str]:
    """The address of an upload's page and the fingerprint that it shows."""
    address = upload(desk, data).url
    return address, desk.get(address).context["run"].seen


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_road_is_downloaded_and_uploaded_again_and_nothing_changes(desk):
    road = published()
    answer = desk.get(reverse("admin:authoring_zip", args=[road.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="three-stages.zip"'

    run = desk.get(upload(desk, answer.content).url).context["run"]

    assert not run.changes
    assert run.difference == []
    assert not run.is_new
    assert packing.read(answer.content).road == Draft(road).folder()


def test_equal_roads_are_packed_into_equal_bytes():
    texts = writing.files(sound())

    assert packing.pack(texts, "bread") == packing.pack(dict(reversed(texts.items())), "bread")


def test_a_draft_with_faults_is_not_packed(desk):
    road = saved()
    Stage.objects.filter(roadmap=road, key="oven").update(title="")

    answer = desk.get(reverse("admin:authoring_zip", args=[road.pk]), follow=True)

    assert answer.redirect_chain[-1][0] == reverse("admin:authoring_publish", args=[road.pk])
    assert "Mend them first." in text_of(answer)


def test_an_upload_writes_nothing_until_it_is_confirmed(desk):
    address, seen = dry_run(desk, packed())
    assert not Roadmap.objects.exists()
    assert "This is a road that is not here yet." in text_of(desk.get(address))

    answer = desk.post(address, {"seen": seen}, follow=True)

    assert "Bread for a Market Stall is imported" in text_of(answer)
    assert Draft(Roadmap.objects.get()).document() == frozen.document(sound())
    assert not Edition.objects.exists()
    kept = RoadUpload.objects.get()
    assert bytes(kept.data) == b""
    assert kept.outcome["changes"]["added"]["stage"] == ["A living starter", "The oven", "The stall"]


def test_it_may_be_published_in_the_same_act(desk):
    address, seen = dry_run(desk, packed())

    answer = desk.post(address, {"seen": seen, "publish": "on", "changelog": "With steam."}, follow=True)

    assert "Edition 1 is published." in text_of(answer)
    edition = Edition.objects.get()
    assert (edition.changelog, edition.published_by) == ("With steam.", noor_again())


def noor_again():
    return RoadUpload.objects.get().by


def test_publishing_wants_a_word_for_learners_and_keeps_what_was_chosen(desk):
    address, seen = dry_run(desk, packed())

    answer = desk.post(address, {"seen": seen, "publish": "on"})

    assert answer.status_code == 422
    assert "Say in a sentence what is new." in text_of(answer)
    assert "checked" in str(answer.context["form"]["publish"])
    assert not Roadmap.objects.exists()


def test_the_dry_run_shows_what_publishing_would_change(desk, folder):
    published()
    swap(folder, FEEDING, "title: Feeding", "title: Daily feeding")

    page = desk.get(upload(desk, packed(folder)).url)

    run = page.context["run"]
    assert run.changes.by_act == {"changed": {"topic": ["Daily feeding"]}}
    assert ("renamed", "Feeding", "Daily feeding") in [
        (change.kind, change.before, change.after) for change in run.difference
    ]
    said = text_of(page)
    assert "This updates the road “Bread for a Market Stall” (three-stages)." in said
    assert "Feeding</del> <ins>" in said
    assert "Nobody is on this road." in said
    assert Topic.objects.get(key="feeding").title == "Feeding"


def test_resources_that_other_roads_show_are_named(desk, folder):
    saved()
    other = Roadmap.objects.create(key="other", title="Other", level="beginner", summary="Another road.")
    stage = Stage.objects.create(roadmap=other, key="one", title="One", position=1)
    topic = Topic.objects.create(roadmap=other, stage=stage, key="two", title="Two", position=1)
    scale = Resource.objects.get(key="bread-scale")
    topic.placements.create(resource=scale, position=1)
    swap(folder, "resources.yaml", scale.why, "Because it weighs.")

    run = desk.get(upload(desk, packed(folder)).url).context["run"]

    assert run.shared == [scale.title]


def test_a_draft_that_changed_since_is_not_written_over(desk, folder):
    saved()
    swap(folder, FEEDING, "title: Feeding", "title: Daily feeding")
    address, seen = dry_run(desk, packed(folder))
    Topic.objects.filter(key="crust").update(body="Written meanwhile.")

    answer = desk.post(address, {"seen": seen, "publish": "on", "changelog": "Kept words."})

    assert answer.status_code == 422
    assert "Nothing was imported: the draft changed since." in text_of(answer)
    assert "Kept words." in text_of(answer)
    assert Topic.objects.get(key="feeding").title == "Feeding"
    assert Topic.objects.get(key="crust").body == "Written meanwhile."
    again = desk.post(address, {"seen": answer.context["run"].seen})
    assert again.status_code == 302
    assert Topic.objects.get(key="crust").body != "Written meanwhile."


def test_a_library_that_changed_since_is_not_written_over(desk):
    saved()
    address, seen = dry_run(desk, packed())
    Resource.objects.filter(key="bread-scale").update(why="Written meanwhile.")

    assert desk.post(address, {"seen": seen}).status_code == 422
    assert Resource.objects.get(key="bread-scale").why == "Written meanwhile."


def test_an_edition_published_since_is_noticed(desk):
    road = saved()
    address, seen = dry_run(desk, packed())
    Draft(road).publish(by=None, changelog="Meanwhile.", now=NOW)

    assert desk.post(address, {"seen": seen}).status_code == 422


@pytest.mark.parametrize("seen", ["", "0" * 64, "nonsense"])
def test_what_was_not_seen_is_not_imported(desk, seen):
    address, _ = dry_run(desk, packed())

    assert desk.post(address, {"seen": seen}).status_code == 422
    assert not Roadmap.objects.exists()


def test_confirming_twice_imports_once(desk):
    address, seen = dry_run(desk, packed())
    desk.post(address, {"seen": seen})
    Topic.objects.filter(key="crust").update(title="Mine")

    answer = desk.post(address, {"seen": seen})

    assert answer.status_code == 200
    assert "is imported" in text_of(answer)
    assert Topic.objects.get(key="crust").title == "Mine"


def test_a_renamed_and_moved_topic_keeps_its_ticks(client, folder):
    """Through the pages: a learner ticks, an author moves and renames by zip and publishes, the tick is there."""
    road = published()
    learner = ines()
    enrolled(learner, on=road)
    client.force_login(learner)
    stage = reverse("progress:stage", args=[road.key, "starter"])
    client.post(reverse("progress:tick", args=[road.key, "bread-starter-film"]), {"done": "1"})
    assert Tick.objects.count() == 1
    (folder / FEEDING).rename(folder / "stages/oven/topics/feeding.md")
    swap(folder, "stages/oven/topics/feeding.md", "title: Feeding", "title: Daily feeding")
    swap(folder, "stages/starter/stage.yaml", "topics: [feeding, percentages]", "topics: [percentages]")
    swap(folder, "stages/oven/stage.yaml", "topics: [crust]", "topics: [feeding, crust]")

    client.force_login(noor())
    address, seen = dry_run(client, packed(folder))
    client.post(address, {"seen": seen, "publish": "on", "changelog": "Moved."})

    client.force_login(learner)
    assert "A starter in seven days" not in text_of(client.get(stage))
    there = text_of(client.get(reverse("progress:stage", args=[road.key, "oven"])))
    assert 'aria-pressed="true" aria-label="Done: A starter in seven days"' in there
    enrollment = learner.enrollments.get()
    assert enrollment.standing(NOW).by_key["oven"].core_done == 1
    assert Tick.objects.count() == 1


def test_publishing_that_is_stopped_takes_the_import_back(desk, folder):
    published()
    for old, new in (("topics: [prices]", "topics: [costs]"),):
        swap(folder, "stages/market/stage.yaml", old, new)
    (folder / "stages/market/topics/prices.md").rename(folder / "stages/market/topics/costs.md")
    swap(folder, "stages/market/topics/costs.md", "key: prices", "key: costs")
    swap(folder, "stages/market/quiz.yaml", "topic: prices", "topic: costs")
    Topic.objects.filter(key="prices").update(key="was-prices")
    address, seen = dry_run(desk, packed(folder))

    answer = desk.post(address, {"seen": seen, "publish": "on", "changelog": "New."})

    assert answer.status_code == 422
    assert "Give it its key back" in text_of(answer)
    assert not Topic.objects.filter(key="costs").exists()
    assert Edition.objects.count() == 1


def test_faults_are_shown_with_their_lines_and_nothing_is_kept(desk, folder):
    swap(folder, "stages/market/topics/prices.md", "resource: bread-prices", "resource: bread-price")

    answer = upload(desk, packed(folder))

    assert answer.status_code == 422
    said = text_of(answer)
    assert "Not imported: 1 fault" in said
    assert "stages/market/topics/prices.md, line 11" in said
    assert "There is no resource “bread-price” on this road. Did you mean “bread-prices”?" in said
    assert '<span class="ln ln--no ln--del" data-s="11">- resource: bread-price</span>' in said
    assert not RoadUpload.objects.exists()


def test_a_question_of_another_road_is_refused_at_the_upload(desk, folder):
    saved()
    swap(folder, "road.yaml", "key: three-stages", "key: other-bread")

    answer = upload(desk, packed(folder))

    assert answer.status_code == 422
    assert "belongs to the road “three-stages”" in text_of(answer)
    assert Roadmap.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "The file is empty."), (b"x" * 1025, "The file is larger than 0 MB.")],
    ids=["empty", "too large"],
)
def test_files_of_the_wrong_size_are_refused(desk, settings, data, said):
    settings.ROAD_ZIP_MAX_BYTES = 1024

    answer = upload(desk, data)

    assert answer.status_code == 422
    assert said in text_of(answer)


def test_without_a_file_nothing_happens(desk):
    answer = desk.post(IMPORT, {})

    assert answer.status_code == 422
    assert "Choose a zip." in text_of(answer)


def test_an_upload_expires(desk):
    address, _ = dry_run(desk, packed())

    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        assert desk.get(address).status_code in {302, 404}
        desk.force_login(ada())
        upload(desk, packed(), "later.zip")

    assert [kept.name for kept in RoadUpload.objects.all()] == ["later.zip"]


def test_what_expired_goes_without_another_upload(desk):
    dry_run(desk, packed())
    assert forget_uploads() == 0

    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        assert forget_uploads() == 1

    assert not RoadUpload.objects.exists()


def test_of_one_person_only_the_newest_few_are_kept(desk):
    addresses = [upload(desk, packed(), f"{number}.zip").url for number in range(7)]

    assert RoadUpload.objects.count() == 5
    assert desk.get(addresses[0]).status_code == 404
    assert desk.get(addresses[-1]).status_code == 200


def test_a_zip_that_is_not_the_one_that_was_uploaded_is_not_imported(desk):
    address, seen = dry_run(desk, packed())
    RoadUpload.objects.update(data=packed()[:-1] + b"x")

    assert desk.post(address, {"seen": seen}, follow=True).status_code == 404
    assert not Roadmap.objects.exists()


def test_nobody_sees_another_persons_upload(client):
    client.force_login(noor())
    address, seen = dry_run(client, packed())
    client.force_login(person("Olga Other", "author"))

    assert client.get(address).status_code == 404
    assert client.post(address, {"seen": seen}).status_code == 404
    assert not Roadmap.objects.exists()


def test_only_who_may_write_all_of_a_road_imports_one(client, settings):
    client.force_login(tomas())
    assert client.get(IMPORT).status_code == 302
    settings.ROLES_AT_THE_DESK = {"author": {"roadmap", "authoring"}}
    client.force_login(noor())
    assert client.get(IMPORT).status_code == 403
    assert upload(client, packed()).status_code == 403


def test_a_hidden_file_and_what_macs_add_are_passed_over(desk, folder):
    data = io.BytesIO(packed(folder))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("__MACOSX/bread/._road.yaml", b"\x00\x05")
        archive.writestr("bread/.DS_Store", b"\x00\x01")

    assert packing.read(data.getvalue()).road == read_folder(THREE_STAGES).road


def test_a_zip_without_a_folder_around_it_is_read_too(folder):
    texts = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.*")}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)

    assert packing.read(stream.getvalue()).road == read_folder(THREE_STAGES).road


def test_warnings_do_not_stop_an_import(desk, folder):
    edit(folder, "faq.yaml", lambda text: text + "\n")
    (folder / "README.md").write_text("Notes.")

    page = desk.get(upload(desk, packed(folder)).url)

    assert (page.context["stop_count"], page.context["warn_count"]) == (0, 1)
    assert "README.md" in text_of(page)


def test_an_upload_that_newer_ones_replaced_meanwhile_is_over(desk):
    upload = RoadUpload.objects.create(
        by=noor(),
        name="a.zip",
        data=packed(),
        digest="x",
        uploaded_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    RoadUpload.objects.all().delete()

    with pytest.raises(UploadIsOverError):
        upload.confirm(seen="", publish=False, changelog="", now=NOW)
