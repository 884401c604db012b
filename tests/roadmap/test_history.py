"""What drafts were: every change is kept, signed and shown, and can be brought back."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock
from accounts.apart import apart
from accounts.models.history import keep, signed
from progress.models import Tick
from quizzes.models import Question, Quiz
from roadmap.models import Faq, Gate, Resource, Roadmap, Stage, Topic
from tests.cast import ada, noor, road
from tests.desk import opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(noor())
    return client


@pytest.fixture
def stage() -> Stage:
    return Stage.objects.get(roadmap=road(), key="base")


def change(kind: str, row) -> str:
    return reverse(f"admin:{kind}_change", args=[row.pk])


def history(kind: str, row) -> str:
    return reverse(f"admin:{kind}_history", args=[row.pk])


def shown(desk, path: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", desk.get(path).content.decode()))


def test_a_save_at_the_desk_is_kept_with_who_and_when(desk, stage):
    clock.move(timedelta(hours=5))
    path = change("roadmap_stage", stage)

    desk.post(path, {**opened(desk, path), "title": "Base camp"})

    kept = stage.history.first()
    assert (kept.title, kept.history_type, kept.history_user) == ("Base camp", "~", noor())
    assert abs(kept.history_date - clock.now()) < timedelta(minutes=5)


def test_a_save_that_changes_nothing_leaves_no_trace(desk, stage):
    path, count = change("roadmap_stage", stage), stage.history.count()

    desk.post(path, opened(desk, path))

    assert stage.history.count() == count


def test_the_page_says_what_was_before_and_after(desk, stage):
    path = change("roadmap_stage", stage)
    desk.post(path, {**opened(desk, path), "title": "Base camp", "step_tags": "maps\nknots"})

    words = shown(desk, history("roadmap_stage", stage))

    assert "Noor Haddad" in words
    assert "Title Before Base After Base camp" in words
    assert "Tags Before – After maps knots" in words


def test_an_earlier_state_is_opened_in_the_form_and_saved_as_a_new_change(desk, stage):
    path = change("roadmap_stage", stage)
    first = stage.history.first()
    desk.post(path, {**opened(desk, path), "title": "Base camp"})

    then = f"{path}?as_of={first.pk}"
    assert then in desk.get(history("roadmap_stage", stage)).content.decode()
    form = opened(desk, then)
    assert form["title"] == "Base"
    stage.refresh_from_db()
    assert stage.title == "Base camp"
    assert desk.post(path, form).status_code == 302
    stage.refresh_from_db()
    assert stage.title == "Base"
    assert stage.history.count() == 3


def test_an_old_form_does_not_overwrite_what_changed_meanwhile(desk, stage):
    path = change("roadmap_stage", stage)
    form = opened(desk, f"{path}?as_of={stage.history.first().pk}")
    desk.post(path, {**opened(desk, path), "why": "Meanwhile"})

    assert desk.post(path, {**form, "title": "Then"}).status_code == 409


def test_the_state_of_another_row_is_not_opened(desk, stage):
    other = Stage.objects.get(key="ridge").history.first()

    assert desk.get(f"{change('roadmap_stage', stage)}?as_of={other.pk}").status_code == 404


def test_links_between_topics_are_kept_and_come_back(desk):
    rocks, maps = Topic.objects.get(roadmap=road(), key="rocks"), Topic.objects.get(key="wind")
    rocks.prerequisites.set([maps])
    linked = rocks.history.first()
    rocks.prerequisites.clear()

    assert f"Prerequisites Before {maps} After –" in shown(desk, history("roadmap_topic", rocks))
    assert opened(desk, f"{change('roadmap_topic', rocks)}?as_of={linked.pk}")["prerequisites"] == str(
        maps.pk
    )


def test_rows_edited_on_the_page_are_on_its_history(desk):
    faq = Faq.objects.create(roadmap=road(), key="long", question="How long?", answer="Months.")
    faq.delete()

    words = shown(desk, history("roadmap_roadmap", road()))

    assert "Frequently asked question “How long?” removed" in words
    assert "Months." in words


def test_questions_show_their_draft_in_words(desk):
    road()
    question = Question.objects.earliest("pk")
    question.draft = {**question.draft, "stem": "Is it new?"}
    question.save()

    assert "Is it new?" in shown(desk, history("quizzes_question", question))


def test_who_was_erased_is_a_former_member(desk, client, stage):
    client.force_login(ada())
    path = change("roadmap_stage", stage)
    client.post(path, {**opened(client, path), "title": "His"})

    ada().erase()

    client.force_login(noor())
    words = shown(client, history("roadmap_stage", stage))
    assert "former member" in words
    assert "Ada" not in words


def test_bulk_writes_are_kept_in_one_statement():
    stage = Stage.objects.get(roadmap=road(), key="summit")
    gate = (
        Gate.objects.get(stage=stage)
        if stage.gates.exists()
        else Gate.objects.create(stage=stage, kind="stage_passed")
    )
    gate.stages.set(Stage.objects.filter(key="ridge"))
    Gate.objects.update(because="In bulk")

    with CaptureQueriesContext(connection) as asked, signed(why="files", at=clock.now()):
        keep(Gate, [gate.pk], "~")

    kept = gate.history.first()
    assert (kept.because, kept.history_change_reason, kept.history_user) == ("In bulk", "files", None)
    assert [link.stage.key for link in kept.stages.all()] == ["ridge"]
    assert len([query for query in asked if "INSERT" in query["sql"]]) == 1


def test_publishing_changes_no_draft():
    before = Roadmap.history.count(), Quiz.history.count()
    made = road()

    assert made.current_edition_id
    assert Roadmap.history.count() == before[0] + 1
    assert Quiz.history.filter(history_type="~").count() == 0


def test_learners_facts_have_no_histories():
    assert not hasattr(Tick, "history")


def test_the_page_asks_no_more_for_more_changes(desk, stage):
    path = history("roadmap_stage", stage)
    desk.get(path)
    with CaptureQueriesContext(connection) as few:
        desk.get(path)
    for number in range(12):
        stage.title = f"Title {number}"
        stage.save()

    with CaptureQueriesContext(connection) as many:
        assert desk.get(path).status_code == 200
    assert len(many) <= len(few) + 1


def test_long_histories_have_pages(desk):
    resource = Resource.objects.create(key="x", title="X", type="docs", url="https://example.org/")
    for number in range(40):
        resource.title = f"X {number}"
        resource.save()

    words = shown(desk, history("roadmap_resource", resource))

    assert "X 39" in words
    assert "X 2 " not in words
    assert "Page 1 of 2" in words


def test_learners_do_not_read_histories(client, stage):
    assert client.get(history("roadmap_stage", stage)).status_code == 302


def test_words_that_only_one_wording_has_are_marked():
    before, after = apart("The old way out", "The new way out")

    assert [part.text for part in before if part.is_changed] == ["old"]
    assert [part.text for part in after if part.is_changed] == ["new"]
    assert "".join(part.text for part in after) == "The new way out"
    assert apart("", "All new") == ([], [("All new", False)])
