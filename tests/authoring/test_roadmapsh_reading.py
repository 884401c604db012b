"""A checkout of roadmap.sh is read whatever its layout, and whatever is odd in its files; no database is needed."""

import os
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authoring.roadmapsh import graph as drawings
from authoring.roadmapsh import layouts, names, reading, shaping, topics
from authoring.roadmapsh.layouts import Disk, Memory
from authoring.roadmapsh.links import Link
from roadmap.keys import is_key
from tests.authoring.checkouts import (
    edge,
    graph,
    layout_c,
    link,
    node,
    node_id,
    noted,
    read,
    three_topics,
    titles,
    topic,
    write,
)


def parsed(text: str):
    return topics.parse(text.encode(), "hive@x.md")


def links_of(*items: str):
    return parsed("# Hive\n\nText.\n\nVisit the following resources to learn more:\n\n" + "\n".join(items))


# Layouts


def found(files: dict[str, bytes], name: str = "") -> list[tuple[str, str]]:
    return [(road.slug, road.layout) for road in layouts.roads(Memory(files, name))]


def test_the_four_layouts_are_told_by_their_paths():
    assert found(three_topics()) == [("bees", "C")]
    assert found({"src/data/roadmaps/bees/bees.json": b"", "src/data/roadmaps/bees/content/a@b.md": b""}) == [
        ("bees", "B")
    ]
    assert found({"src/data/roadmaps/bees/content/100-hive/index.md": b""}) == [("bees", "A")]
    assert found({"content/roadmaps/100-bees/content/100-hive/readme.md": b""}) == [("bees", "0")]


def test_a_folder_of_one_road_and_the_zip_of_a_branch_are_checkouts_too():
    assert found({"content/hive@x.md": b""}, "bees") == [("bees", "C")]
    assert found({"bees/content/hive@x.md": b""}) == [("bees", "C")]
    assert found({f"branch/{name}": data for name, data in three_topics().items()}) == [("bees", "C")]


def test_other_contents_of_a_checkout_are_no_roads():
    others = {
        "src/data/question-groups/bees/content/a.md": b"",
        "src/data/best-practices/x/content/b.md": b"",
    }
    assert found({**three_topics(), **others}) == [("bees", "C")]
    assert found({"bread/road.yaml": b""}) == []


def test_a_numbered_tree_is_read_in_the_order_of_its_numbers():
    base = "src/data/roadmaps/bees/content"
    road = read(
        {
            f"{base}/101-honey/100-jars.md": topic("Jars", "[Jars](https://bees.example/jars)"),
            f"{base}/100-hive/index.md": topic("The hive", text="Where they live."),
            f"{base}/100-hive/102-roof.md": topic("Roof"),
            f"{base}/100-hive/9-floor.md": topic("Floor"),
            f"{base}/index.md": b"# Bees",
        }
    )

    assert titles(road) == {"The hive": ["The hive", "Floor", "Roof"], "Honey": ["Jars"]}
    assert list(road.topics) == ["hive", "hive:floor", "hive:roof", "honey:jars"]
    assert noted(road) == [("stray", "index.md", None)]


def test_the_links_of_2022_are_read():
    text = (
        "# Hive\n\nWood.\n\n<ResourceGroupTitle>Free</ResourceGroupTitle>\n"
        "<BadgeLink colorScheme='x' badgeText='Watch' href='https://bees.example/film'>A film</BadgeLink>\n"
        '<BadgeLink badgeText="Sniff" href="https://bees.example/nose">A smell</BadgeLink>\n'
    )
    road = read({"content/roadmaps/100-bees/content/100-hive/readme.md": text.encode()})

    hive = road.topics["hive"].parsed
    assert hive.body == "Wood."
    assert [(one.type, one.title) for one in hive.links] == [("video", "A film"), ("article", "A smell")]
    assert noted(road) == [("type", "readme.md", 7)]


def test_titles_and_summaries_come_from_the_frame_where_there_is_one():
    base = "src/data/roadmaps/bees"
    frame = b"---\nbriefTitle: 'Keeping bees'\nbriefDescription: Honey at home.\n---\n"
    road = read({f"{base}/bees.md": frame, f"{base}/content/hive@x.md": topic("Hive")})

    assert (road.title, road.summary) == ("Keeping bees", "Honey at home.")
    assert read(three_topics("honey-bees")).title == "Honey bees"


# Names


@pytest.mark.parametrize(
    ("label", "slug"),
    [("Train - Test Data", "train---test-data"), ("A & B", "a--b"), ("C++ / C#", "c--c"), ("日本", "")],
)
def test_slugs_are_made_as_they_make_them(label, slug):
    assert names.slugify(label) == slug


@given(st.lists(st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=21), unique=True))
def test_each_id_has_its_own_key_which_can_be_read_back(ids):
    keys = [names.part_key(one) for one in ids]

    assert len(set(keys)) == len(ids)
    assert all(map(is_key, keys))
    assert [names.source_id(key) for key in keys] == ids


@given(st.text(min_size=0, max_size=300))
def test_keys_are_keys_whatever_they_are_made_of(text):
    assert is_key(names.part_key(text))
    assert is_key(names.road_key(text))


def test_addresses_are_one_however_they_are_spelled():
    spelled = ("http://www.Bees.example:80/hive/?utm_source=x", "https://bees.example/hive")
    assert len({names.normal(url) for url in spelled}) == 1
    assert is_key(names.resource_key(names.normal(spelled[0]) or ""))
    assert [names.normal(url) for url in ("ftp://x.example", "https://[", "https://a b", "hive")] == [
        None
    ] * 4


# Irregular names of files


def test_a_file_without_an_id_is_left_out_and_named():
    road = read(
        {
            **three_topics(),
            "roadmaps/bees/content/wax.md": topic("Wax"),
            "roadmaps/bees/content/index.md": b"",
        }
    )

    assert len(road.topics) == 3
    assert noted(road) == [("no_id", "index.md", None), ("no_id", "wax.md", None)]


def test_an_empty_slug_and_a_doubled_ending_are_read():
    road = read(
        {"roadmaps/bees/content/@-_x9.md": topic("日本"), "roadmaps/bees/content/wax@w1.md.md": topic("Wax")}
    )

    assert {one.id: one.title for one in road.topics.values()} == {"-_x9": "日本", "w1": "Wax"}
    assert road.notes == []


def test_files_that_are_no_markdown_are_left_out():
    assert noted(read({**three_topics(), "roadmaps/bees/content/dummy": b""})) == [("stray", "dummy", None)]


def test_of_two_files_with_one_id_the_one_named_as_in_the_graph_counts():
    files = {"roadmaps/bees/content/rag@x.md": topic("Rag"), "roadmaps/bees/content/rags@x.md": topic("Rags")}
    drawing = graph([{**node("rags", "topic"), "id": "x"}])

    assert read(files, drawing).topics["x"].file.endswith("rags@x.md")
    assert noted(read(files, drawing)) == [("two_files", "rag@x.md", None)]


def test_else_the_one_whose_heading_fits_its_name_counts():
    files = {
        "roadmaps/bees/content/rag@x.md": topic("Rags"),
        "roadmaps/bees/content/rags@x.md": topic("Rags"),
    }
    assert read(files).topics["x"].file.endswith("rags@x.md")


def test_else_the_newest_counts(tmp_path):
    files = {"bees/content/rag@x.md": topic("Cloth"), "bees/content/rags@x.md": topic("Linen")}
    write(files, tmp_path)
    os.utime(tmp_path / "bees/content/rag@x.md", (1, 1))
    source = Disk(tmp_path / "bees")
    (road,) = layouts.roads(source)

    assert road.slug == "bees"
    assert reading.read(source, road).topics["x"].file == "content/rags@x.md"


def test_one_slug_with_two_ids_is_two_topics():
    files = {"roadmaps/bees/content/rag@x.md": topic("Rag"), "roadmaps/bees/content/rag@y.md": topic("Rag")}
    road = read(files)
    assert sorted(road.topics) == ["x", "y"]
    assert road.notes == []


# Irregular headings


def test_a_missing_heading_is_made_of_the_files_name():
    road = read(layout_c(hive_roof=b"Only text."))
    assert [one.title for one in road.topics.values()] == ["Hive roof"]
    assert noted(road)[0][0] == "title"


def test_another_topics_heading_is_not_taken():
    road = read({**three_topics(), **layout_c(wax=topic("Queen"))})
    assert road.topics[node_id("wax")].title == "Wax"
    assert [note[0] for note in noted(road)] == ["title"]


def test_a_heading_that_differs_from_the_name_is_taken_and_noted():
    road = read(layout_c(wax=topic("Beeswax")))
    assert [one.title for one in road.topics.values()] == ["Beeswax"]
    assert [note[0] for note in noted(road)] == ["title"]


# Links


def test_a_topic_is_read_as_their_sync_writes_it():
    found = topics.parse(topic("Hive", link("One", "official"), link("Two", "opensource")), "f")

    assert (found.title, found.body) == ("Hive", "Bees need it.")
    assert [(one.type, one.title) for one in found.links] == [("docs", "One"), ("repository", "Two")]
    assert found.notes == ()


def test_the_types_are_ours_in_the_end():
    kinds = ("article", "course", "podcast", "video", "book", "feed")
    read_links = links_of(*(f"- {link(kind, kind)}" for kind in kinds)).links

    assert [one.type for one in read_links] == ["article", "course", "podcast", "video", "book", "article"]
    assert [one.is_feed for one in read_links] == [False] * 5 + [True]


@pytest.mark.parametrize("kind", ["guide", "paper", "Video", "offical"])
def test_unknown_and_misspelt_types_are_noted(kind):
    read_links = links_of(f"- [@{kind}@Wax](https://bees.example/wax)")
    assert read_links.links[0].type == ("video" if kind == "Video" else "article")
    assert [(note.kind, note.line) for note in read_links.notes] == [("type", 7)]


def test_a_missing_type_is_an_article():
    assert links_of("- [Wax](https://bees.example/wax)").links == (
        Link("article", "Wax", "https://bees.example/wax"),
    )


def test_links_to_roads_are_related_roads_and_no_resources():
    road = read(layout_c(hive=topic("Hive", "[@roadmap@Visit it](https://roadmap.sh/honey)", link("One"))))

    assert [(other.slug, source.title) for other, source in road.roads()] == [("honey", "Hive")]
    folder = shaping.folder(road, {})
    assert [(one.key, one.title) for one in folder.road.related] == [("roadmap-sh-honey", "Honey")]
    assert [one.title for one in folder.resources] == ["One"]


def test_escapes_are_taken_out_of_titles():
    assert links_of(r"- [@article@A \[b\] \<c\> | d (e)](https://bees.example/x_(y))").links == (
        Link("article", "A [b] <c> | d (e)", "https://bees.example/x_(y)"),
    )


@pytest.mark.parametrize(
    ("items", "title", "url", "line"),
    [
        (["- [@article@Wax]](https://bees.example/wax)"], "Wax", "https://bees.example/wax", 7),
        (["- [@article@Bees", "  wax](https://bees.example/wax)"], "Bees wax", "https://bees.example/wax", 7),
        (
            ["- [One](https://bees.example/1)", "*   [Wax](https://bees.example/wax)."],
            "Wax",
            "https://bees.example/wax",
            8,
        ),
        (["- [article@Wax](https://bees.example/wax)"], "Wax", "https://bees.example/wax", 7),
    ],
)
def test_malformed_links_are_read_as_well_as_they_can_be_and_named_by_line(items, title, url, line):
    found = links_of(*items)
    assert (found.links[-1].title, found.links[-1].url) == (title, url)
    assert ("link", line) in [(note.kind, note.line) for note in found.notes]


def test_what_is_no_address_is_left_out():
    found = links_of(
        "- [@article@One](https://bees.example/1)", "- [@article@Two](javascript:alert)", "- Three"
    )
    assert [one.title for one in found.links] == ["One"]
    assert [(note.kind, note.line) for note in found.notes] == [("link", 8), ("link", 9)]


def test_more_than_eight_links_are_kept_and_noted():
    found = links_of(*(f"- {link(str(number))}" for number in range(15)))
    assert len(found.links) == 15
    assert [note.kind for note in found.notes] == ["many"]


def test_an_address_stands_once_in_a_topic():
    assert len(links_of(f"- {link('One')}", f"- {link('One', 'video')}").links) == 1


@pytest.mark.parametrize(
    "lead_in", ["Learn more from the following:", "Visit the following resources to learn more:"]
)
def test_the_line_above_the_links_is_no_text(lead_in):
    assert topics.parse(topic("Hive", link("One"), lead_in=lead_in), "f").body == "Bees need it."


def test_lists_in_the_text_and_code_stay():
    found = parsed(
        "# Hive\n\n- wood\n- wax\n\n```md\n# no title\n- [@article@No](https://no.example)\n```\n\n"
        f"- {link('One')}"
    )
    assert [one.title for one in found.links] == ["One"]
    assert "- wood\n- wax" in found.body
    assert "[@article@No]" in found.body


def test_marks_and_line_ends_of_other_machines_are_read():
    data = "\ufeff".encode() + topic("Hive", link("One")).replace(b"\n", b"\r\n")
    found = topics.parse(data, "f")
    assert (found.title, found.body, len(found.links)) == ("Hive", "Bees need it.", 1)


def test_letters_that_are_none_are_noted():
    assert [note.kind for note in topics.parse(b"# H\xffve\x07", "f").notes] == ["text", "text"]


# Graph


def drawn() -> tuple[dict[str, bytes], bytes]:
    files = layout_c(
        "bees",
        **{
            name: topic(name.capitalize(), link(name))
            for name in ("hive", "queen", "roof", "floor", "egg", "drone", "far", "lost")
        },
    )
    nodes = [
        node("heading-1", "paragraph", y=0, label="Houses"),
        node("heading-2", "paragraph", y=500, label="Families"),
        node("boiler", "paragraph", y=900, label="Find the detailed version at roadmap.sh"),
        node("hive", "topic", y=100),
        node("queen", "topic", y=600, legend="Alternative Option / Pick this or purple"),
        node("roof", x=300, y=100, legend="Optional / learn anytime"),
        node("floor", x=300, y=145),
        {**node("frame", "section", x=250, y=550), "width": 500, "height": 200},
        node("egg", x=300, y=600),
        node("drone", x=600, y=690),
        node("far", x=1500, y=620),
    ]
    edges = [edge("hive", "queen", "solid"), edge("hive", "roof"), edge("egg", "queen"), edge("hive", "gone")]
    return files, graph(nodes, edges)


def test_headings_make_the_stages_and_each_topic_says_why_it_is_there():
    files, drawing = drawn()
    road = read(files, drawing)

    assert titles(road) == {
        "Houses": ["Hive", "Roof", "Floor"],
        "Families": ["Queen", "Egg", "Far", "Drone"],
        "Unsorted": ["Lost"],
    }
    how = {road.topics[placed.id].title: placed.how for plan in road.stages for placed in plan.topics}
    assert how == {
        "Hive": "heading", "Queen": "heading", "Roof": "edge", "Floor": "touching", "Egg": "edge",
        "Drone": "section", "Far": "nearest", "Lost": "unsorted",
    }  # fmt: skip
    certain = {placed.id for plan in road.stages for placed in plan.topics if placed.is_certain}
    assert certain == {node_id("roof"), node_id("egg")}
    assert [(note.kind, str(note.what)) for note in road.notes] == [("graph", "1 line leads nowhere.")]


def test_legends_become_roles():
    files, drawing = drawn()
    folder = shaping.folder(read(files, drawing), {})

    roles = {one.title: one.resources[0].role for one in folder.topics()}
    assert (roles["Queen"], roles["Roof"], roles["Hive"]) == ("alternative", "deep_dive", "core")


def test_without_headings_each_topic_of_the_spine_is_a_stage_in_the_order_of_its_lines():
    files = layout_c(hive=topic("Hive"), queen=topic("Queen"), egg=topic("Egg"))
    drawing = graph(
        [node("hive", "topic", y=500), node("queen", "topic", y=0), node("egg", y=10)],
        [edge("hive", "queen", "solid"), edge("queen", "egg")],
    )
    assert titles(read(files, drawing)) == {"Hive": ["Hive"], "Queen": ["Queen", "Egg"]}


def test_without_a_graph_all_is_unsorted_by_title():
    assert titles(read(three_topics())) == {"Unsorted": ["Hive", "Queen", "Smoke"]}


def test_the_graph_beside_the_topics_and_the_answer_of_their_site_are_read():
    beside = {"roadmaps/bees/graph.json": graph([node("hive", "topic"), node("queen", "topic", y=50)])}
    assert list(titles(read({**three_topics(), **beside}))) == ["Hive", "Queen", "Unsorted"]
    answer = b'{"title": {"card": "Bees at home"}, "description": "Honey.", "nodes": [], "edges": []}'
    road = read(three_topics(), answer)
    assert (road.title, road.summary) == ("Bees at home", "Honey.")


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"nodes": 3}', b"[" * 100_000, b'{"nodes": [1, null, {"id": 5}], "edges": 7}']
)
def test_a_graph_that_is_none_leaves_the_order_open(data):
    assert titles(read(three_topics(), data)) == {"Unsorted": ["Hive", "Queen", "Smoke"]}


# Whatever is in it

_NAMES = st.one_of(
    st.from_regex(
        r"roadmaps/[a-z]{1,3}/content/[a-z@A-Z_-]{0,4}@[A-Za-z0-9_-]{0,3}(\.md){0,2}", fullmatch=True
    ),
    st.from_regex(
        r"src/data/roadmaps/[a-z]/content/[0-9]{3}-[a-z]{1,2}/([0-9]{3}-)?(index|[a-z])\.md", fullmatch=True
    ),
    st.text(max_size=20),
)
_TEXTS = st.one_of(st.binary(max_size=200), st.text("#-*[]()@\\ \n`<>ah:/.", max_size=200).map(str.encode))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(_NAMES, _TEXTS, max_size=6), st.one_of(st.none(), st.binary(max_size=100)))
def test_no_checkout_breaks_the_reader(files, drawing):
    source = Memory(files, "bees")
    for road in layouts.roads(source):
        found = reading.read(source, road, drawing)
        placed = [placed.id for plan in found.stages for placed in plan.topics]
        assert sorted(placed) == sorted(found.topics)
        if not placed:
            continue  # such a road is refused
        folder = shaping.folder(found, {})
        assert len({part.stage.key for part in folder.stages}) == len(folder.stages)


_JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.floats(), st.integers(), st.sampled_from(["topic", "section", "a", ""])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["id", "x", "label"]), inner)
    ),
    max_leaves=5,
)
_NODES = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b", "c", "d"]),
        "type": st.sampled_from(["topic", "subtopic", "section", "paragraph"]),
    },
    optional={
        "position": st.fixed_dictionaries({"x": st.floats(), "y": st.integers()}),
        "data": _JSON,
        "width": _JSON,
    },
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(_NODES, max_size=6),
    st.lists(st.fixed_dictionaries({"source": _JSON, "target": _JSON}), max_size=5),
)
def test_each_topic_is_placed_once_however_the_graph_is_drawn(nodes, edges):
    files = {f"roadmaps/bees/content/{one}@{one}.md": topic(one) for one in "abcde"}
    road = read(files, graph(nodes, edges))
    placed = [placed.id for plan in road.stages for placed in plan.topics]
    assert sorted(placed) == list("abcde")


def test_a_legend_is_known_by_its_words():
    said = ("Personal Recommendation!", "Order in roadmap not strict", "Advanced / Pick last", "Purple")
    assert [drawings.legend(one) for one in said] == ["recommended", "order-free", "advanced", ""]
