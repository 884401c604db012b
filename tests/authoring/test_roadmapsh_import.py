"""A road of roadmap.sh goes into a draft, private, and comes again without harm to what was made of it."""

import io
import time
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from authoring import writing
from authoring.folder import read_files
from authoring.models import (
    Draft,
    EarlierEdition,
    RoadImport,
    RoadImportRefusedError,
    RoadmapshImport,
    RoadUpload,
)
from authoring.roadmapsh import names
from progress.models import Tick
from quizzes.models import PaperItem, Question, Quiz
from roadmap.models import Edition, Placement, Resource, Roadmap, Stage, Topic
from tests.authoring.checkouts import (
    edge,
    graph,
    layout_c,
    link,
    node,
    node_id,
    packed,
    read,
    three_topics,
    topic,
    write,
)
from tests.authoring.roads import saved
from tests.cast import EARLIER, NOW, enrolled, ines, noor

pytestmark = pytest.mark.django_db

IMPORT = "/admin/roadmap/roadmap/import/"
HIVE, QUEEN, SMOKE = (names.part_key(node_id(name)) for name in ("hive", "queen", "smoke"))


def imported(files=None, drawing=None) -> RoadmapshImport:
    road = RoadmapshImport(read(files or three_topics(), drawing))
    road.save(NOW)
    return road


def again(files, drawing=None):
    return RoadmapshImport(read(files, drawing)).save(NOW)


def renamed_queen() -> dict[str, bytes]:
    """The road after its authors there renamed a topic, and its file with it."""
    files = three_topics()
    del files[f"roadmaps/bees/content/queen@{node_id('queen')}.md"]
    return {
        **files,
        f"roadmaps/bees/content/the-queen@{node_id('queen')}.md": topic(
            "The queen", link("Find the queen", "book")
        ),
    }


def command(*args: object, **options: object) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("road_import_roadmapsh", *map(str, args), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def upload(desk, files):
    return desk.post(IMPORT, {"zip": SimpleUploadedFile("bees.zip", packed(files), "application/zip")})


@pytest.fixture
def desk(client):
    client.force_login(noor())
    return client


def test_it_is_a_private_draft_that_says_where_it_came_from():
    imported()

    road = Roadmap.objects.get()
    assert (road.key, road.title, road.is_public, road.current_edition) == (
        "roadmap-sh-bees",
        "Bees",
        False,
        None,
    )
    assert (road.source, road.source_ref) == ("roadmap.sh", "bees")
    assert road.notice == "This content is licensed for your personal use; do not publish it."
    assert sorted(Topic.objects.values_list("key", "title")) == sorted(
        [(HIVE, "Hive"), (QUEEN, "Queen"), (SMOKE, "Smoke")]
    )
    assert Resource.objects.count() == 4
    assert not Edition.objects.exists()


def test_a_second_import_changes_nothing():
    files = {
        **three_topics(),
        **layout_c(wax=topic("Wax", link("News", "feed"), link("Build a hive", "course"))),
    }
    drawing = graph([node("hive", "topic"), node("queen", y=60)], [edge("hive", "queen")])
    imported(files, drawing)

    assert again(files, drawing).by_act == {}
    assert again(files).by_act == {}


def test_a_renamed_topic_keeps_its_key_and_the_ticks_on_it():
    imported()
    Draft(Roadmap.objects.get()).publish(by=None, changelog="First.", now=EARLIER)
    learner = ines()
    enrollment = enrolled(learner, Roadmap.objects.get())
    enrollment.tick(Resource.objects.get(title="Find the queen").key, NOW)

    road = RoadmapshImport(read(renamed_queen()))
    changes = road.save(NOW)

    assert changes.by_act == {"changed": {"topic": ["The queen"]}}
    assert road.renamed == [("Queen", "The queen")]
    assert Topic.objects.get(key=QUEEN).title == "The queen"
    assert Tick.objects.get().resource == Resource.objects.get(title="Find the queen")


def test_what_is_gone_there_is_archived_and_comes_back():
    imported()
    files = {name: data for name, data in three_topics().items() if "smoke" not in name}

    assert again(files).by_act == {"archived": {"topic": ["Smoke"]}}
    assert Topic.objects.get(key=SMOKE).archived_at == NOW
    assert again(three_topics()).by_act["restored"] == {"topic": ["Smoke"]}


def test_what_authors_made_of_it_stays():
    imported()
    road = Roadmap.objects.get()
    families = Stage.objects.create(roadmap=road, key="families", title="Families", position=1)
    Topic.objects.filter(key=QUEEN).update(stage=families, objective="Know her.")
    quiz = Quiz.objects.create(roadmap=road, stage=families, key="on-queens", title="On queens")
    said = {"stem": "Is she large?", "answer": True, "explanation": "She is."}
    question = Question.objects.create(
        key="q-queen", type="true_false", draft=said, topic=Topic.objects.get(key=QUEEN)
    )
    PaperItem.objects.create(quiz=quiz, question=question, position=1)
    own = Resource.objects.create(key="my-book", title="My book", url="https://my.example/book", type="book")
    Placement.objects.create(topic=Topic.objects.get(key=QUEEN), resource=own, position=2)
    Placement.objects.filter(topic__key=HIVE).update(role="reference")
    Topic.objects.create(roadmap=road, stage=families, key="my-topic", title="Mine", position=2)

    changes = again(renamed_queen())

    assert set(changes.by_act) == {"changed"}
    assert "The queen" in changes.names("changed", "topic")
    assert again(renamed_queen()).by_act == {}
    queen = Topic.objects.get(key=QUEEN)
    assert (queen.stage, queen.objective, queen.title) == (families, "Know her.", "The queen")
    assert queen.placements.filter(resource=own).exists()
    assert set(Placement.objects.filter(topic__key=HIVE).values_list("role", flat=True)) == {"reference"}
    assert Quiz.objects.get().archived_at is None
    assert Topic.objects.get(key="my-topic").archived_at is None


def test_unsorted_topics_find_their_stage_once_there_is_a_graph():
    imported()
    drawing = graph([node("hive", "topic"), node("queen", y=60)], [edge("hive", "queen")])

    again(three_topics(), drawing)

    found = {one.title: one.stage.title for one in Topic.objects.select_related("stage")}
    assert found == {"Hive": "Hive", "Queen": "Hive", "Smoke": "Unsorted"}


def test_the_library_keeps_what_it_says_of_an_address():
    mine = Resource.objects.create(
        key="hive-book",
        title="How to build",
        url="https://bees.example/build-a-hive",
        type="book",
        why="Clear.",
    )
    gone = Resource.objects.create(
        key="calm", title="Old", url="https://bees.example/calm-smoke", type="docs", archived_at=EARLIER
    )

    imported()

    mine.refresh_from_db()
    gone.refresh_from_db()
    assert (mine.title, mine.type, mine.why) == ("How to build", "book", "Clear.")
    assert mine.placements.get().topic.key == HIVE
    assert gone.archived_at == EARLIER
    assert not Topic.objects.get(key=SMOKE).placements.exists()


def test_an_address_that_two_roads_use_is_one_resource():
    imported()
    imported(layout_c("honey", hive=topic("Hives", link("Build a hive", "video"))))

    assert Placement.objects.filter(resource__url="https://bees.example/build-a-hive").count() == 2
    assert again(three_topics()).by_act == {}


def test_a_road_of_the_house_with_that_key_is_not_written_over():
    Roadmap.objects.create(key="roadmap-sh-bees", title="Our bees", summary="Ours.")

    with pytest.raises(RoadImportRefusedError, match="did not come from there"):
        imported()
    assert not Topic.objects.exists()


def test_a_road_without_topics_is_refused():
    with pytest.raises(RoadImportRefusedError, match="no topics that could be read"):
        RoadmapshImport(read({"roadmaps/bees/content/wax.md": b"# Wax"}))


def test_stages_that_ask_for_nothing_are_imported_and_can_not_be_published():
    imported(layout_c(hive=topic("Hive")))

    faults = Draft(Roadmap.objects.get()).faults()
    assert [str(fault.what) for fault in faults if fault.stops] == [
        "The stage asks for nothing: it has no core resources and no quiz, so everybody has passed it."
    ]


def test_its_folder_keeps_where_it_came_from():
    imported()
    road = Roadmap.objects.get()
    texts = writing.files(Draft(road).folder())

    assert "source: roadmap.sh\nsource_ref: bees\n" in texts["road.yaml"]
    assert not RoadImport(read_files({name: text.encode() for name, text in texts.items()})).save(NOW).by_act


def test_a_road_with_a_notice_can_not_be_public():
    imported()
    texts = writing.files(Draft(Roadmap.objects.get()).folder())
    texts["road.yaml"] = texts["road.yaml"].replace("public: false", "public: true")

    checked = read_files({name: text.encode() for name, text in texts.items()})
    assert [str(fault.what) for fault in checked.stops] == ["The road has a notice, so it can't be public."]


def test_its_page_says_whose_it_is(desk):
    imported()
    Draft(Roadmap.objects.get()).publish(by=None, changelog="First.", now=EARLIER)

    page = desk.get("/roads/roadmap-sh-bees/").content.decode()
    assert "From roadmap.sh." in page
    assert "This content is licensed for your personal use; do not publish it." in page
    for door in ("progress:print", "progress:markdown"):
        assert "do not publish it." in desk.get(reverse(door, args=["roadmap-sh-bees"])).content.decode()


def test_going_back_to_an_earlier_edition_keeps_the_notice():
    imported()
    road = Roadmap.objects.get()
    Draft(road).publish(by=None, changelog="First.", now=EARLIER)
    again(renamed_queen())
    Draft(road).publish(by=None, changelog="Second.", now=EARLIER)

    first = Edition.objects.select_related("roadmap").get(number=1)
    EarlierEdition(first).publish_again(by=None, changelog="Back.", now=NOW, against=2)

    road.refresh_from_db()
    assert (road.source, road.source_ref, road.is_public) == ("roadmap.sh", "bees", False)
    assert road.notice


def test_a_road_of_the_house_says_nothing_of_the_kind(desk):
    road = saved()
    Draft(road).publish(by=None, changelog="First.", now=EARLIER)

    assert "licensed for your personal use" not in desk.get(f"/roads/{road.key}/").content.decode()


# At the desk


def test_the_desk_shows_the_terms_and_the_form_refuses_to_make_it_public(desk):
    imported()
    address = f"/admin/roadmap/roadmap/{Roadmap.objects.get().pk}/change/"
    page = desk.get(address)
    assert "All rights reserved by its author" in page.content.decode()

    form = page.context["adminform"].form
    form_class = type(form)
    bound = form_class({**form.initial, "is_public": "on"}, instance=Roadmap.objects.get())
    assert "This road stays private" in str(bound.errors["is_public"])


def test_a_zip_of_one_road_is_looked_at_and_confirmed(desk):
    address = upload(desk, {**three_topics(), **layout_c(wax=b"# Wax\n\n- [One](nowhere)")}).url
    page = desk.get(address)
    text = page.content.decode()

    assert "From roadmap.sh." in text
    assert "Placed by inference" in text
    assert "nothing says where it belongs" in text
    assert f"wax@{node_id('wax')}.md, line 3" in text
    assert not Roadmap.objects.exists()

    answer = desk.post(address, {"seen": page.context["run"].seen}, follow=True)
    assert "Bees is imported" in answer.content.decode()
    assert Topic.objects.count() == 4
    assert RoadUpload.objects.get().imported_at


def test_a_zip_of_several_roads_is_for_the_command(desk):
    answer = upload(desk, {**three_topics(), **three_topics("honey")})

    assert answer.status_code == 422
    assert "The zip holds 2 roads." in answer.content.decode()
    assert not RoadUpload.objects.exists()


# By command


def test_the_command_imports_a_checkout_and_says_what_was_odd(tmp_path):
    files = {
        **three_topics(),
        **three_topics("honey"),
        **layout_c(wax=topic("Wax", "[@guide@W](https://w.example/)")),
    }
    write(files, tmp_path)

    out, err = command(tmp_path)

    assert "bees (layout C), 4 topics:" in out
    assert "1 × unknown type" in out
    assert "inferred - please check: “Wax” in “Unsorted”, because nothing says where it belongs" in out
    assert "2 of 2 roads imported." in out
    assert f"warning: roadmaps/bees/content/wax@{node_id('wax')}.md:7: There is no type “guide”." in err
    assert Roadmap.objects.count() == 2


def test_a_dry_run_of_one_road_writes_nothing(tmp_path):
    write({**three_topics(), **three_topics("honey")}, tmp_path)

    out, _err = command(tmp_path, "--road", "bees", "--dry-run")

    assert "added: 1 × roadmap" in out
    assert "Publishing it would change, against nothing" in out
    assert "1 of 1 roads read." in out
    assert not Roadmap.objects.exists()


def test_a_zip_and_a_graph_are_read_too(tmp_path):
    zipped, drawing = tmp_path / "branch.zip", tmp_path / "drawing.json"
    zipped.write_bytes(packed({f"branch/{name}": data for name, data in three_topics().items()}))
    drawing.write_bytes(
        graph([node("hive", "topic"), node("queen", "topic", y=90), node("smoke", "topic", y=200)])
    )

    command(zipped, "--graph", drawing)

    assert list(Stage.objects.order_by("position").values_list("title", flat=True)) == [
        "Hive",
        "Queen",
        "Smoke",
    ]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nowhere"], "is not there"),
        (["."], "No road was found"),
        (["roads", "--road", "wasps"], "There is no road wasps"),
        (["roads", "--graph", "g.json"], "A graph is of one road"),
        (["roads/roadmaps/bees", "--graph", "g.json"], "can't be read"),
    ],
)
def test_the_command_says_what_is_missing(tmp_path, monkeypatch, args, said):
    (tmp_path / "empty").mkdir()
    write({**three_topics(), **three_topics("honey")}, tmp_path / "roads")
    monkeypatch.chdir(tmp_path / ("empty" if args == ["."] else ""))

    with pytest.raises(CommandError, match=said):
        command(*args)


# Scale


@pytest.mark.long
def test_ninety_roads_with_ten_thousand_topics_are_imported_within_a_minute(tmp_path):
    write_checkout(tmp_path, roads=90, topics=112, links=278)

    begun, worked = time.perf_counter(), time.process_time()
    out, _err = command(tmp_path)
    took, worked = time.perf_counter() - begun, time.process_time() - worked

    assert (Topic.objects.count(), Placement.objects.count()) == (90 * 112, 90 * 278)
    assert "90 of 90 roads imported." in out
    assert took < 60, f"It took {took:.1f} s, {worked:.1f} s of them work of this process."


def write_checkout(root: Path, *, roads: int, topics: int, links: int) -> None:
    """Roads of numbered topics with a graph each; one link of eight is one that the road before has too."""
    for road in range(roads):
        slug, nodes = f"road-{road}", []
        files: dict[str, bytes] = {}
        for number in range(topics):
            count = links // topics + (number < links % topics)
            ends = [f"{road - (one % 8 == 0)}-{number}-{one}" for one in range(count)]
            items = [f"[@article@Link {end}](https://bees.example/{end})" for end in ends]
            name = f"n{road}x{number}"
            files |= {
                f"roadmaps/{slug}/content/{name}@{node_id(name)}.md": topic(
                    f"Topic {number}", *items, text="Bees. " * 70
                )
            }
            nodes.append(node(name, "subtopic" if number % 6 else "topic", x=number % 6 * 150, y=number * 60))
        write({**files, f"roadmaps/{slug}/graph.json": graph(nodes)}, root)
