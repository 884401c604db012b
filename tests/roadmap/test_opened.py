"""Two people at the desk: whoever saves second is told what the first changed, and nothing of either is lost."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation
from roadmap.models import Background, Faq, Placement, Resource, Stage, Topic
from tests.cast import NOW, ada, noor, person, road
from tests.desk import fields, opened
from tests.test_races import at_once

pytestmark = pytest.mark.django_db

CHANGED = "Changed by Ada Okafor at"


@pytest.fixture
def hers():
    return browser(noor())


@pytest.fixture
def his():
    return browser(ada())


def browser(who) -> Client:
    client = Client()
    client.force_login(who)
    return client


@pytest.fixture
def stage() -> Stage:
    return Stage.objects.get(roadmap=road(), key="base")


@pytest.fixture
def page(stage) -> str:
    return reverse("admin:roadmap_stage_change", args=[stage.pk])


def save(client, path, form, **typed):
    return client.post(path, {**form, **typed})


def test_an_untouched_form_saves_and_changes_nothing(hers, page, stage):
    before = Stage.objects.values().get(pk=stage.pk)

    assert save(hers, page, opened(hers, page)).status_code == 302

    assert Stage.objects.values().get(pk=stage.pk) == before


def test_the_second_is_told_and_nothing_is_written(hers, his, page, stage):
    form = opened(hers, page)
    save(his, page, opened(his, page), title="His title", why="Because he says so")

    answer = save(hers, page, form, title="Her title", summary="Her summary")

    words = answer.content.decode()
    assert answer.status_code == 409
    assert CHANGED in words
    assert "One field was changed by both of you" in words
    stage.refresh_from_db()
    assert (stage.title, stage.summary) == ("His title", "")


def test_her_typed_values_stay_and_his_other_changes_are_in_the_form(hers, his, page, stage):
    form = opened(hers, page)
    save(his, page, opened(his, page), title="His title", why="Because he says so")

    again = fields(save(hers, page, form, title="Her title", summary="Her summary").content.decode())

    assert again["title"] == "Her title"
    assert again["summary"] == "Her summary"
    assert again["why"] == "Because he says so"
    assert again["chosen:title"] == "mine"
    assert save(hers, page, again).status_code == 302
    stage.refresh_from_db()
    assert (stage.title, stage.summary, stage.why) == ("Her title", "Her summary", "Because he says so")


def test_she_may_choose_his(hers, his, page, stage):
    form = opened(hers, page)
    save(his, page, opened(his, page), title="His title", step_tags="one\ntwo")
    again = fields(save(hers, page, form, title="Hers", step_tags="three", why="Hers too").content.decode())

    saved = save(hers, page, {**again, "chosen:title": "theirs", "chosen:step_tags": "theirs"})

    assert saved.status_code == 302
    stage.refresh_from_db()
    assert (stage.title, stage.step_tags, stage.why) == ("His title", ["one", "two"], "Hers too")


def test_a_choice_outlives_another_fault(hers, his, page):
    form = opened(hers, page)
    save(his, page, opened(his, page), title="His title")
    again = fields(save(hers, page, form, title="Hers").content.decode())

    answer = save(hers, page, {**again, "chosen:title": "theirs", "position": "many"})

    assert answer.status_code == 422
    assert fields(answer.content.decode())["title"] == "His title"


def test_a_third_change_is_told_as_well(hers, his, page):
    form = opened(hers, page)
    save(his, page, opened(his, page), title="His first")
    again = fields(save(hers, page, form, title="Hers").content.decode())
    save(his, page, opened(his, page), title="His second")

    answer = save(hers, page, again)

    assert answer.status_code == 409
    assert "His second" in answer.content.decode()


def test_fields_that_only_he_changed_are_taken_over_without_a_choice(hers, his, page):
    form = opened(hers, page)
    save(his, page, opened(his, page), why="Because he says so")

    words = save(hers, page, form, title="Hers").content.decode()

    assert "No field was changed by both of you" in words
    assert "<li>Why it matters</li>" in words
    assert "chosen:" not in words


def test_pressing_save_twice_is_no_conflict_with_oneself(hers, page):
    form = opened(hers, page)

    assert save(hers, page, form, title="Hers").status_code == 302
    assert save(hers, page, form, title="Hers").status_code == 302


def test_a_fault_keeps_the_moment_of_opening(hers, his, page):
    form = opened(hers, page)
    save(his, page, opened(his, page), title="His title")

    first = save(hers, page, {**form, "title": "", "opened": form["opened"]})

    assert first.status_code == 409
    form = opened(hers, page)
    wrong = save(hers, page, form, position="many")
    assert wrong.status_code == 422
    save(his, page, opened(his, page), title="His next title")
    assert save(hers, page, fields(wrong.content.decode()), position="1", title="Hers").status_code == 409


@pytest.mark.parametrize("token", [None, "", "forged", "eyJhdCI6IiJ9:1:abc"])
def test_a_form_that_does_not_say_when_it_was_opened_overwrites_nothing(hers, page, stage, token):
    form = {**opened(hers, page), "opened": token}
    if token is None:
        del form["opened"]

    answer = save(hers, page, form, title="Hers")

    assert answer.status_code == 409
    stage.refresh_from_db()
    assert stage.title != "Hers"
    assert fields(answer.content.decode())["title"] == "Hers"


def test_the_moment_of_another_row_does_not_count(hers, page):
    other = reverse("admin:roadmap_stage_change", args=[Stage.objects.get(key="ridge").pk])

    answer = save(hers, page, {**opened(hers, page), "opened": opened(hers, other)["opened"]}, title="Hers")

    assert answer.status_code == 409


def test_rows_below_are_compared_as_well(hers, his, page, stage):
    topic = Topic.objects.get(key="rocks")
    form = opened(hers, page)
    place = next(n for n in range(9) if form.get(f"topics-{n}-id") == str(topic.pk))
    own = reverse("admin:roadmap_topic_change", args=[topic.pk])
    save(his, own, opened(his, own), title="His rocks")

    answer = save(hers, page, form, **{f"topics-{place}-title": "Her rocks"})

    assert answer.status_code == 409
    assert CHANGED in answer.content.decode()
    again = fields(answer.content.decode())
    assert again[f"topics-{place}-title"] == "Her rocks"
    save(hers, page, {**again, f"chosen:topics-{place}-title": "theirs"})
    topic.refresh_from_db()
    assert topic.title == "His rocks"


def resource(key: str) -> Resource:
    return Resource.objects.create(key=key, title=key.title(), type="docs", url="https://example.org/")


def test_rows_that_he_added_and_she_added_are_both_there(hers, his):
    topic = Topic.objects.get(roadmap=road(), key="rocks")
    path = reverse("admin:roadmap_topic_change", args=[topic.pk])
    form, before = opened(hers, path), topic.placements.count()

    def adding(form, row):
        new = {"id": "", "topic": topic.pk, "resource": row.pk, "role": "core", "position": "9"}
        count = int(form["placements-TOTAL_FORMS"])
        return {
            **form,
            "placements-TOTAL_FORMS": count + 1,
            **{f"placements-{count}-{name}": value for name, value in new.items()},
        }

    save(his, path, adding(opened(his, path), resource("his-book")))
    answer = save(hers, path, adding(form, resource("her-book")))

    assert answer.status_code == 409
    assert "new: " in answer.content.decode()
    assert save(hers, path, fields(answer.content.decode())).status_code == 302
    keys = set(topic.placements.values_list("resource__key", flat=True))
    assert {"his-book", "her-book"} <= keys
    assert len(keys) == before + 2


def test_a_row_that_he_removed_comes_back_when_she_edited_it(hers, his):
    faq = Faq.objects.create(roadmap=road(), key="long", question="How long?", answer="Months.")
    path = reverse("admin:roadmap_roadmap_change", args=[road().pk])
    form = opened(hers, path)
    save(his, path, opened(his, path), **{"faqs-0-DELETE": "on"})
    assert not Faq.objects.exists()

    answer = save(hers, path, form, **{"faqs-0-answer": "A year."})

    assert answer.status_code == 409
    assert "“How long?” was removed; with what you typed it is a new one." in answer.content.decode()
    assert save(hers, path, fields(answer.content.decode())).status_code == 302
    assert Faq.objects.get().answer == "A year."
    assert Faq.objects.get().pk != faq.pk


def test_a_row_that_he_removed_stays_away_when_she_left_it_alone(hers, his):
    Faq.objects.create(roadmap=road(), key="long", question="How long?", answer="Months.")
    path = reverse("admin:roadmap_roadmap_change", args=[road().pk])
    form = opened(hers, path)
    save(his, path, opened(his, path), **{"faqs-0-DELETE": "on"})

    answer = save(hers, path, form, summary="Hers.")

    assert "“How long?” was removed." in answer.content.decode()
    assert save(hers, path, fields(answer.content.decode())).status_code == 302
    assert not Faq.objects.exists()


def test_hours_and_questions_are_laid_together_as_well(hers, his):
    Background.objects.create(roadmap=road(), key="walker", title="Walker", months_low=1, months_high=2)
    topic = Topic.objects.get(roadmap=road(), key="rocks")
    path = reverse("admin:roadmap_topic_change", args=[topic.pk])
    form = opened(hers, path)
    save(his, path, opened(his, path), hours_walker_low="7", hours_walker_high="9")

    again = fields(save(hers, path, form, objective="Hers").content.decode())

    assert (again["hours_walker_low"], again["hours_walker_high"]) == ("7", "9")
    save(hers, path, again)
    topic.refresh_from_db()
    assert (topic.hours, topic.objective) == ({"walker": [7, 9]}, "Hers")


def test_what_changed_since_is_not_archived_unseen(hers, his, page, stage):
    token = opened(hers, page)["opened"]
    save(his, page, opened(his, page), title="His title")
    path = reverse("admin:roadmap_stage_archive", args=[stage.pk])

    refused = hers.post(path, {"archived": "1", "opened": token})

    assert refused.status_code == 409
    assert CHANGED in refused.content.decode()
    stage.refresh_from_db()
    assert not stage.is_archived
    assert hers.post(path, {"archived": "1", "opened": opened(hers, page)["opened"]}).status_code == 302
    stage.refresh_from_db()
    assert stage.is_archived


def test_a_row_put_away_meanwhile_is_said(hers, page, stage):
    form = opened(hers, page)
    stage.archive(NOW)

    answer = save(hers, page, form, title="Hers")

    assert answer.status_code == 409
    assert "moved to the archive" in answer.content.decode()


def test_people_and_invitations_are_compared_as_well(his):
    bea = person("Bea Novak", "learner")
    path = reverse("admin:accounts_user_change", args=[bea.pk])
    form = opened(his, path)
    save(his, path, opened(his, path), name="Bea N.")

    assert save(his, path, form, name="B. Novak").status_code == 409
    bea.refresh_from_db()
    assert bea.name == "Bea N."
    made, _ = Invitation.objects.invite("new@example.org", by=None, now=NOW)
    gone = reverse("admin:accounts_invitation_delete", args=[made.pk])
    assert 'name="opened"' in his.get(gone).content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_the_same_moment_exactly_one_wins():
    stage = Stage.objects.get(roadmap=road(), key="base")
    page = reverse("admin:roadmap_stage_change", args=[stage.pk])
    browsers = [browser(who) for who in (noor(), ada(), person("Cleo Diaz", "author"))]
    forms = [opened(one, page) for one in browsers]

    answers = at_once(
        *(
            lambda one=one, form=form, n=n: save(one, page, form, title=f"Title {n}").status_code
            for n, (one, form) in enumerate(zip(browsers, forms, strict=True))
        )
    )

    assert sorted(answers) == [302, 409, 409]
    stage.refresh_from_db()
    assert stage.title == f"Title {answers.index(302)}"
    assert Placement.objects.exists()
