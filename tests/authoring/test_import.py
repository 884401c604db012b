"""A folder becomes draft rows: by key, in one act, and without losing what learners did."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from authoring.folder import read_folder
from authoring.models import Draft, RoadImport, RoadImportRefusedError
from progress.models import Tick
from quizzes.models import PaperItem, Question, Quiz
from roadmap.models import (
    Edition,
    EvidenceTask,
    Gate,
    Placement,
    Resource,
    Roadmap,
    RubricCriterion,
    Stage,
    Topic,
)
from tests.authoring.roads import MACHINE_LEARNING, THREE_STAGES, copy, edit, published, saved, swap
from tests.cast import NOW, enrolled, ines

pytestmark = pytest.mark.django_db

FEEDING = "stages/starter/topics/feeding.md"
PRICES = "stages/market/topics/prices.md"


@pytest.fixture
def folder(tmp_path):
    return copy(tmp_path)


def again(folder):
    """What importing the folder changes."""
    return RoadImport(read_folder(folder)).save(NOW)


def rows():
    """Every draft row's id by its natural key: equal before and after when no row was made anew."""
    return {
        model.__name__: dict(model.objects.values_list("key", "pk"))
        for model in (Roadmap, Stage, Topic, EvidenceTask, Quiz, Question, Resource)
    } | {"Placement": set(Placement.objects.values_list("pk", flat=True))}


def command(*words: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*map(str, words), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_all_of_a_folder_becomes_rows():
    road = saved()

    assert (road.title, road.level, road.hours_per_week) == ("Bread for a Market Stall", "beginner", 6)
    assert list(road.stages.values_list("key", "position")) == [("starter", 1), ("oven", 2), ("market", 3)]
    assert list(Topic.objects.filter(stage__key="starter").values_list("key", flat=True)) == [
        "feeding",
        "percentages",
    ]
    feeding = Topic.objects.get(key="feeding")
    assert feeding.body == "Watch the **bubbles**, not the clock."
    assert feeding.hours == {"first-loaf": [4, 6], "home-baker": [2, 3]}
    assert [p.key for p in Topic.objects.get(key="crust").prerequisites.all()] == ["percentages"]
    assert list(feeding.placements.values_list("resource__key", "role")) == [
        ("bread-starter-film", "core"),
        ("bread-water-notes", "reference"),
    ]
    task = EvidenceTask.objects.get(key="four-loaves")
    assert task.brief.startswith("Bake the same loaf four times")
    assert list(task.criteria.values_list("key", "must_meet")) == [("one-change", True), ("judgment", False)]
    gates = Gate.objects.filter(stage__key="market")
    assert [(g.kind, [s.key for s in g.stages.all()], [t.key for t in g.tasks.all()]) for g in gates] == [
        ("stage_passed", ["oven"], []),
        ("evidence_accepted", [], ["four-loaves"]),
    ]
    quiz = Quiz.objects.get(key="starter-quiz")
    assert (quiz.stage.key, quiz.pass_percent, quiz.attempts_limit, quiz.draw) == ("starter", 80, None, None)
    assert [item.question.key for item in quiz.items.all()] == ["q-bread-01", "q-bread-02", "q-bread-03"]
    question = Question.objects.get(key="q-bread-02")
    assert (question.type, question.topic.key, question.resource.key) == (
        "numeric",
        "percentages",
        "bread-scale",
    )
    assert question.draft["answer"] == 70
    assert "points" not in question.draft
    book = Resource.objects.get(key="bread-crumb-book")
    assert (book.type, book.cost, book.minutes_low, book.year) == ("book", "paid", None, 2019)


def test_learners_see_nothing_of_it_before_it_is_published():
    assert saved().current_edition is None
    assert not Edition.objects.exists()


def test_importing_the_same_folder_again_changes_nothing():
    saved()
    before = rows()

    changes = again(THREE_STAGES)

    assert not changes
    assert rows() == before


def test_a_title_changes_in_place_and_is_told(folder):
    saved()
    before = rows()
    swap(folder, FEEDING, "title: Feeding", "title: Daily feeding")

    changes = again(folder)

    assert changes.by_act == {"changed": {"topic": ["Daily feeding"]}}
    assert Topic.objects.get(key="feeding").title == "Daily feeding"
    assert rows() == before


def test_a_change_of_the_road_itself_or_of_prerequisites_is_told(folder):
    saved()
    swap(folder, "road.yaml", "title: Bread for a Market Stall", "title: Bread")
    swap(folder, "stages/oven/topics/crust.md", "prerequisites: [percentages]", "prerequisites: []")

    changes = again(folder)

    assert changes.by_act == {"changed": {"roadmap": ["Bread"], "prerequisites": ["Crust and crumb"]}}
    assert Roadmap.objects.get().title == "Bread"
    assert not again(folder)


def test_a_topic_that_moves_to_another_stage_keeps_its_row_and_the_ticks(folder):
    road = published()
    enrollment = enrolled_baker(road)
    enrollment.tick("bread-starter-film", NOW)
    before = rows()
    (folder / FEEDING).rename(folder / "stages/oven/topics/feeding.md")
    swap(folder, "stages/starter/stage.yaml", "topics: [feeding, percentages]", "topics: [percentages]")
    swap(folder, "stages/oven/stage.yaml", "topics: [crust]", "topics: [feeding, crust]")

    RoadImport(read_folder(folder)).publish(by=None, changelog="Moved.", now=NOW)

    assert rows() == before
    assert Topic.objects.get(key="feeding").stage.key == "oven"
    enrollment = type(enrollment).objects.select_related("roadmap").get(pk=enrollment.pk)
    assert enrollment.standing(NOW).by_key["oven"].core_done == 1
    assert Tick.objects.count() == 1


def enrolled_baker(road: Roadmap):
    enrollment = enrolled(ines(), on=road)
    enrollment.background = "home-baker"
    enrollment.save()
    return enrollment


def test_what_the_folder_lost_is_archived_and_what_comes_back_is_restored(folder):
    saved()
    before = rows()
    kept = (folder / PRICES).read_text()
    swap(folder, "road.yaml", "stages: [starter, oven, market]", "stages: [starter, oven]")
    for path in sorted((folder / "stages/market").rglob("*.*")):
        path.rename(folder.parent / path.name)

    gone = again(folder)

    assert gone.count("archived", "stage") == gone.count("archived", "topic") == 1
    assert gone.count("archived", "quiz") == gone.count("archived", "question") == 1
    archived = [
        Stage.objects.get(key="market"),
        Topic.objects.get(key="prices"),
        Quiz.objects.get(key="market-quiz"),
    ]
    assert [row.archived_at for row in archived] == [NOW] * 3
    assert [stage.key for stage in Draft(Roadmap.objects.get()).document().stages] == ["starter", "oven"]

    back = again(THREE_STAGES)

    assert back.count("restored", "stage") == back.count("restored", "topic") == 1
    assert back.count("restored", "quiz") == back.count("restored", "question") == 1
    assert not Topic.objects.exclude(archived_at=None).exists()
    assert rows() == before
    assert kept


def test_lists_without_facts_lose_their_rows(folder):
    saved()
    edit(folder, "faq.yaml", lambda text: text[text.index("- key: faq-gluten") :])
    swap(folder, FEEDING, "- resource: bread-water-notes\n  role: reference\n", "")

    again(folder)

    road = Roadmap.objects.get()
    assert [faq.key for faq in road.faqs.all()] == ["faq-gluten"]
    assert not Placement.objects.filter(resource__key="bread-water-notes").exists()
    assert Resource.objects.filter(key="bread-water-notes").exists()


def test_gates_prerequisites_rubrics_and_papers_follow_the_folder(folder):
    saved()
    swap(folder, "stages/market/stage.yaml", "- kind: stage_passed\n  stages: [oven]\n", "")
    swap(folder, "stages/oven/topics/crust.md", "prerequisites: [percentages]", "prerequisites: [feeding]")
    swap(folder, "stages/oven/evidence/four-loaves.md", "title: Judgment", "title: Taste")
    edit(folder, "stages/starter/quiz.yaml", lambda text: text[: text.index("- key: q-bread-03")])

    again(folder)

    assert [gate.kind for gate in Gate.objects.filter(stage__key="market")] == ["evidence_accepted"]
    assert [topic.key for topic in Topic.objects.get(key="crust").prerequisites.all()] == ["feeding"]
    assert RubricCriterion.objects.get(key="judgment").title == "Taste"
    assert PaperItem.objects.filter(quiz__key="starter-quiz").count() == 2
    assert Question.objects.get(key="q-bread-03").is_archived


def test_quizzes_may_change_places(folder):
    saved()
    one, other = folder / "stages/starter/quiz.yaml", folder / "stages/oven/quiz.yaml"
    first, second = one.read_text(), other.read_text()
    one.write_text(second), other.write_text(first)

    again(folder)

    assert dict(Quiz.objects.values_list("key", "stage__key")) == {
        "starter-quiz": "oven",
        "oven-quiz": "starter",
        "market-quiz": "market",
    }


def test_a_question_keeps_its_type(folder):
    saved()
    edit(
        folder,
        "stages/market/quiz.yaml",
        lambda text: text.replace("type: true_false", "type: numeric").replace("answer: true", "answer: 1"),
    )

    with pytest.raises(RoadImportRefusedError) as refused:
        again(folder)

    (fault,) = refused.value.faults
    assert (fault.file, fault.line) == ("stages/market/quiz.yaml", 11)
    assert "is of type true_false here, and a type never changes" in str(fault.what)
    assert Question.objects.get(key="q-bread-21").type == "true_false"


def test_a_question_of_another_road_is_not_written_over(folder):
    saved()
    swap(folder, "road.yaml", "key: three-stages", "key: other-bread")
    swap(folder, "road.yaml", "title: Bread", "title: Other bread")

    with pytest.raises(RoadImportRefusedError) as refused:
        again(folder)

    assert "belongs to the road “three-stages”" in str(refused.value.faults[0].what)
    assert Roadmap.objects.count() == 1


def test_a_folder_with_a_fault_writes_nothing(folder):
    swap(folder, PRICES, "resource: bread-prices", "resource: bread-price")
    with pytest.raises(CommandError, match="Nothing was imported"):
        command("road_import", folder, "--publish")

    assert not Roadmap.objects.exists()
    assert not Resource.objects.exists()


def test_the_command_names_each_fault_with_file_and_line(folder):
    swap(folder, PRICES, "resource: bread-prices", "resource: bread-price")
    err = StringIO()

    with pytest.raises(CommandError):
        call_command("road_import", str(folder), stdout=StringIO(), stderr=err)

    assert (
        "fault: stages/market/topics/prices.md:11: There is no resource “bread-price” on this road."
        " Did you mean “bread-prices”?"
    ) in err.getvalue()


def test_a_dry_run_says_what_would_change_and_writes_nothing(folder):
    out, _ = command("road_import", folder, "--dry-run")

    assert "3 × stage" in out
    assert "nothing was written" in out
    assert not Roadmap.objects.exists()


def test_the_command_imports_and_publishes(folder):
    out, _ = command("road_import", folder, "--publish", "--changelog", "With steam.")

    assert "Edition 1 of “Bread for a Market Stall” is published." in out
    assert Edition.objects.get().changelog == "With steam."
    assert all(quiz.current_version for quiz in Quiz.objects.all())


def test_publishing_that_fails_takes_the_import_back(folder):
    """A published topic whose row is gone stops publishing, so the import before it is undone too."""
    published()
    Placement.objects.filter(topic__key="prices").delete()
    Question.objects.filter(topic__key="prices").update(topic=None)
    Topic.objects.filter(key="prices").delete()
    for old, new in (("topics: [prices]", "topics: [costs]"),):
        swap(folder, "stages/market/stage.yaml", old, new)
    (folder / PRICES).rename(folder / "stages/market/topics/costs.md")
    swap(folder, "stages/market/topics/costs.md", "key: prices", "key: costs")
    swap(folder, "stages/market/quiz.yaml", "topic: prices", "topic: costs")

    with pytest.raises(CommandError):
        command("road_import", folder, "--publish")

    assert not Topic.objects.filter(key="costs").exists()
    assert Edition.objects.count() == 1


def test_the_check_needs_no_database(folder, django_db_blocker):
    with django_db_blocker.block():
        out, _ = command("road_check", folder)

    assert "3 stages, 4 topics, 6 resources, 6 questions" in out


def test_the_check_fails_on_a_fault(folder):
    swap(folder, "road.yaml", "level: beginner", "level: easy")
    out = StringIO()

    with pytest.raises(CommandError, match="faults: 1"):
        call_command("road_check", str(folder), stdout=out)

    assert (
        "fault: road.yaml:4: “level” can't be “easy”. Use beginner, intermediate or advanced."
        in out.getvalue()
    )


def queries(act) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


def test_a_large_road_is_imported_in_as_many_queries_as_a_small_one():
    small = queries(saved)
    large = queries(lambda: saved(MACHINE_LEARNING))

    assert large <= small + 4
    assert large <= 70


def test_a_draft_is_read_and_published_in_a_bounded_number_of_queries():
    small, large = saved(), saved(MACHINE_LEARNING)

    assert queries(Draft(large).document) == queries(Draft(small).document) <= 20
    later = NOW + timedelta(days=1)
    per_quiz = 10
    few = queries(lambda: Draft(small).publish(by=None, changelog="", now=later))
    many = queries(lambda: Draft(large).publish(by=None, changelog="", now=later))
    assert many - few <= 2 * per_quiz
