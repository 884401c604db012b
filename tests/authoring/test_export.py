"""A draft becomes a folder that says the same: the same digest, and the same files the second time."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from authoring import frozen, writing
from authoring.folder import read_folder
from authoring.models import Draft, RoadImport
from quizzes.models import Question
from roadmap.models import Stage, Topic
from tests.authoring.roads import MACHINE_LEARNING, THREE_STAGES, published, saved
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def export(key: str, folder: Path, *words: str) -> str:
    out = StringIO()
    call_command("road_export", key, str(folder), *words, stdout=out, stderr=StringIO())
    return out.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("source", [THREE_STAGES, MACHINE_LEARNING], ids=["three-stages", "machine-learning"])
def test_export_import_export_gives_the_same_digest_and_the_same_files(tmp_path, source):
    road = published(source)
    first, second = tmp_path / "first", tmp_path / "second"
    digest = Draft(road).document().digest()

    export(road.key, first)
    checked = read_folder(first)
    changes = RoadImport(checked).save(NOW)
    export(road.key, second)

    assert not changes
    assert checked.road is not None
    assert frozen.document(checked.road).digest() == digest == Draft(road).document().digest()
    assert not Draft(road).is_changed()
    assert contents(first) == contents(second)


def test_texts_of_all_shapes_survive(tmp_path):
    road = saved()
    odd = "  indented\n\n```\na:  b\n\ttab\n```\n# not a comment\n--- no document\n“quotes” ümläut 😀 : - ? &x *y !z %"
    Topic.objects.filter(key="feeding").update(body=odd.strip(), objective="yes", title="2026-01-01")
    Stage.objects.filter(key="oven").update(summary="null", why="1e3", step_tags=["no", "1.0", "#x"])
    question = Question.objects.get(key="q-bread-12")
    question.draft = {**question.draft, "stem": odd, "answers": ["7", "true", " x "]}
    question.save()
    before = Draft(road).folder()

    export(road.key, tmp_path / "out")

    assert read_folder(tmp_path / "out").road == before


def test_a_folder_with_something_in_it_is_not_written_over(tmp_path):
    road = saved()
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(CommandError, match="is not empty"):
        export(road.key, tmp_path)

    assert contents(tmp_path) == {"notes.txt": b"mine"}


def test_force_replaces_a_road_and_its_stale_files(tmp_path):
    road = saved()
    folder = tmp_path / "road"
    export(road.key, folder)
    Stage.objects.get(key="market").archive(NOW)

    export(road.key, folder, "--force")

    assert not (folder / "stages/market").exists()
    assert list(tmp_path.iterdir()) == [folder]


def test_force_replaces_nothing_but_a_road(tmp_path):
    road = saved()
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "road.yaml").write_text("key: x\n")

    with pytest.raises(CommandError, match="does not belong to a road"):
        export(road.key, tmp_path, "--force")

    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_disk_that_refuses_leaves_the_old_folder(tmp_path, monkeypatch):
    road = saved()
    folder = tmp_path / "road"
    export(road.key, folder)
    before = contents(folder)

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(CommandError, match="no space left"):
        export(road.key, folder, "--force")

    assert contents(folder) == before
    assert list(tmp_path.iterdir()) == [folder]


def test_a_link_is_not_written_through(tmp_path):
    road = saved()
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    with pytest.raises(CommandError, match="is not a folder"):
        export(road.key, tmp_path / "link")


def test_a_faulty_draft_is_not_exported(tmp_path):
    road = saved()
    Stage.objects.filter(key="oven").update(title="")

    with pytest.raises(CommandError, match="The draft has faults"):
        export(road.key, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_an_unknown_road_is_said_with_the_roads_there_are(tmp_path):
    saved()

    with pytest.raises(CommandError, match=r"There is no road “bread”\. There are: three-stages\."):
        export("bread", tmp_path / "out")


def test_files_are_readable_by_others(tmp_path):
    export(saved().key, tmp_path / "out")

    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755 & ~_umask()


def _umask() -> int:
    text = Path("/proc/self/status").read_text()
    return int(text.split("Umask:")[1].split()[0], 8)


def test_the_plain_writer_gives_equal_bytes_for_equal_roads():
    road = read_folder(THREE_STAGES).road
    assert road is not None

    assert writing.files(road) == writing.files(road)
    assert "grace_seconds" not in writing.files(road)["stages/oven/quiz.yaml"]
