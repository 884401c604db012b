"""The desk's page on which results follow a corrected key."""

import pytest
from django.urls import reverse

from quizzes.models import Attempt, Grading, Question, Regrade
from tests import cast
from tests.authoring.roads import published
from tests.desk import send
from tests.quizzes.test_regrade import corrected, handed_in, points

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(cast.noor())
    return client


def page(question: Question) -> str:
    return reverse("admin:authoring_regrade", args=[question.pk])


def scene() -> tuple[Attempt, Question]:
    wrong = handed_in(cast.ines(), {1: "false"}, 7)
    _before, after = corrected()
    return wrong, after.question


def test_an_author_looks_first_corrects_and_takes_it_back(desk):
    wrong, question = scene()
    chosen = {"policy": "new_only", "never_lower": "on"}

    looked = desk.post(page(question), {**chosen, "look": "1"})
    assert looked.status_code == 200
    assert (looked.context["found"].raised, looked.context["found"].newly_passed) == (1, 1)
    assert "Ines Moreau" in looked.content.decode()
    assert (Regrade.objects.count(), points(wrong)) == (0, 7)

    done = desk.post(page(question), {**chosen, "reason": "The key was wrong."}, follow=True)
    assert "1 result changed." in done.content.decode()
    assert points(wrong) == 8

    regrade = Regrade.objects.get()
    undo = reverse("admin:authoring_regrade_undo", args=[question.pk, regrade.pk])
    assert "The correction is undone." in desk.post(undo, follow=True).content.decode()
    assert points(wrong) == 7


def test_the_learner_reads_why_her_result_changed_and_goes_on(desk, client):
    wrong, question = scene()
    cast.enrolled(cast.ines())
    desk.post(page(question), {"policy": "both", "never_lower": "on", "reason": "Both can be right."})

    client.force_login(cast.ines())
    result = reverse("progress:quiz_result", args=["trail-test", "base-quiz", wrong.number])
    assert "Both can be right." in client.get(result).content.decode()


def test_a_correction_without_a_reason_is_refused_and_nothing_changes(desk):
    wrong, question = scene()

    refused = desk.post(page(question), {"policy": "both", "reason": ""})

    assert refused.status_code == 422
    assert "This field is required." in refused.content.decode()
    assert (Regrade.objects.count(), points(wrong)) == (0, 7)


def test_a_policy_that_does_not_exist_is_refused(desk):
    _wrong, question = scene()

    assert desk.post(page(question), {"policy": "x", "look": "1"}).status_code == 422


def test_a_question_whose_answer_never_changed_has_nothing_to_correct(desk):
    question = Question.objects.get(pk=cast.road().quizzes.get(key="base-quiz").items.all()[0].question_id)

    assert "Nothing to correct" in desk.get(page(question)).content.decode()


def test_publishing_a_corrected_key_leads_to_the_page(desk):
    road = published()
    question = Question.objects.filter(type="true_false").earliest("key")
    turned = {**question.draft, "answer": not question.draft["answer"]}
    Question.objects.filter(pk=question.pk).update(draft=turned)
    told = {"against": 1, "changelog": "A key was wrong.", "choice": "keep"}

    done = send(desk, reverse("admin:authoring_publish", args=[road.pk]), told, follow=True)

    assert page(question) in done.content.decode()


def test_undoing_by_a_link_changes_nothing(desk):
    wrong, question = scene()
    desk.post(page(question), {"policy": "both", "never_lower": "on", "reason": "Both."})
    undo = reverse("admin:authoring_regrade_undo", args=[question.pk, Regrade.objects.get().pk])

    desk.get(undo)

    assert points(wrong) == 8
    assert Grading.objects.count() == 2


@pytest.mark.parametrize("who", [cast.ines, cast.tomas])
def test_only_authors_correct_results(client, who):
    _wrong, question = scene()
    client.force_login(who())

    assert client.get(page(question)).status_code in {302, 403}
    assert not Regrade.objects.exists()
