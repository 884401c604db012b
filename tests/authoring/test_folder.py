"""Every fault of a folder is named with its file, its line and what mends it."""

import pytest

from authoring import shapes
from authoring.folder import read_folder
from roadmap.models.resource import Cost, ResourceType
from tests.authoring.roads import MACHINE_LEARNING, copy, edit, line_of, swap, told


@pytest.fixture
def folder(tmp_path):
    return copy(tmp_path)


def test_a_sound_folder_has_no_faults(folder):
    checked = read_folder(folder)

    assert told(checked) == []
    assert checked.road is not None
    assert [part.stage.key for part in checked.road.stages] == ["starter", "oven", "market"]
    assert [topic.key for topic in checked.road.topics()] == ["feeding", "percentages", "crust", "prices"]


def test_the_machine_learning_road_is_sound():
    assert read_folder(MACHINE_LEARNING).stops == []


# file, old text, new text, the text of the line at fault, the fault
SPOILED = {
    "unknown field": (
        "stages/oven/stage.yaml",
        "summary: Steam",
        "sumary: Steam",
        "sumary: Steam",
        "“sumary” is not known here. Did you mean “summary”?",
    ),
    "field missing": (
        "stages/oven/topics/crust.md",
        "title: Crust and crumb\n",
        "",
        "key: crust",
        "“title” is missing. Add it.",
    ),
    "wrong type": (
        "road.yaml",
        "hours_per_week: 6",
        "hours_per_week: six",
        "hours_per_week",
        "“hours_per_week” must be a whole number, not a text. Write a number without quotes.",
    ),
    "empty text": ("faq.yaml", "answer: No. Two hands and a bowl do it.",
        "answer: ' '", "answer: ' '", "“answer” is empty. Write something."),
    "format of the future": ("road.yaml", "format: 1", "format: 2", "format: 2", "“format” can't be “2”. Use 1."),
    "span upside down": (
        "road.yaml",
        "months: [1, 2]",
        "months: [2, 1]",
        "months: [2, 1]",
        "“months” is “[2, 1]”. The low number comes first, neither is below zero.",
    ),
    "address of another scheme": (
        "resources.yaml",
        "url: https://example.org/bread/steam",
        "url: javascript:alert(1)",
        "javascript",
        "“url” is “javascript:alert(1)”. An address begins with https:// or http:// and has no spaces.",
    ),
    "unknown resource": (
        "stages/oven/topics/crust.md",
        "resource: bread-steam-film",
        "resource: bread-steem-film",
        "bread-steem-film",
        "There is no resource “bread-steem-film” on this road. Did you mean “bread-steam-film”?",
    ),
    "unknown recommended resource": (
        "road.yaml",
        "recommended: [bread-scale",
        "recommended: [zzz",
        "recommended",
        "There is no resource “zzz” on this road. Add it to the resources, or take it out here.",
    ),
    "gate on an unknown stage": (
        "stages/oven/stage.yaml",
        "stages: [starter]",
        "stages: [startr]",
        "stages: [startr]",
        "There is no stage “startr” on this road. Did you mean “starter”?",
    ),
    "gate on an unknown task": (
        "stages/market/stage.yaml",
        "tasks: [four-loaves]",
        "tasks: [xyz]",
        "tasks: [xyz]",
        "There is no evidence task “xyz” on this road. List it in its stage, or take it out here.",
    ),
    "more asked than there is": (
        "stages/market/stage.yaml",
        "at_least: 1",
        "at_least: 2",
        "at_least: 2",
        "The gate asks for 2 of 1 task. Ask for at most 1.",
    ),
    "gate of the other kind": (
        "stages/oven/stage.yaml",
        "- kind: stage_passed\n  stages: [starter]",
        "- kind: evidence_accepted\n  stages: [starter]",
        "- kind: evidence_accepted",
        "A gate of kind evidence_accepted names no tasks. Name tasks in it.",
    ),
    "unknown background": (
        "stages/oven/topics/crust.md",
        "home-baker: [2, 8]",
        "home-backer: [2, 8]",
        "home-backer",
        "The road has no background “home-backer”. Did you mean “home-baker”?",
    ),
    "unknown prerequisite": (
        "stages/oven/topics/crust.md",
        "prerequisites: [percentages]",
        "prerequisites: [percentage]",
        "prerequisites",
        "There is no topic “percentage” on this road. Did you mean “percentages”?",
    ),
    "question about an unknown topic": (
        "stages/oven/quiz.yaml",
        "topic: crust",
        "topic: zebra",
        "topic: zebra",
        "There is no topic “zebra” on this road. List it in its stage, or take it out here.",
    ),
    "question of an unknown type": (
        "stages/oven/quiz.yaml",
        "type: multiple",
        "type: multi",
        "type: multi",
        "There is no question type “multi”.",
    ),
    "question without right answers": (
        "stages/market/quiz.yaml",
        "answer: true",
        "answer: maybe",
        "answer: maybe",
        "“answer” must be true or false, not “maybe”. Write true or false.",
    ),
    "question with a field of another type": (
        "stages/market/quiz.yaml",
        "  answer: true",
        "  answer: true\n  tolerance: 1",
        "tolerance: 1",
        "“tolerance” is not known here.",
    ),
    "more drawn than there are": (
        "stages/oven/quiz.yaml",
        "draw: null",
        "draw: 3",
        "draw: 3",
        "The quiz draws 3 questions out of 2. Write more, or draw at most 2.",
    ),
    "key unlike its file": (
        "stages/oven/topics/crust.md",
        "key: crust\n",
        "key: crumbs\n",
        "key: crumbs",
        "The key is “crumbs”, but file or folder is named “crust”. Name both the same.",
    ),
    "not a key": (
        "resources.yaml",
        "key: bread-prices",
        "key: Bread_Prices",
        "Bread_Prices",
        "“Bread_Prices” in “key” has characters that it can't have. Use lower-case letters",
    ),
    "key given twice": (
        "stages/oven/quiz.yaml",
        "key: q-bread-11",
        "key: q-bread-01",
        "q-bread-01",
        "The key “q-bread-01” names two things of this kind. Give one of them another key.",
    ),
    "listed twice": (
        "stages/oven/stage.yaml",
        "topics: [crust]",
        "topics: [crust, crust]",
        "topics:",
        "“crust” is listed twice. Keep one of the two.",
    ),
    "stage that asks for itself": (
        "stages/oven/stage.yaml",
        "stages: [starter]",
        "stages: [oven]",
        "gates:",
        "The gates run in a circle: oven waits for oven. None of these stages ever opens.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILED)
def test_a_fault_names_its_file_its_line_and_the_remedy(folder, name):
    file, old, new, at, fault = SPOILED[name]
    swap(folder, file, old, new)

    checked = read_folder(folder)

    line = line_of(folder, file, at)
    assert any(said.startswith(f"{file}:{line}: {fault}") for said in told(checked)), told(checked)
    assert checked.road is None


def test_all_faults_are_told_at_once(folder):
    for name in ("unknown field", "unknown resource", "unknown background", "question of an unknown type"):
        swap(folder, *SPOILED[name][:3])
    (folder / "stages/market/topics/prices.md").unlink()

    files = {fault.file for fault in read_folder(folder).stops}

    assert files == {
        "stages/oven/stage.yaml",
        "stages/oven/topics/crust.md",
        "stages/oven/quiz.yaml",
        "stages/market/topics/prices.md",
    }


def test_a_broken_part_does_not_make_its_neighbors_look_wrong(folder):
    swap(folder, "stages/starter/topics/feeding.md", "title: Feeding\n", "")
    swap(folder, "stages/oven/evidence/four-loaves.md", "required: true", "required: perhaps")

    assert len(read_folder(folder).faults) == 2


def test_a_file_listed_but_missing_is_named(folder):
    (folder / "stages/oven/topics/crust.md").unlink()

    assert (
        "stages/oven/topics/crust.md: The file is missing. Write it, or take its key out of the list."
        in told(read_folder(folder))
    )


def test_a_file_there_but_not_listed_is_named(folder):
    swap(folder, "stages/starter/stage.yaml", "topics: [feeding, percentages]", "topics: [feeding]")

    said = told(read_folder(folder))

    assert any(
        s.startswith("stages/starter/topics/percentages.md: The file is there, but not listed.") for s in said
    )


def test_a_stage_folder_that_is_not_listed_is_named(folder):
    swap(folder, "road.yaml", "stages: [starter, oven, market]", "stages: [starter, oven]")

    said = told(read_folder(folder))

    assert any(s.startswith("stages/market/stage.yaml: The file is there, but not listed.") for s in said)


def test_other_files_are_left_out_with_a_warning_and_hidden_ones_in_silence(folder):
    (folder / "README.md").write_text("Notes of the authors.")
    (folder / ".editor").write_text("state")

    checked = read_folder(folder)

    assert [fault.file for fault in checked.faults] == ["README.md"]
    assert checked.road is not None


def test_circles_are_told_and_what_waits_behind_them(folder):
    swap(folder, "stages/starter/stage.yaml", "gates: []", "gates:\n- kind: stage_passed\n  stages: [oven]")
    swap(folder, "stages/starter/topics/feeding.md", "prerequisites: []", "prerequisites: [percentages]")

    said = " ".join(told(read_folder(folder)))

    assert "starter waits for oven, oven waits for starter" in said
    assert "The stage never opens: it waits for “oven”, which never opens." in said
    assert "feeding needs percentages, percentages needs feeding" in said


def test_a_gate_on_evidence_of_a_later_stage_is_a_circle(folder):
    """Evidence is handed in on an open stage, so a stage can't wait for its own."""
    edit(
        folder,
        "stages/oven/stage.yaml",
        lambda text: text.replace(
            "- kind: stage_passed\n  stages: [starter]", "- kind: evidence_accepted\n  tasks: [four-loaves]"
        ),
    )

    assert any("oven waits for oven" in said for said in told(read_folder(folder)))


def test_a_stage_that_asks_for_nothing_stops_and_one_with_a_quiz_alone_warns(folder):
    swap(folder, "stages/market/topics/prices.md", "role: core", "role: reference")
    warned = read_folder(folder)
    (folder / "stages/market/quiz.yaml").unlink()
    stopped = read_folder(folder)

    assert [fault.severity for fault in warned.faults] == ["warns"]
    assert warned.road is not None
    line = line_of(folder, "stages/market/stage.yaml", "topics:")
    assert any(
        s.startswith(f"stages/market/stage.yaml:{line}: The stage asks for nothing") for s in told(stopped)
    )
    assert stopped.road is None


def test_months_that_do_not_fit_the_hours_and_unused_resources_warn(folder):
    swap(folder, "road.yaml", "months: [1, 2]", "months: [9, 15]")
    swap(folder, "stages/oven/topics/crust.md", "- resource: bread-crumb-book\n  role: deep_dive\n", "")
    swap(folder, "stages/oven/quiz.yaml", "resource: bread-crumb-book", "resource: bread-steam-film")
    swap(folder, "road.yaml", "[bread-scale, bread-crumb-book]", "[bread-scale]")

    checked = read_folder(folder)

    assert checked.road is not None
    assert [fault.severity for fault in checked.faults] == ["warns"] * 3
    assert "“First loaf ever” says at least 9 months, but the hours come to 1.0." in told(checked)[0]
    assert "“bread-crumb-book” is used nowhere" in told(checked)[2]


def test_links_are_refused_and_not_followed(folder, tmp_path):
    secret = tmp_path / "secret.md"
    secret.write_text("---\nkey: crust\ntitle: Secret\n---\n")
    topic = folder / "stages/oven/topics/crust.md"
    topic.unlink()
    topic.symlink_to(secret)
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "stages/oven/linked").symlink_to(outside)

    said = told(read_folder(folder))

    assert "stages/oven/topics/crust.md: This is a link. Put the file itself here." in said
    assert "stages/oven/linked: This is a link. Put the file itself here." in said
    assert not any("Secret" in s for s in said)


def test_keys_never_lead_out_of_the_folder(folder, tmp_path):
    (tmp_path / "outside.md").write_text("---\nkey: x\n---\n")
    swap(folder, "stages/oven/stage.yaml", "topics: [crust]", "topics: [../../../../outside, crust]")

    checked = read_folder(folder)

    assert checked.road is None
    assert not any(fault.file.endswith("outside.md") for fault in checked.faults)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"key: caf\xe9\n", "faq.yaml:1: This is not UTF-8."),
        (b"- key: a\n  answer: x\x00\n", "faq.yaml:2: A control character stands here."),
        (b"a" * (2 * 1024 * 1024 + 1), "faq.yaml: The file is larger than 2 MB."),
        (b"key: a\n", "faq.yaml:1: A list belongs here."),
        (b"- just text\n", "faq.yaml:1: Names and values are missing here."),
    ],
)
def test_files_that_are_no_sound_texts_are_refused(folder, data, fault):
    (folder / "faq.yaml").write_bytes(data)

    assert any(said.startswith(fault) for said in told(read_folder(folder)))


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(folder):
    plain = read_folder(folder).road
    for path in folder.rglob("*.*"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    assert read_folder(folder).road == plain


def test_a_folder_that_is_not_there_is_said(tmp_path):
    assert "This is not a folder." in told(read_folder(tmp_path / "nowhere"))[0]


def test_types_and_costs_are_those_of_the_library():
    assert set(shapes.TYPES) == set(ResourceType.values)
    assert set(shapes.COSTS) == set(Cost.values)
